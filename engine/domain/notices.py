"""Things worth telling the human, as data; the chat decides how they look."""

from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum, StrEnum

from engine.domain.order import Book, Fill, Purpose
from engine.domain.position import ClosedTrade
from engine.domain.signal import Mode, Signal, Verdict


class Priority(IntEnum):
    """Order of delivery, lowest number first."""

    CRITICAL = 0
    FILL = 1
    EXIT = 2
    SIGNAL = 3
    INFO = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Notice:
    """`notice_id` is deterministic, so that a restart never tells the same thing twice."""

    notice_id: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalNotice(_Notice):
    """A signal and what the gate said of it."""

    signal: Signal
    verdict: Verdict
    priority: Priority = Priority.SIGNAL


@dataclass(frozen=True, slots=True, kw_only=True)
class FillNotice(_Notice):
    """An entry was (partly) filled; `planned_price` is its setup's entry, 0 where unknown."""

    book: Book
    fill: Fill
    purpose: Purpose
    setup_id: str
    stop_price: Decimal
    target_price: Decimal
    planned_price: Decimal = Decimal(0)
    priority: Priority = Priority.FILL


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectionNotice(_Notice):
    """The stop is confirmed at the exchange, or there is trouble with it."""

    book: Book
    symbol: str
    setup_id: str
    confirmed: bool
    detail: str
    priority: Priority = Priority.FILL


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitNotice(_Notice):
    """A round trip ended."""

    trade: ClosedTrade
    priority: Priority = Priority.EXIT


class AlarmKind(StrEnum):
    """What an alarm is about."""

    BREAKER = "breaker"
    BLIND = "blind"
    SEEING = "seeing"
    SCORER = "scorer"
    UNPROTECTED = "unprotected"
    UNKNOWN_ORDER = "unknown_order"
    FOREIGN_POSITION = "foreign_position"
    ADOPTED = "adopted"
    ACCOUNT = "account"
    REJECTED = "rejected"
    DATABASE = "database"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmNotice(_Notice):
    """Something the operator must know now; one clear sentence."""

    kind: AlarmKind
    text: str
    priority: Priority = Priority.CRITICAL


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeNotice(_Notice):
    """Mode, risk or pause changed, and by whom."""

    mode: Mode
    text: str
    requested_by: str
    priority: Priority = Priority.INFO


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeNotice(_Notice):
    """Start, recovered state, progress, stop."""

    text: str
    priority: Priority = Priority.INFO


Notice = (
    SignalNotice
    | FillNotice
    | ProtectionNotice
    | ExitNotice
    | AlarmNotice
    | ModeNotice
    | LifeNotice
)
