"""All laws at once: every fault of the menu by chance, people meddling, deaths, then peace."""

import random
from decimal import Decimal

import pytest

from engine.domain.setup import Direction
from engine.exchange.sim.fault_menu import chance_faults
from tests.system.idle_loop import on_idle_loop
from tests.system.rig import BTC, ETH, Bot, Rig, always, rig, until

FAULT_CHANCE = 0.02
"""Of each of the 15 faults that may strike an order: every fourth order is in trouble."""
ROUNDS = 10
HEAL_S = 30.0
UNKNOWN_EXPIRES_S = 150.0


class Storm:
    """Ten rounds of trading while everything goes wrong."""

    def __init__(self, world: Rig, seed: int) -> None:
        self._world = world
        self._rng = random.Random(seed)

    async def rage(self) -> Bot:
        """Return the bot that lived to the end."""
        world = self._world
        bot = await world.start_bot()
        for rule in chance_faults(FAULT_CHANCE):
            world.server.faults.arm(rule)
        for _ in range(ROUNDS):
            symbol = self._rng.choice((BTC, ETH))
            world.script.want(symbol, self._rng.choice(tuple(Direction)))
            await always(lambda: True, for_s=self._rng.uniform(3.0, 12.0))
            bot = await self._meddle(bot, symbol)
        return bot

    async def _meddle(self, bot: Bot, symbol: str) -> Bot:
        world = self._world
        match self._rng.randrange(8):
            case 0 | 1:
                world.trade_at(symbol, "0.97")
            case 2 | 3:
                world.trade_at(symbol, "1.03")
            case 4:
                world.cancel_stops_by_hand(symbol)
            case 5:
                world.server.close_sockets(self._rng.choice(("private", "ws_api", "all")), 0)
            case 6:
                await bot.kill()
                return await world.start_bot(ready=False)
            case _:
                pass
        return bot


def settled(world: Rig, bot: Bot) -> bool:
    """Whether both sides hold one truth and every position has its stop."""
    held = [symbol for symbol in (BTC, ETH) if world.held(symbol)]
    return (
        bot.live.ready
        and world.books_agree(bot)
        and all(bot.is_protected(symbol) for symbol in held)
        and {row["symbol"] for row in world.resting()} <= set(held)
    )


@pytest.mark.parametrize(
    "seed", [1, 2, 3, *(pytest.param(seed, marks=pytest.mark.prove) for seed in range(4, 44))]
)
@on_idle_loop
async def test_laws_when_everything_goes_wrong_hold(tmp_path, seed):
    async with rig(tmp_path, seed=seed) as world:
        bot = await Storm(world, seed).rage()

        world.server.faults.clear()
        await until(lambda: settled(world, bot), within_s=HEAL_S, what="healed")

        assert world.history.most_entries_of_a_signal() <= 1
        assert world.exchange.ledger.summary()["liquidations"] == 0
        await until(lambda: not bot.live.pending, within_s=UNKNOWN_EXPIRES_S, what="none unknown")
        assert settled(world, bot)
        for symbol in (BTC, ETH):
            assert abs(world.held(symbol)) < Decimal(1000)
