"""Order law 1: entries are at most once, whatever becomes of their replies."""

from decimal import Decimal

import pytest

from engine.domain.notices import AlarmKind
from engine.domain.order import Purpose
from engine.exchange.sim.fault_actions import (
    BAD_GATEWAY_502,
    GATEWAY_TIMEOUT_504,
    ORDER_UNKNOWN,
    TIMEOUT_408,
    UNKNOWN_503,
    AnswerWith,
    DelayReply,
    DelayRequest,
    DropEvent,
    DropReply,
    DropRequest,
    RefuseWith,
    TruncateReply,
)
from tests.system.choice import usual
from tests.system.idle_loop import on_idle_loop
from tests.system.rig import ACCOUNT, BTC, ETH, Rig, always, rig, until

ENTRY = {"operation": "place_order", "where": {"type": "LIMIT"}}
LOST_AFTER_EXECUTION = {
    "disconnect": DropReply(),
    "503 unknown": AnswerWith(UNKNOWN_503),
    "-1007": AnswerWith(TIMEOUT_408),
    "502 html": AnswerWith(BAD_GATEWAY_502),
    "504 html": AnswerWith(GATEWAY_TIMEOUT_504),
    "cut short": TruncateReply(),
    "late": DelayReply(8.0),
}
LOST_BEFORE_EXECUTION = {
    "disconnect": DropRequest(),
    "503 unknown": RefuseWith(UNKNOWN_503),
    "-1007": RefuseWith(TIMEOUT_408),
}


def deafen(world: Rig) -> int:
    """Lose every event of the user data stream from now on."""
    return world.arm(DropEvent(), "*_UPDATE", count=None)


@pytest.mark.parametrize("fate", LOST_AFTER_EXECUTION)
@pytest.mark.parametrize("stream", usual(["heard", "mute"], {"mute"}))
@on_idle_loop
async def test_entry_when_its_reply_is_lost_is_found_and_protected_not_repeated(
    tmp_path, fate, stream
):
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        world.arm(LOST_AFTER_EXECUTION[fate], **ENTRY)
        if stream == "mute":
            deafen(world)

        await world.enter(bot)

        assert len(world.history.entries()) == 1
        assert bot.positions[BTC].qty == world.held(BTC) > 0
        world.server.faults.clear()
        await always(lambda: len(world.history.entries()) == 1, for_s=10)
        world.assert_lawful()


@pytest.mark.parametrize("fate", usual(LOST_BEFORE_EXECUTION, {"503 unknown"}))
@on_idle_loop
async def test_entry_when_it_never_arrived_freezes_its_symbol_and_is_not_sent_again(tmp_path, fate):
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        await world.enter(bot, ETH)  # the first live stop is proved: other symbols may trade
        world.arm(LOST_BEFORE_EXECUTION[fate], **ENTRY)
        await world.signal()
        await until(lambda: bot.live.unknown == 1, what="an unknown entry")

        await world.signal()

        assert bot.notices.refusals()[-1].startswith("busy_symbol")
        await until(lambda: not bot.live.pending, within_s=150, what="the entry is given up")
        assert bot.live.unknown == 1  # its tombstone
        await world.signal()
        assert "may still appear" in bot.notices.refusals()[-1]
        assert world.history.entries(BTC) == []
        world.assert_lawful()


@on_idle_loop
async def test_entry_when_queries_lie_and_the_stream_is_mute_is_found_by_its_position(tmp_path):
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        deafen(world)
        world.arm(AnswerWith(UNKNOWN_503), **ENTRY)
        world.arm(RefuseWith(ORDER_UNKNOWN), "query_order", count=None)

        await world.enter(bot)

        assert len(world.history.entries()) == 1
        world.assert_lawful()
        await always(lambda: bot.is_protected(BTC), for_s=130)  # the search for it runs out
        assert len(world.history.entries()) == 1
        world.server.faults.clear()
        world.trade_at(BTC, "0.97")
        await until(lambda: bot.is_flat(BTC) and world.books_agree(bot), what="free again")


@pytest.mark.parametrize("restart", [False, True])
@on_idle_loop
async def test_entry_when_it_appears_after_its_expiry_is_adopted_and_protected_at_once(
    tmp_path, restart
):
    async with rig(tmp_path, limits={"max_slippage_ratio": Decimal("0.02")}) as world:
        bot = await world.start_bot()
        world.arm(RefuseWith(UNKNOWN_503), **ENTRY)
        await world.signal()
        await until(lambda: bot.live.unknown == 1)
        entry = bot.machine.engine._state.books[bot.live.book].trades[BTC].entry
        assert entry is not None
        await until(lambda: not bot.live.pending, within_s=150, what="the entry is given up")
        if restart:
            await bot.kill()
            bot = await world.start_bot()
            assert bot.live.unknown == 1  # the tombstone is remembered

        world.by_hand(BTC, "BUY", str(entry.qty), newClientOrderId=entry.client_id)

        await until(lambda: bot.is_protected(BTC), what="adopted")
        assert bot.positions[BTC].setup_id == world.script.raised[0].setup_id
        assert bot.notices.alarms(AlarmKind.ADOPTED)
        assert world.longest_naked_s() < 3.0
        world.assert_lawful()


@pytest.mark.parametrize("fate", ["landed", "landing"])
@on_idle_loop
async def test_entry_when_the_bot_dies_before_the_reply_is_settled_by_the_next_one(tmp_path, fate):
    async with rig(tmp_path) as world:
        first = await world.start_bot()
        world.arm(DelayReply(60.0) if fate == "landed" else DelayRequest(4.0), **ENTRY)
        await world.signal()
        await until(lambda: world.struck == 1)
        if fate == "landed":
            await until(lambda: len(world.history.entries()) == 1)
        await first.kill()

        second = await world.start_bot()

        await until(lambda: second.is_protected(BTC), what="settled after the restart")
        assert second.positions[BTC].qty == world.held(BTC)
        assert len(world.history.entries()) == 1
        world.assert_lawful()


@on_idle_loop
async def test_entry_when_unknown_over_a_restart_stays_frozen_and_is_not_sent_again(tmp_path):
    async with rig(tmp_path) as world:
        first = await world.start_bot()
        world.arm(RefuseWith(UNKNOWN_503), **ENTRY)
        await world.signal()
        await until(lambda: first.live.unknown == 1)
        await first.kill()

        second = await world.start_bot(ready=False)
        await until(lambda: second.live.ready)

        assert second.live.unknown == 1
        await world.signal()
        assert second.notices.refusals()[-1].startswith("busy_symbol")
        await always(lambda: world.history.entries() == [], for_s=20)


@pytest.mark.parametrize("restart", [False, True])
@on_idle_loop
async def test_signal_when_raised_again_is_not_entered_again(tmp_path, restart):
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        await world.enter(bot)
        world.trade_at(BTC, "0.97")
        await until(lambda: bot.is_flat(BTC))
        if restart:
            await bot.kill()
            bot = await world.start_bot()

        await world.signal(key=world.script.raised[0].setup_id)

        await until(lambda: bool(bot.notices.alarms(AlarmKind.REJECTED)))
        assert "entered before" in bot.notices.alarms(AlarmKind.REJECTED)[-1]
        await until(lambda: bot.is_flat(BTC))
        assert len(world.history.entries()) == 1
        assert len(world.history.facts("order_placed", Purpose.ENTRY)) == 1
        assert world.exchange.ledger.summary(account=ACCOUNT)["liquidations"] == 0
