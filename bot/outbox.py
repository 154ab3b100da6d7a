"""Between the engine and the chat: bounded memory before the store, and what is sent next."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.preferences import is_question
from engine.domain.notices import (
    ExitNotice,
    FillNotice,
    Notice,
    Priority,
    ProtectionNotice,
    SignalNotice,
)
from engine.domain.signal import RiskApproved
from storage.notices import QueuedNotice, ToldSignal

INBOX_LIMIT = 5_000
FOLD_ABOVE = 3
PICTURED = 3


class NoticeStore(Protocol):
    """The durable queue, `storage.notices.Outbox`. Every method may raise `JournalError`."""

    async def put(self, new: Sequence[Notice]) -> int:
        """Queue notices and return how many are new."""
        ...

    async def pending(self, limit: int = 50) -> tuple[QueuedNotice, ...]:
        """Return queued notices, most urgent first, then oldest first."""
        ...

    async def sent(self, notice_id: str, message_id: int | None, detail: str = "") -> None:
        """Mark as delivered; a signal with a detail awaits no outcome."""
        ...

    async def unsettled(self, since_ms: int, limit: int) -> tuple[ToldSignal, ...]:
        """Return told signals whose messages do not show an outcome yet."""
        ...

    async def settled(self, notice_id: str, outcome: str) -> None:
        """Mark a told signal as shown with its outcome."""
        ...

    async def failed(self, notice_id: str, detail: str) -> None:
        """Count a failed attempt."""
        ...

    async def dropped(self, notice_id: str, detail: str) -> None:
        """Take out of the queue."""
        ...

    async def message_about(self, setup_id: str) -> int | None:
        """Return the first message about a setup."""
        ...


class Inbox:
    """Notices not yet stored. Full, it gives up the least important newest ones and counts them."""

    def __init__(self, limit: int = INBOX_LIMIT) -> None:
        self._limit = limit
        self._waiting: deque[Notice] = deque()
        self.lost = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, notice: Notice) -> None:
        """Keep a notice; never refuses a critical one in favour of a lesser one."""
        self._waiting.append(notice)
        if len(self._waiting) > self._limit:
            self._give_up_one()

    def peek(self, limit: int) -> tuple[Notice, ...]:
        """Return the oldest notices; they stay until `done`."""
        return tuple(self._waiting[i] for i in range(min(limit, len(self._waiting))))

    def done(self, stored: Sequence[Notice]) -> None:
        """Forget notices that are stored."""
        ids = {id(notice) for notice in stored}
        self._waiting = deque(n for n in self._waiting if id(n) not in ids)

    def critical(self) -> tuple[Notice, ...]:
        """Return the critical ones, for the case that the store is out of order."""
        return tuple(n for n in self._waiting if n.priority is Priority.CRITICAL)

    def _give_up_one(self) -> None:
        least = max(notice.priority for notice in self._waiting)
        index = max(i for i, notice in enumerate(self._waiting) if notice.priority == least)
        del self._waiting[index]
        self.lost += 1


@dataclass(frozen=True, slots=True)
class Batch:
    """What goes out as one message: one notice, fills of one setup, or a burst of signals."""

    notices: tuple[Notice, ...]

    @property
    def first(self) -> Notice:
        """The notice that gives the batch its kind."""
        return self.notices[0]

    @property
    def is_digest(self) -> bool:
        """Whether it is a burst of signals."""
        return len(self.notices) > 1 and isinstance(self.first, SignalNotice)


def next_batch(pending: Sequence[Notice]) -> Batch | None:
    """Return what to send next of notices in the order of delivery, None when there is nothing."""
    if not pending:
        return None
    head = pending[0]
    signal = _unsent_signal_of(head, pending)
    if signal is not None:
        return Batch((signal,))
    if isinstance(head, FillNotice):
        return Batch(tuple(_fills_of(head, pending)))
    if isinstance(head, SignalNotice):
        return _signals(head, pending)
    return Batch((head,))


def _unsent_signal_of(head: Notice, pending: Sequence[Notice]) -> SignalNotice | None:
    """News of a trade reply to its signal, so a signal that still waits goes first."""
    about = setup_of(head)
    if not about or head.priority is Priority.CRITICAL:
        return None
    signals = (n for n in pending if isinstance(n, SignalNotice))
    return next((n for n in signals if n.signal.setup.setup_id == about), None)


def setup_of(notice: Notice) -> str:
    """Return the setup that news of a trade are about, "" for anything else."""
    match notice:
        case FillNotice() | ProtectionNotice():
            return notice.setup_id
        case ExitNotice():
            return notice.trade.setup_id
        case _:
            return ""


def _fills_of(head: FillNotice, pending: Sequence[Notice]) -> list[FillNotice]:
    key = (head.book, head.setup_id, head.fill.symbol, head.fill.client_id)
    return [
        n
        for n in pending
        if isinstance(n, FillNotice)
        and (n.book, n.setup_id, n.fill.symbol, n.fill.client_id) == key
    ]


def _signals(head: SignalNotice, pending: Sequence[Notice]) -> Batch:
    """Fold a burst; a traded signal, or one that asks, always has a message of its own."""
    waiting = [n for n in pending if isinstance(n, SignalNotice)]
    if len(waiting) <= FOLD_ABOVE:
        return Batch((head,))
    alone = next((n for n in waiting if _needs_attention(n)), None)
    if alone is not None:
        return Batch((alone,))
    waiting.sort(key=_best_first)
    return Batch(tuple(waiting))


def _needs_attention(notice: SignalNotice) -> bool:
    return isinstance(notice.verdict, RiskApproved) or is_question(notice)


def _best_first(notice: SignalNotice) -> float:
    return -notice.signal.score.value
