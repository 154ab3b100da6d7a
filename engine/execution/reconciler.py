"""Brings the venue's truth to the core: at start, after every reconnect, on any doubt."""

import asyncio
import random
from collections.abc import Callable, Mapping

import structlog

from engine.domain.errors import CredentialsRefused, VenueError, VenueRejected
from engine.domain.events import AccountRefused, OrderFilled, SnapshotTaken
from engine.domain.order import Book, Order, OrderType
from engine.domain.snapshot import PositionView
from engine.ports import AccountSink, Venue
from engine.runtime.backoff import Backoff
from engine.runtime.tasks import Supervisor

log = structlog.get_logger(__name__)

_MOST_FILL_FAILURES = 2
REFUSED_PAUSE_S = 30.0
"""Wall seconds between attempts while the credentials are refused: only a person can mend that,
and refused requests count towards a ban of the address."""


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
        self._asked = asyncio.Event()
        self.taken = 0

    def request(self, reason: str) -> None:
        """Take a snapshot in the background, retried until the venue answers.

        A request made while a retry is waiting ends that wait: there may be news of the venue.
        """
        self._asked.set()
        if not self._busy:
            self._busy = True
            self._tasks.once(f"snapshot {self._book}", self._take(reason))

    async def _take(self, reason: str) -> None:
        backoff = Backoff(self._rng, base_s=0.5)
        failures = 0
        try:
            while self._asked.is_set():
                self._asked.clear()
                # What is naked cannot wait for fills that the venue does not tell.
                try:
                    taken = await self._taken(reason, with_fills=failures < _MOST_FILL_FAILURES)
                except CredentialsRefused as error:
                    await self._refused(error)
                    continue
                if taken:
                    failures = 0
                    continue
                failures += 1
                await self._pause(backoff.next_delay())
        finally:
            self._busy = False

    async def _taken(self, reason: str, *, with_fills: bool) -> bool:
        try:
            await self._take_once(with_fills=with_fills)
        except CredentialsRefused:
            raise
        except VenueError as error:
            log.warning("snapshot.retry", book=self._book, why=reason, reason=str(error))
        except Exception:
            # Without a snapshot nothing is protected after a restart: a defect must not end this.
            log.exception("snapshot.failed", book=self._book, why=reason)
        else:
            return True
        return False

    async def _refused(self, error: CredentialsRefused) -> None:
        """Tell the core, which tells the operator once an outage, and keep trying slowly."""
        log.error("snapshot.refused", book=self._book, reason=str(error))
        self._sink(AccountRefused(self._book, str(error)))
        await asyncio.sleep(REFUSED_PAUSE_S)
        self._asked.set()

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._asked.wait()
        except TimeoutError:
            self._asked.set()

    async def _take_once(self, *, with_fills: bool) -> None:
        # Fills before the snapshot: the core then closes round trips from executions it knows
        # instead of guessing prices when it sees the position gone.
        for symbol, since_ms in self._open_since().items() if with_fills else ():
            await self._tell_fills(symbol, since_ms)
        self._sink(SnapshotTaken(self._book, await self._venue.snapshot()))
        self.taken += 1

    async def _tell_fills(self, symbol: str, since_ms: int) -> None:
        try:
            fills = await self._venue.fills(symbol, since_ms)
        except CredentialsRefused:
            raise
        except VenueRejected as error:
            # One contract the venue knows no more must not keep all others from being protected.
            log.warning("snapshot.no_fills", symbol=symbol, reason=str(error))
            return
        for fill in fills:
            self._sink(OrderFilled(self._book, fill))

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
