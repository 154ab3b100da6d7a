"""Finds out what became of an order whose outcome is unknown. Never sends anything."""

import asyncio
from dataclasses import replace

import structlog

from engine.domain.errors import JournalError, VenueError
from engine.domain.events import IntentExpired, OrderChanged, OrderFilled
from engine.domain.order import Book, Intent, IntentState, Order
from engine.ports import AccountSink, Clock, Journal, Venue
from engine.runtime.tasks import Supervisor

log = structlog.get_logger(__name__)

_PAUSES_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
EXPIRES_AFTER_S = 120.0
_LOOK_BACK_MS = 60_000


class Settlement:
    """Asks the venue after 1, 2, 4 ... 30 wall seconds until it answers or 120 s have passed.

    "Not found" is not proof, because queries lag behind the matching engine; only time ends the
    search. Should the order appear after that, the core finds its tombstone and adopts it.
    """

    def __init__(
        self,
        book: Book,
        venue: Venue,
        journal: Journal,
        clock: Clock,
        tasks: Supervisor,
        sink: AccountSink,
    ) -> None:
        self._book = book
        self._venue = venue
        self._journal = journal
        self._clock = clock
        self._tasks = tasks
        self._sink = sink
        self._searching: set[str] = set()

    def begin(self, intent: Intent) -> None:
        """Search for an intent's order in the background; a second call changes nothing."""
        client_id = intent.request.client_id
        if client_id not in self._searching:
            self._searching.add(client_id)
            self._tasks.once(f"settle {client_id}", self._search(intent))

    async def _search(self, intent: Intent) -> None:
        deadline = self._clock.monotonic() + EXPIRES_AFTER_S
        try:
            for pause_s in (*_PAUSES_S, *[_PAUSES_S[-1]] * 10):
                await asyncio.sleep(pause_s)
                if await self._found(intent):
                    return
                if self._clock.monotonic() >= deadline:
                    break
            await self._expire(intent)
        finally:
            self._searching.discard(intent.request.client_id)

    async def _found(self, intent: Intent) -> bool:
        request = intent.request
        try:
            order = await self._venue.query(
                request.symbol, request.client_id, conditional=request.is_conditional
            )
            if order is None:
                return False
            await self._tell_fills(intent, order)
        except VenueError as error:
            log.warning("settlement.retry", client_id=request.client_id, reason=str(error))
            return False
        except Exception:
            # The search must end by finding or by time, never by a defect.
            log.exception("settlement.failed", client_id=request.client_id)
            return False
        self._sink(OrderChanged(self._book, order))
        await self._settle(intent, IntentState.ACCEPTED)
        return True

    async def _tell_fills(self, intent: Intent, order: Order) -> None:
        """Fills first, then the status: a final status releases what the core had reserved."""
        if order.filled_qty <= 0:
            return
        since_ms = intent.created_ms - _LOOK_BACK_MS
        for fill in await self._venue.fills(order.symbol, since_ms):
            if fill.venue_id == order.venue_id:
                named = replace(fill, client_id=order.client_id)
                self._sink(OrderFilled(self._book, named))

    async def _expire(self, intent: Intent) -> None:
        request = intent.request
        self._sink(IntentExpired(self._book, request.client_id, request.symbol))
        await self._settle(intent, IntentState.EXPIRED)

    async def _settle(self, intent: Intent, state: IntentState) -> None:
        try:
            await self._journal.settle_intent(intent.request.client_id, state)
        except JournalError as error:
            log.error("intent.unsettled", client_id=intent.request.client_id, reason=str(error))
