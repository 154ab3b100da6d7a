"""Sends orders of one book: intent first, then the venue, then the truth about the outcome."""

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
_Outcome = tuple[IntentState, str]
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
        self._sending: dict[str, asyncio.Event] = {}
        self._saving: dict[str, asyncio.Future[bool]] = {}
        self.orders_sent = 0

    @property
    def is_sending(self) -> bool:
        """True while an order is on its way and the venue has not answered."""
        return bool(self._sending)

    def submit(self, intent: Intent) -> None:
        """Send an intent in the background; the outcome arrives as an event."""
        client_id = intent.request.client_id
        self._sending[client_id] = answered = asyncio.Event()
        self._tasks.once(f"order {client_id}", self._submit(intent, answered))

    def cancel(self, effect: CancelOrder) -> None:
        """Cancel in the background; answered by OrderChanged or CancelRefused."""
        self._tasks.once(f"cancel {effect.client_id}", self._cancel(effect))

    def resume(self, intents: Sequence[Intent]) -> None:
        """Settle what a former run left open; none of it is ever sent again."""
        for intent in intents:
            if intent.book is self._book:
                self._settlement.begin(intent)

    async def _submit(self, intent: Intent, answered: asyncio.Event) -> None:
        client_id = intent.request.client_id
        try:
            outcome = await self._send(intent)
        finally:
            answered.set()
            if self._sending.get(client_id) is answered:
                del self._sending[client_id]
        if outcome is not None:
            await self._settle(client_id, *outcome)

    async def _send(self, intent: Intent) -> _Outcome | None:
        """Send one order, tell what became of it and return what the journal should know."""
        request = intent.request
        if request.reduce_only:
            # Side by side with the sending: a commit takes up to half a second on a busy disk, and
            # that long a fresh position would stand without its stop.
            self._save(intent)
        elif not await self._journalled(intent):
            return None
        elif not self._may_enter():
            return self._refused(intent, NOT_SENT, "another instance may hold the account")
        try:
            self.orders_sent += 1
            order = await self._venue.place(request)
        except VenueRejected as error:
            if error.code == _DUPLICATE_ID:
                # Our id exists already: an earlier send of it landed.
                return self._unknown(intent, str(error))
            return self._refused(intent, error.code, error.message)
        except (VenueBusy, VenueUnreachable) as error:
            # It certainly had no effect. An entry is over: its moment has passed. Protection and
            # exits the core sends again; code 0 tells it that the venue has not refused them.
            return self._refused(intent, NOT_SENT, str(error))
        except OutcomeUnknown as error:
            return self._unknown(intent, str(error))
        except Exception as error:
            # A defect of ours is no evidence that the venue refused.
            log.exception("order.failed", client_id=request.client_id)
            return self._unknown(intent, f"{type(error).__name__}: {error}")
        self._sink(OrderAccepted(self._book, order))
        return IntentState.ACCEPTED, ""

    async def _journalled(self, intent: Intent) -> bool:
        """Commit an entry; False when it must not be sent.

        An entry that had to wait for the disk is not the one that was decided on. The plan of the
        trade (its stop above all) goes first, or a crash between the two would leave a position
        without a plan.
        """
        try:
            async with asyncio.timeout(_RECORD_PATIENCE_S):
                if self._recorded is not None:
                    await self._recorded()
                # Shielded: a write under way is not broken off, it ends and is settled then.
                fresh = await asyncio.shield(self._save(intent))
        except (JournalError, TimeoutError) as error:
            reason = f"not journalled: {str(error) or 'the database is behind'}"
            self._refuse(intent, NOT_SENT, reason)
            await self._settle(intent.request.client_id, IntentState.REJECTED, reason)
            return False
        if not fresh:
            self._refuse(intent, NOT_SENT, "this signal was entered before")
        return fresh

    def _save(self, intent: Intent) -> asyncio.Future[bool]:
        """Commit an intent in the background; the outcome is journalled after it."""
        client_id = intent.request.client_id
        saved: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        saved.add_done_callback(lambda one: one.cancelled() or one.exception())
        self._saving[client_id] = saved

        async def save() -> None:
            try:
                saved.set_result(await self._journal.save_intent(intent))
            except JournalError as error:
                log.error("intent.unsaved", client_id=client_id, reason=str(error))
                saved.set_exception(error)
            finally:
                saved.cancel()
                self._saving.pop(client_id, None)

        self._tasks.once(f"journal {client_id}", save())
        return saved

    def _refuse(self, intent: Intent, code: int, reason: str) -> None:
        request = intent.request
        self._sink(OrderRejected(self._book, request.client_id, request.symbol, code, reason))

    def _refused(self, intent: Intent, code: int, reason: str) -> _Outcome:
        self._refuse(intent, code, reason)
        return IntentState.REJECTED, reason

    def _unknown(self, intent: Intent, reason: str) -> _Outcome:
        request = intent.request
        log.warning("order.unknown", client_id=request.client_id, reason=reason)
        self._sink(OrderUnknown(self._book, request.client_id, request.symbol, reason))
        self._settlement.begin(intent)
        return IntentState.UNKNOWN, reason

    async def _settle(self, client_id: str, state: IntentState, reason: str) -> None:
        saving = self._saving.get(client_id)
        if saving is not None:
            await asyncio.wait({saving})  # on disk the intent comes before its outcome
        try:
            await self._journal.settle_intent(client_id, state, reason)
        except JournalError as error:
            # The intent stays PENDING on disk: a restart settles it with the venue.
            log.error("intent.unsettled", client_id=client_id, reason=str(error))

    async def _cancel(self, effect: CancelOrder) -> None:
        sending = self._sending.get(effect.client_id)
        if sending is not None:
            # A cancel that overtakes its order finds nothing, and then the order comes to rest.
            await sending.wait()
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
