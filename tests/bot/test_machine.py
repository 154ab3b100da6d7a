"""The machine as a whole: its start and its stop. The order law itself is in `tests/system`."""

import asyncio

from engine.domain.commands import Pause, Resume
from engine.domain.errors import JournalError
from engine.domain.events import StateRestored
from engine.domain.notices import AlarmKind
from engine.exchange.sim.fault_actions import DelayRequest, DropRequest
from tests.system.idle_loop import on_idle_loop
from tests.system.rig import BTC, rig, until


def restored(**settings: str) -> StateRestored:
    return StateRestored(settings=settings, trades=(), intents=(), fills=(), recent=())


@on_idle_loop
async def test_stop_when_an_entry_is_on_its_way_leaves_a_resting_stop_behind(tmp_path):
    """I11: SIGTERM a moment after the entry was sent left its position naked for good."""
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        world.arm(DelayRequest(1.0), "place_order")
        await world.signal()
        await until(lambda: bot.machine.books["live"].executor.is_sending, what="entry on its way")

        await bot.machine.stop()
        await asyncio.sleep(3)

        assert world.held(BTC) > 0
        assert [one["orderType"] for one in world.resting(BTC)].count("STOP_MARKET") == 1


@on_idle_loop
async def test_stop_when_no_stop_can_be_placed_leaves_at_market_within_10_s(tmp_path):
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        world.arm(DropRequest(), "place_algo", count=None)
        await world.signal()
        await until(lambda: world.held(BTC) > 0, what="filled")
        began = world.wall_s

        await bot.machine.stop()

        assert world.held(BTC) == 0
        assert world.wall_s - began <= 10.5


@on_idle_loop
async def test_stop_when_everything_is_protected_does_not_linger(tmp_path):
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        await world.enter(bot)
        began = world.wall_s

        await bot.machine.stop()

        assert world.wall_s - began < 3.0
        assert world.held(BTC) > 0
        assert world.resting(BTC)


@on_idle_loop
async def test_start_when_a_command_came_first_obeys_it_after_the_memory(tmp_path):
    """A /pause in the first moment was undone by the stored "not paused"."""
    async with rig(tmp_path) as world:
        first = await world.start_bot()
        pause = Pause(command_id="1", requested_by="owner")
        await first.machine.commands.submit(pause)
        await first.machine.commands.submit(Resume(command_id="2", requested_by="owner"))
        await first.machine.stop()
        second = await world._open_bot()
        world.bots.append(second)
        again = Pause(command_id="3", requested_by="owner")
        waiting = asyncio.ensure_future(second.machine.commands.submit(again))
        await asyncio.sleep(0)

        await second.machine.start(None, lambda _done, _total: None)

        receipt = await waiting
        snapshot = second.machine.engine.snapshot(second.machine.clock.instant())
        assert receipt.accepted
        assert snapshot.paused


@on_idle_loop
async def test_journal_when_it_cannot_be_written_is_told_once_to_the_operator(tmp_path):
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        journal = bot.machine._parts.journal

        async def refuse(_entries):
            raise JournalError("the disk is full")

        journal.append = refuse
        await bot.machine.commands.submit(Pause(command_id="1", requested_by="owner"))
        await asyncio.sleep(20)

        told = bot.notices.alarms(AlarmKind.DATABASE)
        assert len(told) == 1
        assert "the disk is full" in told[0]
