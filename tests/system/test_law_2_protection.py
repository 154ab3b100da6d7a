"""Order law 2: protection is at least once, and nothing of ours is naked for ten seconds."""

import pytest

from engine.domain.notices import AlarmKind
from engine.exchange.sim.fault_actions import (
    BAD_GATEWAY_502,
    STOP_NOT_SUPPORTED,
    THROTTLED_503,
    UNKNOWN_503,
    WOULD_TRIGGER,
    AnswerWith,
    DelayEvent,
    DelayReply,
    DropEvent,
    DropReply,
    DropRequest,
    RefuseWith,
    TruncateReply,
)
from engine.exchange.sim.wire.fault_json import RejectTrigger
from tests.system.choice import usual
from tests.system.idle_loop import on_idle_loop
from tests.system.rig import BTC, Bot, Rig, always, rig, until

STOP = {"operation": "place_algo", "where": {"type": "STOP_MARKET"}}
EXIT = {"operation": "place_order", "where": {"type": "MARKET"}}
NEVER_ARRIVED = usual(
    [DropRequest(), RefuseWith(UNKNOWN_503), RefuseWith(THROTTLED_503)], [DropRequest()]
)


def stops_resting(world: Rig) -> int:
    """Stops that rest at the exchange for the symbol of these tests."""
    return sum(row["orderType"] == "STOP_MARKET" for row in world.resting(BTC))


async def closed(world: Rig, bot: Bot) -> list[str]:
    """Wait until the position was left and nothing rests; return the reasons told."""
    await until(lambda: bool(world.history.exits(BTC)) and bot.is_flat(BTC), what="closed")
    assert world.held(BTC) == 0
    assert world.resting(BTC) == []
    assert world.books_agree(bot)
    return [one.trade.reason.value for one in bot.notices.exits()]


@pytest.mark.parametrize("refusal", [STOP_NOT_SUPPORTED, WOULD_TRIGGER], ids=["-4120", "-2021"])
@on_idle_loop
async def test_position_when_its_stop_is_refused_is_closed_at_market_at_once(tmp_path, refusal):
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        world.arm(RefuseWith(refusal), **STOP, count=None)
        await world.signal()

        reasons = await closed(world, bot)

        assert reasons == ["unprotected"]
        assert bot.notices.alarms(AlarmKind.UNPROTECTED)
        assert world.longest_naked_s() < 2.0
        world.assert_lawful()


@pytest.mark.parametrize("lost", [1, 2])
@pytest.mark.parametrize("fate", NEVER_ARRIVED)
@on_idle_loop
async def test_position_when_its_stop_never_arrived_gets_another_after_2_and_5_seconds(
    tmp_path, fate, lost
):
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        world.arm(fate, **STOP, count=lost)

        await world.enter(bot)

        assert world.longest_naked_s() < {1: 3.0, 2: 6.0}[lost]
        await until(lambda: stops_resting(world) == 1)
        assert bot.notices.exits() == []
        world.assert_lawful()


@pytest.mark.parametrize("fate", NEVER_ARRIVED)
@on_idle_loop
async def test_position_when_no_stop_arrives_for_7_seconds_is_closed_at_market(tmp_path, fate):
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        world.arm(fate, **STOP, count=None)
        await world.signal()

        reasons = await closed(world, bot)

        assert reasons == ["unprotected"]
        assert bot.notices.alarms(AlarmKind.UNPROTECTED)
        assert 5.0 < world.longest_naked_s() < 9.0
        world.assert_lawful()


@pytest.mark.parametrize("stream", usual(["heard", "mute"], {"mute"}))
@pytest.mark.parametrize(
    "fate",
    [DropReply(), AnswerWith(UNKNOWN_503), AnswerWith(BAD_GATEWAY_502), TruncateReply()],
)
@on_idle_loop
async def test_stop_when_only_its_reply_is_lost_ends_as_one_stop_over_the_position(
    tmp_path, fate, stream
):
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        world.arm(fate, **STOP)
        if stream == "mute":
            world.arm(DropEvent(), "ALGO_UPDATE", count=None)

        await world.enter(bot)

        world.server.faults.clear()
        await until(lambda: stops_resting(world) == 1, what="duplicates are cancelled")
        assert bot.notices.exits() == []
        assert world.longest_naked_s() < 2.0
        world.assert_lawful()


