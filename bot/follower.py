"""Follows every scored setup to its end, traded or not, and journals what it would have become."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from typing import Protocol

import structlog

from engine.domain.candle import Candle, Timeframe
from engine.domain.effects import Entry
from engine.domain.errors import JournalError
from engine.domain.setup import Setup
from engine.ports import Clock
from models.follow_up import follow_up, life_ms
from models.label_rules import LabelRules

log = structlog.get_logger(__name__)

EVERY_MS = 5 * 60_000
SERIES_MINUTES = 500
"""What the engine keeps of a symbol: longer lives than this cannot be followed."""
LOOK_BACK_MS = 86_400_000
"""How long an unknown end is looked for: what a stop of the bot left open is closed as unseen."""
_LEAST_PAUSE_S = 2.0


class Unfollowed(Protocol):
    """The journal's list of setups whose end is not known."""

    def unfollowed(
        self, timeframe: Timeframe, proved_from_ms: int, proved_to_ms: int
    ) -> AsyncIterator[Setup]:
        """Yield the setups proved in that time, oldest first."""
        ...


class Follower:
    """Looks every five minutes of exchange time for setups whose life is over.

    Args:
        queries: the journal.
        candles: newest minutes of a symbol, oldest first, at most so many.
        record: writes to the journal.
        clock: exchange time.
        rules: exits and costs, those of the training.
    """

    def __init__(
        self,
        queries: Unfollowed,
        candles: Callable[[str, int], tuple[Candle, ...]],
        record: Callable[[Entry], None],
        clock: Clock,
        rules: LabelRules | None = None,
    ) -> None:
        self._queries = queries
        self._candles = candles
        self._record = record
        self._clock = clock
        self._rules = rules or LabelRules()
        self._timeframes = tuple(
            timeframe
            for timeframe in Timeframe
            if life_ms(timeframe, self._rules) <= SERIES_MINUTES * 60_000 - EVERY_MS
        )
        self.followed = 0

    async def run(self) -> None:
        """Work for ever."""
        while True:
            await asyncio.sleep(max(EVERY_MS / 1000 / self._clock.speed, _LEAST_PAUSE_S))
            try:
                await self.sweep()
            except JournalError as error:
                log.warning("follower.waits", reason=str(error))

    async def sweep(self) -> None:
        """Journal the end of every setup whose life is over.

        Raises:
            JournalError: the journal cannot be read.
        """
        now_ms = self._clock.exchange_ms()
        by_symbol: dict[str, list[Setup]] = defaultdict(list)
        for timeframe in self._timeframes:
            newest_ms = now_ms - life_ms(timeframe, self._rules)
            oldest_ms = newest_ms - LOOK_BACK_MS
            async for setup in self._queries.unfollowed(timeframe, oldest_ms, newest_ms):
                by_symbol[setup.symbol].append(setup)
        for symbol, setups in by_symbol.items():
            minutes = self._candles(symbol, SERIES_MINUTES)
            for outcome in follow_up(setups, minutes, self._rules, now_ms):
                self.followed += 1
                self._record(outcome)
            await asyncio.sleep(0)
