"""The journal over SQL: what it acknowledged survives a kill."""

from collections.abc import Awaitable, Callable, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from engine.domain import effects
from engine.domain.effects import Entry
from engine.domain.events import StateRestored
from engine.domain.order import Intent, IntentState
from storage import (
    commands,
    equity,
    evidence,
    fills,
    intents,
    orders,
    runs,
    settings,
    setups,
    trades,
)
from storage.database import Database

Writer = Callable[[AsyncConnection, Sequence[Any]], Awaitable[None]]

_WRITERS: dict[type, Writer] = {
    effects.SetupSeen: setups.write_setups,
    effects.ShadowScored: evidence.write_shadow_scores,
    effects.SetupFollowed: evidence.write_outcomes,
    effects.SignalRaised: setups.write_signals,
    effects.VerdictGiven: setups.write_verdicts,
    effects.OrderSeen: orders.write,
    effects.FillSeen: fills.write,
    effects.TradeOpened: trades.write_memories,
    effects.TradeVoided: trades.write_voided,
    effects.TradeEnded: trades.write_closed,
    effects.EquitySeen: equity.write,
    effects.SettingChanged: settings.write,
    effects.CommandAnswered: commands.write,
    effects.RunStarted: runs.write,
}


class SqlJournal:
    """Implements `ports.Journal` on an open, migrated `Database`.

    Every method is one transaction; each raises `JournalError` when nothing was stored.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def restore(self) -> StateRestored:
        """Return what an unfinished past left behind, as of one moment."""
        async with self._database.read() as connection:
            return StateRestored(
                settings=await settings.all_settings(connection),
                trades=await trades.unfinished(connection),
                intents=await intents.unfinished(connection),
                fills=await fills.unfinished(connection),
                recent=await trades.recent(connection),
            )

    async def save_intent(self, intent: Intent) -> bool:
        """Commit an intent before it is sent; False when its signal key was used before."""
        async with self._database.write() as connection:
            return await intents.insert(connection, intent)

    async def settle_intent(self, client_id: str, state: IntentState, reason: str = "") -> None:
        """Commit where an intent stands."""
        async with self._database.write() as connection:
            await intents.settle(connection, client_id, state, reason)

    async def tombstones(self, since_ms: int) -> tuple[Intent, ...]:
        """Return expired entries since then, which may still appear at the venue."""
        async with self._database.read() as connection:
            return await intents.tombstones(connection, since_ms)

    async def append(self, entries: Sequence[Entry]) -> None:
        """Commit records in order, in one transaction; runs of one kind go in one statement."""
        if not entries:
            return
        async with self._database.write() as connection:
            for kind, run in groupby(entries, key=type):
                await _WRITERS[kind](connection, list(run))
