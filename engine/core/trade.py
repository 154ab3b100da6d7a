"""One round trip of one book and symbol, from approval until its legs are confirmed gone.

The phase is computed from the facts, so it can never disagree with them:

    ENTERING  nothing or part is filled and the entry order has not ended
    OPEN      something is held, nothing wants it gone
    EXITING   something is held and a market exit is wanted or on its way
    CLEANING  flat, but a leg may still rest at the venue
    DONE      flat and confirmed empty
"""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from engine.core.protection import Protection
from engine.domain.events import TradeMemory
from engine.domain.ids import client_order_id, trade_digest
from engine.domain.instrument import Instrument
from engine.domain.order import Book, Fill, Purpose, Side
from engine.domain.position import ExitReason, Position
from engine.domain.setup import Direction

ZERO = Decimal(0)
_DIRECTIONS = {int(one): one for one in Direction}
"""Asked for so often that making the enum anew would be felt."""


class TradePhase(StrEnum):
    """Where a round trip stands."""

    ENTERING = "entering"
    OPEN = "open"
    EXITING = "exiting"
    CLEANING = "cleaning"
    DONE = "done"


class SentState(StrEnum):
    """What we know of an order we sent."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    UNKNOWN = "unknown"
    ENDED = "ended"


@dataclass(slots=True)
class SentOrder:
    """An entry or exit order. `expected` is the venue's final filled quantity once it ended."""

    client_id: str
    qty: Decimal
    since_s: float
    state: SentState = SentState.PENDING
    expected: Decimal | None = None


@dataclass(slots=True)
class ExitPlan:
    """The wish to hold no more than `keep_qty`; 0 closes the position."""

    reason: ExitReason
    keep_qty: Decimal = ZERO


@dataclass(slots=True)
class OrderNames:
    """Client order ids of one round trip, deterministic in (epoch, book, trade key, attempt)."""

    epoch: int
    key: str
    attempts: dict[Purpose, int] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """The part of the ids that names the round trip."""
        return trade_digest(self.key)

    def next(self, purpose: Purpose) -> str:
        """Return the id of the next attempt."""
        attempt = self.attempts.get(purpose, 0)
        self.attempts[purpose] = attempt + 1
        return client_order_id(self.epoch, purpose, self.key, attempt)


def names_of(epoch: int, book: Book, trade_key: str) -> OrderNames:
    """Return the names of a round trip; book and key together are unique."""
    return OrderNames(epoch, f"{book.value}:{trade_key}")


@dataclass(slots=True)
class Tally:
    """What was bought and sold over the round trip, for the averages of the closed trade."""

    entry_qty: Decimal = ZERO
    entry_value: Decimal = ZERO
    exit_qty: Decimal = ZERO
    exit_value: Decimal = ZERO

    def add(self, fill: Fill, *, opens: bool) -> None:
        """Count one execution."""
        if opens:
            self.entry_qty += fill.qty
            self.entry_value += fill.qty * fill.price
        else:
            self.exit_qty += fill.qty
            self.exit_value += fill.qty * fill.price


@dataclass(slots=True)
class Trade:
    """The core's belief about one round trip; only the core changes it.

    Attributes:
        memory: what the journal keeps of it.
        risk_ratio: share of equity reserved for it while nothing is filled.
        planned_margin: margin reserved for it.
        planned_entry: the setup's entry price, 0 where it is not remembered.
        held: restored and not yet compared with the venue; nothing is sent for it.
        improvised: its plan was lost and guessed; prices of legs that rest are better.
        unaccounted: signed quantity taken over from a snapshot whose fills are still unseen.
        truth_ms: when that snapshot was taken.
        active_ms: exchange time of the last fill or order, to tell stale snapshots.
        filled_ms: venue time of the newest fill.
        reported: last position pushed by the venue, with the wall time of the push.
    """

    memory: TradeMemory
    instrument: Instrument
    names: OrderNames
    protection: Protection
    position: Position
    entry: SentOrder | None
    risk_ratio: float
    planned_margin: Decimal
    planned_entry: Decimal = ZERO
    exit: SentOrder | None = None
    exit_plan: ExitPlan | None = None
    exit_retry_at_s: float = 0.0
    exit_failures: int = 0
    exit_reason: ExitReason | None = None
    filled: dict[str, Decimal] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    held: bool = False
    improvised: bool = False
    confirm_by_snapshot: bool = False
    unaccounted: Decimal = ZERO
    truth_ms: int = -1
    active_ms: int = -1
    filled_ms: int = -1
    reported: tuple[Decimal, float] | None = None
    snapshot_asked_s: float | None = None
    told_protected: bool = False
    told_failure: bool = False
    told_exit_trouble: bool = False
    entry_cancelled: bool = False
    rounds: int = 0

    @property
    def symbol(self) -> str:
        """The venue's spelling."""
        return self.memory.symbol

    @property
    def book(self) -> Book:
        """The book it belongs to for life."""
        return self.memory.book

    @property
    def direction(self) -> Direction:
        """Direction of the plan."""
        return _DIRECTIONS[self.memory.direction]

    @property
    def entry_side(self) -> Side:
        """Side of the entry order."""
        return Side.BUY if self.direction is Direction.LONG else Side.SELL

    @property
    def qty(self) -> Decimal:
        """Open quantity, >= 0."""
        return abs(self.position.qty)

    @property
    def entry_price(self) -> float:
        """Average entry price while something is held, else the planned one."""
        held = self.position.entry_price
        return float(held) if held else self.memory.entry_price

    @property
    def is_protected(self) -> bool:
        """Whether stops confirmed at the venue cover everything held."""
        return self.protection.is_confirmed(self.qty)

    @property
    def entry_settled(self) -> bool:
        """Whether nothing more is expected from the entry order."""
        entry = self.entry
        if entry is None:
            return True
        if entry.state is not SentState.ENDED:
            return False
        return self.filled.get(entry.client_id, ZERO) >= (entry.expected or ZERO)

    @property
    def phase(self) -> TradePhase:
        """Where the round trip stands."""
        if self.qty:
            if self.exit_plan or self.exit:
                return TradePhase.EXITING
            return TradePhase.OPEN if self.entry_settled else TradePhase.ENTERING
        if not self.entry_settled:
            return TradePhase.ENTERING
        if self.protection.legs or self.confirm_by_snapshot:
            return TradePhase.CLEANING
        return TradePhase.DONE

    def remember(self, **changes: object) -> None:
        """Change the journal's memory of this trade."""
        self.memory = replace(self.memory, **changes)  # type: ignore[arg-type]

    def owns(self, client_id: str) -> bool:
        """Return whether an order of this id belongs to this round trip."""
        if client_id in self.protection.legs:
            return True  # adopted from an earlier round trip
        pieces = client_id.split("-")
        return len(pieces) == 4 and pieces[2] == self.names.digest
