"""Order law 3: unknown is not failed; only positive evidence rejects."""

import pytest

from engine.domain.notices import AlarmKind
from engine.domain.order import IntentState, Purpose
from engine.exchange.sim.fault_actions import (
    BAD_GATEWAY_502,
    GATEWAY_TIMEOUT_504,
    INTERNAL_503,
    THROTTLED_503,
    TIMEOUT_408,
    UNAVAILABLE_503,
    UNKNOWN_503,
    DropReply,
    DropRequest,
    ErrorReply,
    RefuseConnection,
    RefuseWith,
    TruncateReply,
)
from tests.system.choice import usual
from tests.system.idle_loop import on_idle_loop
from tests.system.rig import BTC, Bot, Rig, rig, until

ENTRY = {"operation": "place_order", "where": {"type": "LIMIT"}}
DOUBTFUL = {
    "502 html": BAD_GATEWAY_502,
    "504 html": GATEWAY_TIMEOUT_504,
    "408 -1007": TIMEOUT_408,
    "503 unknown": UNKNOWN_503,
    "-1006": ErrorReply(500, -1006, "An unexpected response was received from the message bus."),
    "-1001": ErrorReply(500, -1001, "Internal error; unable to process your request."),
    "-1000": ErrorReply(500, -1000, "An unknown error occurred while processing the request."),
}
DEFINITE = {
    "503 unavailable": UNAVAILABLE_503,
    "503 internal": INTERNAL_503,
    "-1008": THROTTLED_503,
    "-2019": ErrorReply(400, -2019, "Margin is insufficient."),
    "-1111": ErrorReply(400, -1111, "Precision is over the maximum defined for this asset."),
}


async def start(world: Rig, channel: str) -> Bot:
    """Start the bot with its orders going over the channel."""
    if channel == "rest":
        world.arm(RefuseConnection(503), "connect:ws_api", count=None)
    bot = await world.start_bot()
    assert bot.account.is_connected is (channel == "ws_api")
    return bot


async def entry_state(bot: Bot) -> str:
    """Where the journal says the only entry stands."""
    (state,) = (await bot.intent_states(Purpose.ENTRY)).values()
    return state


@pytest.mark.parametrize("channel", usual(["ws_api", "rest"], {"ws_api"}))
@pytest.mark.parametrize("reply", DOUBTFUL)
@on_idle_loop
async def test_entry_when_its_reply_proves_nothing_is_unknown_and_keeps_its_reserve(
    tmp_path, reply, channel
):
    async with rig(tmp_path) as world:
        bot = await start(world, channel)
        world.arm(RefuseWith(DOUBTFUL[reply]), **ENTRY)
        await world.signal()

        await until(lambda: bot.live.unknown == 1, what="unknown")

        assert await entry_state(bot) == IntentState.UNKNOWN
        assert bot.live.pending == 1
        assert bot.notices.alarms(AlarmKind.UNKNOWN_ORDER)
        assert not bot.notices.alarms(AlarmKind.REJECTED)
        await world.signal()
        assert bot.notices.refusals()[-1].startswith("busy_symbol")


@pytest.mark.parametrize("channel", ["ws_api", "rest"])
@pytest.mark.parametrize(
    "fate", [DropRequest(), DropReply(), TruncateReply()], ids=lambda fate: type(fate).__name__
)
@on_idle_loop
async def test_entry_when_the_connection_breaks_is_unknown_until_positive_evidence(
    tmp_path, fate, channel
):
    async with rig(tmp_path) as world:
        bot = await start(world, channel)
        world.arm(fate, **ENTRY)
        await world.signal()
        await until(lambda: world.struck >= 1)

        if isinstance(fate, DropRequest):
            await until(lambda: bot.live.unknown == 1, what="unknown")
            assert world.history.entries() == []
        else:
            await until(lambda: bot.is_protected(BTC), what="found")
            assert len(world.history.entries()) == 1
        assert await entry_state(bot) != IntentState.REJECTED
        assert not bot.notices.alarms(AlarmKind.REJECTED)
        world.assert_lawful()


@pytest.mark.parametrize("channel", usual(["ws_api", "rest"], {"ws_api"}))
@pytest.mark.parametrize("reply", DEFINITE)
@on_idle_loop
async def test_entry_when_its_refusal_is_definite_frees_its_symbol_at_once(
    tmp_path, reply, channel
):
    async with rig(tmp_path) as world:
        bot = await start(world, channel)
        world.arm(RefuseWith(DEFINITE[reply]), **ENTRY)
        await world.signal()
        await until(lambda: bool(bot.notices.alarms(AlarmKind.REJECTED)), what="told")

        assert bot.is_flat(BTC)
        assert await entry_state(bot) == IntentState.REJECTED
        assert not bot.notices.alarms(AlarmKind.UNKNOWN_ORDER)

        await world.enter(bot)  # a new signal is another entry
        assert len(world.history.entries()) == 1
        world.assert_lawful()


@pytest.mark.parametrize(
    "fate",
    [DropReply(), DropRequest(), RefuseWith(BAD_GATEWAY_502)],
    ids=["reply lost", "request lost", "502 html"],
)
@on_idle_loop
async def test_cancel_when_its_outcome_is_unknown_keeps_the_symbol_until_nothing_rests(
    tmp_path, fate
):
    """A left-over target could open a position later: the symbol is busy until it is gone."""
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        await world.enter(bot)
        await until(lambda: len(world.resting(BTC)) == 2, what="stop and target")
        world.arm(fate, "cancel_algo")

        world.trade_at(BTC, "0.97")
        await until(lambda: world.held(BTC) == 0)
        await until(lambda: bot.is_free(BTC))
        assert world.struck == 1
        assert world.resting(BTC) == []

        await world.enter(bot)
        assert len(world.history.entries()) == 2
        world.assert_lawful()
