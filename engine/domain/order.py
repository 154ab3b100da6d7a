"""What we ask of a venue, what exists there, and what was executed."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Book(StrEnum):
    """The ledger a position belongs to for life."""

    PAPER = "paper"
    LIVE = "live"


class Side(StrEnum):
    """Side of an order."""

    BUY = "BUY"
    SELL = "SELL"

    @property
    def opposite(self) -> "Side":
        """The other side."""
        return Side.SELL if self is Side.BUY else Side.BUY

    @property
    def sign(self) -> int:
        """+1 for BUY, -1 for SELL."""
        return 1 if self is Side.BUY else -1


class OrderType(StrEnum):
    """Order types we use; the two last rest in the venue's conditional service."""

    LIMIT = "LIMIT"
    MARKET = "MARKET"
    STOP_MARKET = "STOP_MARKET"
    TAKE_PROFIT_MARKET = "TAKE_PROFIT_MARKET"


CONDITIONAL_TYPES = frozenset({OrderType.STOP_MARKET, OrderType.TAKE_PROFIT_MARKET})


class TimeInForce(StrEnum):
    """How long an order may rest."""

    GTC = "GTC"
    IOC = "IOC"


class Purpose(StrEnum):
    """Why an order exists; the value is its letter in the client order id."""

    ENTRY = "E"
    STOP = "S"
    TARGET = "T"
    EXIT = "X"


class OrderStatus(StrEnum):
    """Life of an order or a conditional order at the venue."""

    NEW = "NEW"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    TRIGGERED = "TRIGGERED"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"
    REJECTED = "REJECTED"

    @property
    def is_final(self) -> bool:
        """True when nothing more can happen to the order."""
        return self in _FINAL


_FINAL = frozenset(
    {OrderStatus.FILLED, OrderStatus.CANCELED, OrderStatus.EXPIRED, OrderStatus.REJECTED}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """One order as we want it; every number is already on the venue's grid.

    `price` belongs to LIMIT, `trigger_price` to the conditional types.
    """

    client_id: str
    symbol: str
    side: Side
    order_type: OrderType
    qty: Decimal
    purpose: Purpose
    price: Decimal | None = None
    trigger_price: Decimal | None = None
    time_in_force: TimeInForce | None = None
    reduce_only: bool = False

    @property
    def is_conditional(self) -> bool:
        """True when the order rests in the conditional service until triggered."""
        return self.order_type in CONDITIONAL_TYPES


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What the venue says exists. `filled_qty` is cumulative; `average_price` 0 if unfilled."""

    client_id: str
    venue_id: str
    symbol: str
    side: Side
    order_type: OrderType
    status: OrderStatus
    qty: Decimal
    filled_qty: Decimal
    reduce_only: bool
    event_time_ms: int
    average_price: Decimal = Decimal(0)
    price: Decimal = Decimal(0)
    trigger_price: Decimal = Decimal(0)
    conditional: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """One execution against an order. `trade_id` is unique per symbol at the venue."""

    symbol: str
    client_id: str
    venue_id: str
    trade_id: int
    side: Side
    qty: Decimal
    price: Decimal
    fee: Decimal
    fee_asset: str
    realised_pnl: Decimal
    is_maker: bool
    event_time_ms: int


class IntentState(StrEnum):
    """Where a journalled wish stands."""

    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    UNKNOWN = "UNKNOWN"
    DONE = "DONE"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A journalled wish to act at the venue, written before acting.

    `signal_key` is unique for entries: it makes an entry at most once over restarts.
    `trade_key` ties every order of one round trip together.
    """

    book: Book
    trade_key: str
    request: OrderRequest
    created_ms: int
    attempt: int = 0

    @property
    def signal_key(self) -> str | None:
        """Uniqueness key of an entry; None for orders that may be sent again."""
        is_entry = self.request.purpose is Purpose.ENTRY
        return f"{self.book.value}:{self.trade_key}" if is_entry else None
