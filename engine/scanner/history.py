"""Candles over REST: the history before the first signal, and the holes after it."""

import asyncio
import random
from collections.abc import Callable, Sequence

import structlog

from engine.domain.candle import Candle, Timeframe
from engine.domain.errors import VenueError, VenueRejected
from engine.ports import MarketData
from engine.runtime.backoff import Backoff
from engine.scanner.feeds import Feeds

log = structlog.get_logger(__name__)

PRELOAD_CANDLES = 499  # the largest limit of weight 2
_WORKERS = 12


class History:
    """Loads and mends series; every request is repeated until the venue answers."""

    def __init__(self, market: MarketData, feeds: Feeds, rng: random.Random) -> None:
        self._market = market
        self._feeds = feeds
        self._rng = rng
        self._mending: set[str] = set()

    async def preload(self, symbols: Sequence[str], progress: Callable[[int, int], None]) -> None:
        """Load every symbol's newest closed candles; `progress(done, total)` after each."""
        waiting = list(reversed(symbols))
        done = 0

        async def work() -> None:
            nonlocal done
            while waiting:
                symbol = waiting.pop()
                self._feeds.load(symbol, await self._fetch(symbol, limit=PRELOAD_CANDLES))
                done += 1
                progress(done, len(symbols))
                await asyncio.sleep(0)

        async with asyncio.TaskGroup() as group:
            for _ in range(min(_WORKERS, len(symbols))):
                group.create_task(work())

    async def mend(self, symbol: str) -> bool:
        """Close every hole of a symbol; True when the venue had trades that we had not heard.

        Does nothing when the symbol is complete or already being mended.
        """
        if symbol in self._mending:
            return False
        self._mending.add(symbol)
        heard_less = False
        try:
            while (hole := self._feeds.missing(symbol)) is not None:
                start_ms, end_ms = hole
                end_ms = min(end_ms, start_ms + PRELOAD_CANDLES * Timeframe.M1.ms)
                minutes = (end_ms - start_ms) // Timeframe.M1.ms
                candles = await self._fetch(
                    symbol, limit=minutes, start_ms=start_ms, end_ms=end_ms - 1
                )
                heard_less = heard_less or any(candle.volume > 0 for candle in candles)
                self._feeds.fill(symbol, candles, end_ms)
        finally:
            self._mending.discard(symbol)
        return heard_less

    async def _fetch(
        self,
        symbol: str,
        *,
        limit: int,
        start_ms: int | None = None,
        end_ms: int | None = None,
    ) -> tuple[Candle, ...]:
        backoff = Backoff(self._rng, base_s=0.5)
        while True:
            try:
                return await self._market.candles(
                    symbol, Timeframe.M1, limit=limit, start_ms=start_ms, end_ms=end_ms
                )
            except VenueRejected as error:
                # The symbol itself is refused (delisted, renamed): asking again cannot help.
                log.warning("history.refused", symbol=symbol, reason=str(error))
                return ()
            except VenueError as error:
                log.warning("history.retry", symbol=symbol, reason=str(error))
                await asyncio.sleep(backoff.next_delay())
