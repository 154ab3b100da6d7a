"""Order law 5: after downtime positions are protected first, then what is overdue is closed."""

import pytest

from engine.domain.notices import AlarmKind
from engine.domain.order import Purpose
from engine.exchange.sim.fault_actions import DropEvent, DropRequest
from engine.risk.exits import ExitPolicy
from tests.system.idle_loop import on_idle_loop
from tests.system.rig import BTC, ETH, always, rig, until

STOP = {"operation": "place_algo", "where": {"type": "STOP_MARKET"}}
SHORT_LIFE = ExitPolicy(time_candles=5, stagnation_candles=100_000)
SIX_MINUTES_MS = 6 * 60_000


@on_idle_loop
async def test_position_when_the_bot_is_killed_is_adopted_with_its_plan(tmp_path):
    async with rig(tmp_path) as world:
        first = await world.start_bot()
        await world.enter(first)
        await until(lambda: len(world.resting(BTC)) == 2, what="stop and target")
        plan = first.positions[BTC]
        await first.kill()
        await always(lambda: len(world.resting(BTC)) == 2, for_s=5)  # they rest without us

        second = await world.start_bot()

        found = second.positions[BTC]
        assert (found.setup_id, found.stop_price, found.target_price, found.risk, found.qty) == (
            plan.setup_id,
            plan.stop_price,
            plan.target_price,
            plan.risk,
            plan.qty,
        )
        assert second.is_protected(BTC)
        assert world.books_agree(second)
        await always(lambda: len(world.resting(BTC)) == 2, for_s=5)  # nothing was sent twice
        assert len(world.history.entries()) == 1
        assert world.history.exits(BTC) == []
        world.assert_lawful()


@on_idle_loop
async def test_position_when_found_naked_is_protected_before_anything_else(tmp_path):
    async with rig(tmp_path) as world:
        first = await world.start_bot()
        world.arm(DropRequest(), "place_algo", count=None)
        await world.signal()
        await until(lambda: world.held(BTC) > 0)
        await first.kill()
        world.server.faults.clear()
        assert world.resting() == []
        began = world.wall_s

        second = await world.start_bot(ready=False)

        await until(lambda: second.is_protected(BTC), what="protected")
        assert world.wall_s - began < 5.0
        assert len(world.history.entries()) == 1
        assert world.history.exits(BTC) == []


@pytest.mark.parametrize("naked", [False, True])
@on_idle_loop
async def test_position_when_overdue_is_protected_and_then_closed_with_reason_time(tmp_path, naked):
    async with rig(tmp_path, exits=SHORT_LIFE) as world:
        first = await world.start_bot()
        if naked:
            world.arm(DropRequest(), "place_algo", count=None)
        await world.signal()
        await until(lambda: world.held(BTC) > 0 and (naked or first.is_protected(BTC)))
        await first.kill()
        world.server.faults.clear()
        back_ms = world.now_ms + SIX_MINUTES_MS
        await until(lambda: world.now_ms >= back_ms)

        second = await world.start_bot(ready=False)

        await until(lambda: second.is_flat(BTC) and world.held(BTC) == 0, what="closed")
        assert [one.trade.reason.value for one in second.notices.exits()] == ["time"]
        (exit_order,) = world.history.exits(BTC)
        (stop,) = world.history.stops(BTC)
        facts = list(world.exchange.ledger.facts)
        assert facts.index(stop) < facts.index(exit_order)
        assert world.books_agree(second)
        assert world.resting() == []


@on_idle_loop
async def test_position_when_stopped_out_while_down_is_booked_from_its_executions(tmp_path):
    async with rig(tmp_path) as world:
        first = await world.start_bot()
        await world.enter(first)
        await first.kill()
        world.trade_at(BTC, "0.97")
        assert world.held(BTC) == 0

        second = await world.start_bot()

        await until(lambda: second.is_flat(BTC) and world.resting() == [], what="booked")
        (exit_notice,) = second.notices.exits()
        assert exit_notice.trade.reason.value == "stop"
        assert exit_notice.trade.net == world.wallet - 10_000
        assert world.books_agree(second)
        await world.enter(second)
        assert len(world.history.entries()) == 2
        world.assert_lawful()


@on_idle_loop
async def test_position_when_the_database_is_lost_keeps_its_stop_and_stays_ours(tmp_path):
    """Client order ids are deterministic: the exchange alone tells what is ours."""
    async with rig(tmp_path) as world:
        first = await world.start_bot()
        await world.enter(first)
        stop = first.positions[BTC].stop_price
        await first.kill()
        for file in tmp_path.glob("trade.db*"):
            file.unlink()

        second = await world.start_bot()

        assert second.is_protected(BTC)
        assert second.positions[BTC].stop_price == stop
        assert second.notices.alarms(AlarmKind.ADOPTED)
        await always(lambda: len(world.history.stops(BTC)) == 1, for_s=5)
        assert len(world.history.entries()) == 1
        world.assert_lawful()


@on_idle_loop
async def test_position_when_the_bot_dies_twice_is_still_one_position(tmp_path):
    """The second death comes while the first is being recovered from, before its snapshot."""
    async with rig(tmp_path) as world:
        first = await world.start_bot()
        world.arm(DropRequest(), **STOP, count=None)
        await world.signal()
        await until(lambda: world.held(BTC) > 0)
        await first.kill()
        second = await world.start_bot(ready=False)
        await second.kill()
        world.server.faults.clear()

        third = await world.start_bot()

        assert third.is_protected(BTC)
        assert world.books_agree(third)
        assert len(world.history.facts("order_placed", Purpose.ENTRY)) == 1


@on_idle_loop
async def test_positions_when_stopped_cleanly_keep_their_stops_and_are_found_again(tmp_path):
    async with rig(tmp_path) as world:
        first = await world.start_bot()
        await world.enter(first)
        await world.enter(first, ETH)
        world.arm(DropEvent(), "*_UPDATE", count=None)
        began = world.wall_s
        await first.stop()
        assert world.wall_s - began < 10.0
        world.server.faults.clear()
        assert {row["symbol"] for row in world.resting()} == {BTC, ETH}

        second = await world.start_bot()

        assert second.is_protected(BTC)
        assert second.is_protected(ETH)
        assert world.books_agree(second)
        world.assert_lawful()
