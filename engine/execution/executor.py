"""Sends orders of one book: intent first, then the venue, then the truth about the outcome."""

import asyncio
import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from engine.domain.effects import CancelOrder
from engine.domain.errors import (
    JournalError,
    OutcomeUnknown,
    VenueBusy,
    VenueError,
    VenueRejected,
    VenueUnreachable,
)
from engine.domain.events import (
    CancelRefused,
    OrderAccepted,
    OrderChanged,
    OrderRejected,
    OrderUnknown,
)
from engine.domain.order import Book, Intent, IntentState
from engine.execution.settlement import Settlement
from engine.ports import AccountSink, Journal, Venue
from engine.runtime.tasks import Supervisor

log = structlog.get_logger(__name__)

_DUPLICATE_ID = -4116
_RECORD_PATIENCE_S = 2.0
NOT_SENT = 0


class Executor:
    """Acts at one venue for one book.

    An entry is journalled before it is sent and sent once, and only while `may_enter` says that
    this instance still holds the account. Protection and exits are reduce-only: they are sent
    even when the database cannot be written, because a naked position is worse than a hole in
    the journal.
    """

    def __init__(
        self,
        book: Book,
        venue: Venue,
        journal: Journal,
        tasks: Supervisor,
        settlement: Settlement,
        sink: AccountSink,
        may_enter: Callable[[], bool] = lambda: True,
        recorded: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._book = book
        self._venue = venue
        self._journal = journal
        self._tasks = tasks
        self._settlement = settlement
        self._sink = sink
        self._may_enter = may_enter
        self._recorded = recorded
        self._sending: dict[str, asyncio.Task[None]] = {}
        self.orders_sent = 0

    def submit(self, intent: Intent) -> None:
        """Send an intent in the background; the outcome arrives as an event."""
        client_id = intent.request.client_id
        task = self._tasks.once(f"order {client_id}", self._submit(intent))
        self._sending[client_id] = task
        task.add_done_callback(lambda _: self._sending.pop(client_id, None))

    def cancel(self, effect: CancelOrder) -> None:
        """Cancel in the background; answered by OrderChanged or CancelRefused."""
        self._tasks.once(f"cancel {effect.client_id}", self._cancel(effect))

    def resume(self, intents: Sequence[Intent]) -> None:
        """Settle what a former run left open; none of it is ever sent again."""
        for intent in intents:
            if intent.book is self._book:
                self._settlement.begin(intent)

    async def _submit(self, intent: Intent) -> None:
        request = intent.request
        if not await self._journalled(intent):
            return
        if not request.reduce_only and not self._may_enter():
            await self._rejected(intent, NOT_SENT, "another instance may hold the account")
            return
        try:
            self.orders_sent += 1
            order = await self._venue.place(request)
        except VenueRejected as error:
            if error.code == _DUPLICATE_ID:
                # Our id exists already: an earlier send of it landed.
                await self._unknown(intent, str(error))
            else:
                await self._rejected(intent, error.code, error.message)
        except (VenueBusy, VenueUnreachable) as error:
            await self._not_sent(intent, str(error))
        except OutcomeUnknown as error:
            await self._unknown(intent, str(error))
        except Exception as error:
            # A defect of ours is no evidence that the venue refused.
            log.exception("order.failed", client_id=request.client_id)
            await self._unknown(intent, f"{type(error).__name__}: {error}")
        else:
            self._sink(OrderAccepted(self._book, order))
            await self._settle(intent, IntentState.ACCEPTED)

    async def _journalled(self, intent: Intent) -> bool:
        request = intent.request
        try:
            if self._recorded is not None and not request.reduce_only:
                # The plan of the trade (its stop above all) must be on disk before its order can
                # exist, or a crash between the two would leave a position without a plan.
                async with asyncio.timeout(_RECORD_PATIENCE_S):
                    await self._recorded()
            fresh = await self._journal.save_intent(intent)
        except (JournalError, TimeoutError) as error:
            log.error("intent.unsaved", client_id=request.client_id, reason=str(error))
            if request.reduce_only:
                return True
            self._refuse(intent, NOT_SENT, f"not journalled: {str(error) or 'the database is behind'}")
            return False
        if not fresh:
            self._refuse(intent, NOT_SENT, "this signal was entered before")
        return fresh

    def _refuse(self, intent: Intent, code: int, reason: str) -> None:
        request = intent.request
        self._sink(OrderRejected(self._book, request.client_id, request.symbol, code, reason))

    async def _rejected(self, intent: Intent, code: int, reason: str) -> None:
        self._refuse(intent, code, reason)
        await self._settle(intent, IntentState.REJECTED, reason)

    async def _not_sent(self, intent: Intent, reason: str) -> None:
        """The request certainly had no effect.

        An entry is over: its moment has passed. Protection and exits the core sends again on its
        own schedule; code 0 tells it that the venue has not refused them.
        """
        await self._rejected(intent, NOT_SENT, reason)

    async def _unknown(self, intent: Intent, reason: str) -> None:
        request = intent.request
        log.warning("order.unknown", client_id=request.client_id, reason=reason)
        self._sink(OrderUnknown(self._book, request.client_id, request.symbol, reason))
        await self._settle(intent, IntentState.UNKNOWN, reason)
        self._settlement.begin(intent)

    async def _settle(self, intent: Intent, state: IntentState, reason: str = "") -> None:
        try:
            await self._journal.settle_intent(intent.request.client_id, state, reason)
        except JournalError as error:
            # The intent stays PENDING on disk: a restart settles it with the venue.
            log.error("intent.unsettled", client_id=intent.request.client_id, reason=str(error))

    async def _cancel(self, effect: CancelOrder) -> None:
        sending = self._sending.get(effect.client_id)
        if sending is not None:
            # A cancel that overtakes its order finds nothing, and then the order comes to rest.
            await asyncio.wait({sending})
        try:
            order = await self._venue.cancel(
                effect.symbol, effect.client_id, conditional=effect.conditional
            )
        except VenueRejected as error:
            self._sink(CancelRefused(self._book, effect.client_id, effect.symbol, error.code))
        except VenueError as error:
            # The core asks again while it still believes the order to rest.
            log.warning("cancel.unknown", client_id=effect.client_id, reason=str(error))
        else:
            self._sink(OrderChanged(self._book, order))
