"""Brings the venue's truth to the core: at start, after every reconnect, on any doubt."""

import asyncio
import random
from collections.abc import Callable, Mapping

import structlog

from engine.domain.errors import VenueError
from engine.domain.events import OrderFilled, SnapshotTaken
from engine.domain.order import Book, Order, OrderType
from engine.domain.snapshot import PositionView
from engine.ports import AccountSink, Venue
from engine.runtime.backoff import Backoff
from engine.runtime.tasks import Supervisor

log = structlog.get_logger(__name__)


class Reconciler:
    """Reads snapshots of one book; requests made while one is under way share the next one.

    Args:
        book: which book the events are for.
        venue: where the truth is.
        tasks: owner of background work.
        sink: receives missed fills first, then the snapshot.
        open_since: symbols whose fills may have been missed, each with the exchange time
            from which to look.
        rng: jitter.
    """

    def __init__(
        self,
        book: Book,
        venue: Venue,
        tasks: Supervisor,
        sink: AccountSink,
        open_since: Callable[[], Mapping[str, int]],
        rng: random.Random,
    ) -> None:
        self._book = book
        self._venue = venue
        self._tasks = tasks
        self._sink = sink
        self._open_since = open_since
        self._rng = rng
        self._busy = False
        self._again = False
        self.taken = 0

    def request(self, reason: str) -> None:
        """Take a snapshot in the background, retried until the venue answers."""
        if self._busy:
            self._again = True
            return
        self._busy = True
        self._tasks.once(f"snapshot {self._book}", self._take(reason))

    async def _take(self, reason: str) -> None:
        backoff = Backoff(self._rng, base_s=0.5)
        try:
            while True:
                self._again = False
                try:
                    await self._take_once()
                except VenueError as error:
                    log.warning("snapshot.retry", book=self._book, why=reason, reason=str(error))
                    await asyncio.sleep(backoff.next_delay())
                    continue
                if not self._again:
                    return
        finally:
            self._busy = False

    async def _take_once(self) -> None:
        # Fills before the snapshot: the core then closes round trips from executions it knows
        # instead of guessing prices when it sees the position gone.
        for symbol, since_ms in self._open_since().items():
            for fill in await self._venue.fills(symbol, since_ms):
                self._sink(OrderFilled(self._book, fill))
        self._sink(SnapshotTaken(self._book, await self._venue.snapshot()))
        self.taken += 1

    async def guard(self, positions: tuple[PositionView, ...]) -> None:
        """Compare the stops the core believes in with those that rest; doubt takes a snapshot.

        One request for conditional orders, none without positions in this book.
        """
        believed = [p for p in positions if p.book is self._book and p.protected]
        if not believed:
            return
        resting = await self._venue.conditionals()
        for position in believed:
            if not any(_stops(order, position) for order in resting):
                log.warning("guard.stop_missing", symbol=position.symbol)
                self.request(f"no resting stop for {position.symbol}")
                return


def _stops(order: Order, position: PositionView) -> bool:
    closing = order.side.sign == -position.direction.value
    return (
        order.symbol == position.symbol
        and order.order_type is OrderType.STOP_MARKET
        and closing
        and order.reduce_only
        and order.qty >= abs(position.qty)
    )
