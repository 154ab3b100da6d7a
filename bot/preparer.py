"""Reads and corrects margin settings of every scanned symbol, in the background."""

import asyncio
import random
from collections.abc import Callable

import structlog

from engine.domain.errors import VenueBusy, VenueError, VenueRejected
from engine.domain.events import AccountEvent, SymbolPrepared
from engine.domain.order import Book
from engine.ports import CallKind, Clock, Venue, calls_counted_as
from engine.runtime.backoff import Backoff

log = structlog.get_logger(__name__)

# Changing one symbol costs a weight of about 7; twice a second leaves half of the venue's budget
# to what matters more, such as missing candles.
_PAUSE_S = 0.5
_WAS_A_REQUEST_S = 0.005


class Preparer:
    """Makes symbols isolated at the wanted leverage, the most traded first.

    A symbol is not tradable before its settings were read back; one the venue refuses stays
    untradable and is tried again with the next universe.
    """

    def __init__(
        self,
        book: Book,
        venue: Venue,
        leverage: int,
        clock: Clock,
        rng: random.Random,
        sink: Callable[[AccountEvent], None],
    ) -> None:
        self._book = book
        self._venue = venue
        self._leverage = leverage
        self._clock = clock
        self._rng = rng
        self._sink = sink
        self._prepared: set[str] = set()
        self._wanted: asyncio.Queue[str] = asyncio.Queue()

    @property
    def prepared(self) -> int:
        """How many symbols are ready."""
        return len(self._prepared)

    def want(self, symbols: tuple[str, ...]) -> None:
        """Queue the symbols that are not prepared yet."""
        for symbol in symbols:
            if symbol not in self._prepared:
                self._wanted.put_nowait(symbol)

    async def run(self) -> None:
        """Prepare queued symbols for ever."""
        while True:
            symbol = await self._wanted.get()
            if symbol not in self._prepared:
                asked = self._clock.monotonic()
                await self._prepare(symbol)
                if self._clock.monotonic() - asked > _WAS_A_REQUEST_S:
                    await asyncio.sleep(_PAUSE_S)

    async def _prepare(self, symbol: str) -> None:
        backoff = Backoff(self._rng, base_s=0.5)
        while True:
            try:
                # Reading and correcting margins belongs to the start, however long it takes.
                with calls_counted_as(CallKind.STARTUP):
                    setup = await self._venue.prepare(symbol, self._leverage)
            except VenueRejected as error:
                log.warning("symbol.unprepared", symbol=symbol, reason=str(error))
                return
            except VenueError as error:
                # A budget that is used up is the usual reason, and no news to anybody.
                level = "debug" if isinstance(error, VenueBusy) else "warning"
                getattr(log, level)("symbol.prepare_retry", symbol=symbol, reason=str(error))
                await asyncio.sleep(backoff.next_delay())
                continue
            self._prepared.add(symbol)
            self._sink(SymbolPrepared(self._book, setup))
            return