@pytest.mark.parametrize("delay_s", [2.0, 5.0])
@on_idle_loop
async def test_stop_when_its_confirmation_is_late_may_be_sent_again_but_ends_as_one(
    tmp_path, delay_s
):
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        world.arm(DelayReply(delay_s), **STOP)
        world.arm(DelayEvent(delay_s), "ALGO_UPDATE", count=2)

        await world.enter(bot)

        assert len(world.history.stops(BTC)) <= 3
        await until(lambda: stops_resting(world) == 1, what="duplicates are cancelled")
        await always(lambda: stops_resting(world) == 1, for_s=3)
        assert bot.notices.exits() == []
        world.assert_lawful()


@on_idle_loop
async def test_position_when_its_stop_is_rejected_at_its_trigger_is_closed_at_market(tmp_path):
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        await world.enter(bot)
        world.server.strike(RejectTrigger(BTC, "Margin is insufficient."))

        world.trade_at(BTC, "0.97")

        assert world.held(BTC) > 0  # the stop is gone and has closed nothing
        assert await closed(world, bot) == ["stop"]
        assert world.longest_naked_s() < 2.0
        world.assert_lawful()


@on_idle_loop
async def test_stop_when_cancelled_behind_our_back_is_replaced_at_once(tmp_path):
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        await world.enter(bot)

        assert world.cancel_stops_by_hand(BTC) == 1

        await until(lambda: stops_resting(world) == 1, what="replaced")
        await until(lambda: bot.is_protected(BTC))
        assert world.longest_naked_s() < 2.0
        world.assert_lawful()


@on_idle_loop
async def test_stop_when_cancelled_again_and_again_ends_in_a_market_exit(tmp_path):
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        await world.enter(bot)

        for placed in range(1, 6):
            await until(lambda placed=placed: len(world.history.stops(BTC)) == placed)
            await until(lambda: bot.is_protected(BTC))
            world.cancel_stops_by_hand(BTC)

        assert await closed(world, bot) == ["unprotected"]
        world.assert_lawful()


@on_idle_loop
async def test_stop_when_its_cancellation_was_not_heard_is_missed_by_the_position_guard(tmp_path):
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        await world.enter(bot)
        world.arm(DropEvent(), "ALGO_UPDATE")
        world.cancel_stops_by_hand(BTC)
        await until(lambda: world.struck == 1)

        # One guard request every 5 minutes of exchange time.
        await until(lambda: stops_resting(world) == 1, within_s=320 / world.clock.speed)

        await until(lambda: bot.is_protected(BTC))
        assert world.rest_calls(bot, "position_guard") > 0


@pytest.mark.parametrize(
    "fate",
    [DropReply(), DropRequest(), AnswerWith(BAD_GATEWAY_502), RefuseWith(THROTTLED_503)],
)
@on_idle_loop
async def test_market_exit_when_it_is_in_doubt_is_sent_until_the_position_is_closed(tmp_path, fate):
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        world.arm(RefuseWith(STOP_NOT_SUPPORTED), **STOP, count=None)
        world.arm(fate, **EXIT)
        await world.signal()

        assert await closed(world, bot) == ["unprotected"]

        assert world.held(BTC) == 0  # reduce-only: a second exit cannot open the other side
        world.assert_lawful()


@pytest.mark.parametrize("fate", [DropRequest(), RefuseWith(UNKNOWN_503)])
@on_idle_loop
async def test_position_when_its_stops_and_its_first_exit_are_lost_is_not_naked_for_ten_seconds(
    tmp_path, fate
):
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        world.arm(DropRequest(), **STOP, count=None)
        world.arm(fate, **EXIT)
        await world.signal()

        assert await closed(world, bot) == ["unprotected"]

        assert 7.0 < world.longest_naked_s() < 9.0  # 7 s, a tick, and 1 s for the lost exit
        world.assert_lawful()
