"""All laws at once: every fault of the menu by chance, people meddling, deaths, then peace."""

import random

import pytest

from engine.domain.setup import Direction
from engine.exchange.sim.fault_menu import MENU, chance_faults
from tests.system.choice import usual
from tests.system.idle_loop import on_idle_loop
from tests.system.rig import SYMBOLS, Bot, Rig, always, rig, until

FAULT_CHANCE = 0.02
"""Of each of the 15 faults that may strike an order: every fourth order is in trouble."""
FAULTS = frozenset(MENU) - {"any request forbidden"}
"""A firewall's 403 is obeyed with a minute of silence, which is longer than the heal may take."""
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
        await world.enter(bot)  # the path is proved: from now on several symbols may trade
        for rule in chance_faults(FAULT_CHANCE, only=FAULTS):
            world.server.faults.arm(rule)
        for _ in range(ROUNDS):
            symbol = self._rng.choice(SYMBOLS)
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
    held = [symbol for symbol in SYMBOLS if world.held(symbol)]
    return (
        bot.live.ready
        and world.books_agree(bot)
        and all(bot.is_protected(symbol) for symbol in held)
        and {row["symbol"] for row in world.resting()} <= set(held)
    )


def picture(world: Rig, bot: Bot) -> str:
    """Both sides in words, for a failing seed."""
    held = {symbol: str(world.held(symbol)) for symbol in SYMBOLS}
    resting = [(row["clientAlgoId"], row["orderType"], row["quantity"]) for row in world.resting()]
    believed = {
        trade.symbol: (trade.phase.value, trade.qty, trade.entry, trade.protection.legs)
        for trade in bot.machine.engine._state.books[bot.live.book].trades.values()
    }
    wallets = f"{bot.live.wallet} of {world.wallet}"
    return f"exchange {held} {resting}, bot {believed} {wallets} ready {bot.live.ready}"


@pytest.mark.parametrize("seed", usual(range(1, 44), (4, 14)))
@on_idle_loop
async def test_laws_when_everything_goes_wrong_hold(tmp_path, seed):
    async with rig(tmp_path, seed=seed) as world:
        bot = await Storm(world, seed).rage()

        world.server.faults.clear()
        await until(lambda: settled(world, bot), HEAL_S, lambda: picture(world, bot))

        world.assert_lawful()
        assert world.exchange.ledger.summary()["liquidations"] == 0
        await until(lambda: not bot.live.pending, within_s=UNKNOWN_EXPIRES_S, what="none unknown")
        assert settled(world, bot)
