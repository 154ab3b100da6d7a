import asyncio

from bot.localchat.faults import FaultKind, Faults


def test_take_when_nothing_is_planned_is_none() -> None:
    assert Faults().take("sendmessage") is None


def test_fault_when_planned_for_a_method_strikes_it_as_often_as_said() -> None:
    faults = Faults()
    faults.refuse(400, "Bad Request: no", method="sendMessage", times=2)
    assert faults.take("getme") is None
    struck = [faults.take("sendmessage") for _ in range(3)]
    assert [fault is not None for fault in struck] == [True, True, False]


def test_fault_when_planned_for_any_method_strikes_the_next_call() -> None:
    faults = Faults()
    faults.flood(30)
    fault = faults.take("getupdates")
    assert fault is not None
    assert fault.error is not None
    assert (fault.error.code, fault.error.retry_after) == (429, 30)


def test_faults_when_several_are_planned_strike_in_order() -> None:
    faults = Faults()
    faults.break_gateway(503)
    faults.delay(2.0)
    faults.lose_answer()
    kinds = [fault.kind for _ in range(3) if (fault := faults.take("getme"))]
    assert kinds == [FaultKind.GATEWAY, FaultKind.DELAY, FaultKind.LOSE_ANSWER]


async def test_deafness_when_ended_releases_the_waiting() -> None:
    faults = Faults()
    faults.deafen()
    assert faults.deaf
    waiting = asyncio.ensure_future(faults.until_hearing())
    await asyncio.sleep(0)
    assert not waiting.done()
    faults.hear()
    await waiting
    assert not faults.deaf


def test_clear_when_called_forgets_everything() -> None:
    faults = Faults()
    faults.delay(1.0, times=9)
    faults.deafen()
    faults.clear()
    assert faults.take("getme") is None
    assert not faults.deaf


async def test_hold_when_the_plan_is_cleared_ends_early() -> None:
    faults = Faults()
    holding = asyncio.ensure_future(faults.hold(60))
    await asyncio.sleep(0)
    assert not holding.done()
    faults.clear()
    await asyncio.wait_for(holding, 1)


async def test_hold_when_undisturbed_ends_after_its_time() -> None:
    await asyncio.wait_for(Faults().hold(0.001), 1)
