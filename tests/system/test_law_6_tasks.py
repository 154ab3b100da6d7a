"""Order law 6: nothing dies silently, and the stops rest at the exchange whatever dies."""

import asyncio

import pytest

from engine.domain.events import OrderFilled
from engine.runtime.tasks import TaskDied
from tests.system.choice import usual
from tests.system.idle_loop import on_idle_loop
from tests.system.rig import BTC, ETH, Bot, always, rig, until

VITAL = ["engine", "journal", "ticker"]


async def death(bot: Bot) -> str:
    """Wait until the process would end, and return what it would say."""
    try:
        async with asyncio.timeout(5):
            await bot.machine.tasks.wait_failed()
    except TaskDied as died:
        return str(died)
    except TimeoutError:
        raise AssertionError("a task died and nobody was told") from None
    raise AssertionError("the wait ended without a word")


@pytest.mark.parametrize("name", VITAL)
@on_idle_loop
async def test_process_when_a_vital_task_ends_goes_down_and_its_stops_rest(tmp_path, name):
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        await world.enter(bot)
        await until(lambda: len(world.resting(BTC)) == 2)

        bot.task(name).cancel()

        assert name in await death(bot)
        await bot.stop()
        assert len(world.resting(BTC)) == 2
        restarted = await world.start_bot()
        assert restarted.is_protected(BTC)
        world.assert_lawful()


@on_idle_loop
async def test_process_when_the_core_fails_on_a_fill_goes_down_and_recovers_by_restart(
    tmp_path, monkeypatch
):
    """A half-applied fill must never be lived with: the restart settles it with the exchange."""
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        process = bot.machine.engine.process

        def fail_on_fills(event, now):
            if isinstance(event, OrderFilled):
                raise ArithmeticError("planted")
            return process(event, now)

        monkeypatch.setattr(bot.machine.engine, "process", fail_on_fills)
        await world.signal()

        assert "planted" in await death(bot)
        await bot.stop()
        assert world.held(BTC) > 0
        restarted = await world.start_bot()
        assert restarted.is_protected(BTC)
        assert world.books_agree(restarted)
        world.assert_lawful()


@on_idle_loop
async def test_market_event_when_indigestible_is_counted_and_the_others_go_on(
    tmp_path, monkeypatch
):
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        process = bot.machine.engine.process

        def choke_on_eth(event, now):
            if getattr(event, "symbol", "") == ETH:
                raise ArithmeticError("planted")
            return process(event, now)

        monkeypatch.setattr(bot.machine.engine, "process", choke_on_eth)
        await world.enter(bot)

        assert bot.machine.loop.indigestible > 0


@pytest.mark.parametrize(
    "route", usual(["market", "public", "private", "ws_api", "all"], {"private", "all"})
)
@on_idle_loop
async def test_sockets_when_cut_come_back_and_the_bot_trades_on(tmp_path, route):
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        await world.enter(bot)

        world.server.close_sockets(route, 0)

        await until(
            lambda: bot.live.ready and bot.account.is_connected and not bot.blind, within_s=60
        )
        assert bot.is_protected(BTC)
        await world.enter(bot, ETH)
        assert world.books_agree(bot)
        world.assert_lawful()


@on_idle_loop
async def test_account_task_when_it_fails_is_restarted_and_hears_again(tmp_path, monkeypatch):
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        monkeypatch.setattr(bot.account._ws_api, "_read", None)  # the next connection dies of it
        world.server.close_sockets("ws_api", 0)
        await until(lambda: bot.machine.tasks.restarts.get("account", 0) > 0, what="died")
        monkeypatch.undo()

        await until(lambda: bot.account.is_connected and bot.account.is_hearing and bot.live.ready)

        await world.enter(bot)
        assert world.books_agree(bot)
        world.assert_lawful()


@on_idle_loop
async def test_exchange_when_away_for_maintenance_is_found_again_with_positions_intact(tmp_path):
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        await world.enter(bot)
        port = int(world.urls.rest.rpartition(":")[2])

        await world.server.stop()
        await until(lambda: not bot.live.ready, what="deaf")
        await always(lambda: BTC in bot.positions, for_s=60)
        await world.server.start(port=port)

        await until(
            lambda: bot.live.ready and not bot.blind and world.books_agree(bot), within_s=120
        )
        assert bot.is_protected(BTC)
        assert len(world.history.entries()) == 1
        assert world.history.exits(BTC) == []
        world.assert_lawful()
