"""Order law 5 at every step: the bot dies between any two things it does, and comes back.

The steps are those at which the world changes: each write to the journal, before and after it
took effect, and each order, before and after the exchange has carried it out.
"""

import pytest

from engine.domain.order import Purpose
from engine.exchange.sim.fault_actions import DelayReply, DelayRequest
from tests.system.choice import usual
from tests.system.idle_loop import on_idle_loop
from tests.system.rig import BTC, Bot, Rig, rig, until

LAST_STEP = 30
"""Beyond the last step of an entry that was protected; `test_enumeration` holds it."""
USUAL_STEPS = (2, 3, 5, 8)
ORDERS = 3  # entry, stop, target


async def judge(world: Rig, bot: Bot) -> None:
    """Whatever had happened: at most one entry, protected, and one truth on both sides."""
    await until(
        lambda: world.books_agree(bot) and (not world.held(BTC) or bot.is_protected(BTC)),
        what="recovered",
    )
    assert len(world.history.entries()) <= 1
    assert world.history.exits(BTC) == []
    if world.held(BTC):
        assert bot.positions[BTC].setup_id == world.script.raised[0].setup_id  # with its plan
        await until(lambda: len(world.resting(BTC)) == 2, what="one stop and one target")
    else:
        assert world.resting() == []


async def dies_at(world: Rig, bot: Bot, number: int) -> str:
    """Raise a signal and let the bot die at a step; returns where, "" if it came to no such."""
    crash = world.let_die(bot, number, lambda: bool(world.script.raised))
    await world.signal()
    await until(lambda: bool(crash.where) or bot.is_protected(BTC))
    await bot.kill()
    return crash.where


@on_idle_loop
async def test_enumeration_covers_every_step_of_an_entry(tmp_path):
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        crash = world.let_die(bot, None, lambda: bool(world.script.raised))
        await world.enter(bot)
        await until(lambda: len(world.resting(BTC)) == 2)
        await bot.machine.writer.flush()

        assert 10 < crash.passed <= LAST_STEP
        placed = world.history.facts("order_placed", Purpose.ENTRY) + world.history.stops(BTC)
        assert len(placed) + 1 == ORDERS


@pytest.mark.parametrize("number", usual(range(LAST_STEP), USUAL_STEPS))
@on_idle_loop
async def test_entry_when_the_bot_dies_at_a_step_of_its_journal_is_recovered(tmp_path, number):
    async with rig(tmp_path) as world:
        first = await world.start_bot()
        await dies_at(world, first, number)

        second = await world.start_bot()

        await judge(world, second)
        world.assert_lawful()


@pytest.mark.parametrize("number", range(ORDERS))
@pytest.mark.parametrize("fate", ["before", "after"])
@on_idle_loop
async def test_entry_when_the_bot_dies_while_an_order_is_under_way_is_recovered(
    tmp_path, fate, number
):
    async with rig(tmp_path) as world:
        first = await world.start_bot()
        action = DelayRequest(60.0) if fate == "before" else DelayReply(60.0)
        world.arm(action, "place_*", skip=number)
        await world.signal()
        await until(lambda: world.struck == 1)
        await first.kill()

        second = await world.start_bot()

        await judge(world, second)
        world.assert_lawful()


@pytest.mark.prove
@pytest.mark.parametrize("again", range(12))
@pytest.mark.parametrize("number", range(0, LAST_STEP, 2))
@on_idle_loop
async def test_entry_when_the_bot_dies_again_while_it_recovers_is_recovered(
    tmp_path, number, again
):
    async with rig(tmp_path) as world:
        first = await world.start_bot()
        await dies_at(world, first, number)
        second = await world.start_bot(ready=False)
        crash = world.let_die(second, again)
        await until(lambda: bool(crash.where) or (second.live.ready and world.books_agree(second)))
        await second.kill()

        third = await world.start_bot()

        await judge(world, third)
