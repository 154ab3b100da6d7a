"""/panic flattens while everything around it is slow: the venue, its limits, the disk, the chat."""

import asyncio

import pytest

from engine.domain.commands import Panic
from engine.domain.signal import Mode
from engine.exchange.sim.fault_actions import DelayRequest, ErrorReply, RefuseWith
from tests.system.idle_loop import on_idle_loop
from tests.system.rig import BTC, ETH, Bot, Rig, rig, until

TOO_MANY = ErrorReply(429, -1003, "Too many requests; current limit is 2400 per minute.")
SLOW_READS = (
    *("account_v3", "position_risk_v3", "open_orders", "open_algos", "income", "user_trades"),
    *("query_order", "query_algo", "symbol_config", "klines", "ticker_24h", "exchange_info"),
)
PANIC = Panic(command_id="panic", requested_by="owner")


async def panic(bot: Bot) -> float:
    """Give the command and return how long its receipt took, loop seconds."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    receipt = await bot.machine.commands.submit(PANIC)
    assert receipt.accepted
    return loop.time() - began


def slow_reads(world: Rig, seconds: float) -> None:
    for name in SLOW_READS:
        world.arm(DelayRequest(seconds), name, count=None)


async def flattened(world: Rig, bot: Bot, within_s: float) -> None:
    def flat() -> bool:
        return not world.held(BTC) and not world.held(ETH)

    await until(flat, within_s, "flat at the exchange")
    snapshot = bot.machine.engine.snapshot(bot.machine.clock.instant())
    assert snapshot.mode is Mode.SIGNALS
    assert snapshot.paused


@on_idle_loop
async def test_panic_when_every_read_of_the_venue_hangs_flattens_within_seconds(tmp_path):
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        await world.enter(bot, BTC)
        await world.enter(bot, ETH)
        slow_reads(world, 15.0)

        assert await panic(bot) < 1.0

        await flattened(world, bot, 3.0)


@on_idle_loop
async def test_panic_when_the_venue_answers_orders_slowly_sends_both_exits_at_once(tmp_path):
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        await world.enter(bot, BTC)
        await world.enter(bot, ETH)
        world.arm(DelayRequest(3.0), "place_order", count=2)

        assert await panic(bot) < 1.0

        await flattened(world, bot, 4.0)


@pytest.mark.parametrize("refusals", [1, 3])
@on_idle_loop
async def test_panic_when_the_venue_answers_429_is_not_held_back_by_our_own_pause(
    tmp_path, refusals
):
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        await world.enter(bot, BTC)
        world.arm(RefuseWith(TOO_MANY), "place_order", count=refusals)
        bot.rest.budget.refused(30.0, banned=False)

        assert await panic(bot) < 1.0

        await flattened(world, bot, 10.0)


@on_idle_loop
async def test_panic_when_the_weight_is_used_up_still_has_its_share(tmp_path):
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        await world.enter(bot, BTC)
        bot.rest.budget.told_weight(2_200)

        assert await panic(bot) < 1.0

        await flattened(world, bot, 3.0)


@on_idle_loop
async def test_panic_when_the_disk_hangs_flattens_all_the_same(tmp_path, monkeypatch):
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        await world.enter(bot, BTC)
        journal = bot.machine._parts.journal
        hang = asyncio.Event()

        def hanging(work):
            async def wait(*given):
                await hang.wait()
                return await work(*given)

            return wait

        for name in ("append", "save_intent", "settle_intent"):
            monkeypatch.setattr(journal, name, hanging(getattr(journal, name)), raising=False)

        assert await panic(bot) < 1.0

        await flattened(world, bot, 3.0)
        hang.set()
