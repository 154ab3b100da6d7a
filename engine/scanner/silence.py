"""Symbols whose close does not come: quiet, or deaf?"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from engine.ports import Clock
from engine.scanner.feeds import Feeds
from engine.scanner.history import History

log = structlog.get_logger(__name__)

SUSPECT_AFTER_S = 5.0
_DEAF_STRIKES = 2
_CHECKS_AT_ONCE = 8


@dataclass(slots=True)
class _Suspicion:
    """How often REST knew more than the stream, and how far it mended the series last time."""

    strikes: int = 0
    mended_to_ms: int = 0


class SilenceWatch:
    """Asks REST about a symbol whose close is overdue: once for each such minute.

    No trade there either: the symbol is quiet and the minute is written flat. Trades we did not
    hear, twice in a row: the stream is deaf and its shard is dropped, to be connected anew.
    """

    def __init__(
        self, clock: Clock, feeds: Feeds, history: History, drop_shard: Callable[[str], None]
    ) -> None:
        self._clock = clock
        self._feeds = feeds
        self._history = history
        self._drop_shard = drop_shard
        self._suspicions: dict[str, _Suspicion] = {}
        self.deaf = 0

    async def run(self) -> None:
        """Look once a wall second, for ever."""
        while True:
            await asyncio.sleep(1.0)
            await self.look()

    async def look(self) -> None:
        """Check the symbols that are overdue now, a few at once."""
        overdue = self._feeds.overdue(SUSPECT_AFTER_S)
        for start in range(0, len(overdue), _CHECKS_AT_ONCE):
            batch = overdue[start : start + _CHECKS_AT_ONCE]
            await asyncio.gather(*(self._check(symbol) for symbol in batch))

    async def _check(self, symbol: str) -> None:
        suspicion = self._suspicions.setdefault(symbol, _Suspicion())
        if self._feeds.last_open_ms(symbol) > suspicion.mended_to_ms:
            suspicion.strikes = 0  # the stream itself moved the series on since the last check
        unheard = await self._history.mend(symbol)
        self._feeds.lighten((symbol,))
        suspicion.mended_to_ms = self._feeds.last_open_ms(symbol)
        suspicion.strikes = suspicion.strikes + 1 if unheard else 0
        if suspicion.strikes >= _DEAF_STRIKES:
            self.deaf += 1
            suspicion.strikes = 0
            log.warning("symbol.deaf", symbol=symbol)
            self._drop_shard(symbol)
