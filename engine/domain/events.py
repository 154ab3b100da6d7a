"""What happened: the closed union the core is a function of.

An event carries the venue's time where the venue told one; the moment of the decision is the
`Instant` handed to `Engine.process` beside the event.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from engine.domain.account import SymbolSetup, VenuePosition, VenueSnapshot
from engine.domain.candle import Candle
from engine.domain.commands import ChangeModel, Command
from engine.domain.instrument import Instrument
from engine.domain.order import Book, Fill, Intent, Order
from engine.domain.position import ClosedTrade
from engine.domain.signal import Score


@dataclass(frozen=True, slots=True)
class Instant:
    """The moment of a decision on both clocks.

    `exchange_ms` is exchange time (runs at --speed); `wall_s` is monotonic wall time, for
    deadlines that protect money whatever the speed.
    """

    exchange_ms: int
    wall_s: float


class Origin(StrEnum):
    """Where a candle came from; only LIVE candles may raise signals."""

    LIVE = "live"
    BACKFILL = "backfill"
    PRELOAD = "preload"
    FLAT = "flat"


# --- market ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CandleClosed:
    """A minute is final. `received_at` is monotonic wall time at the socket."""

    candle: Candle
    origin: Origin
    received_at: float


@dataclass(frozen=True, slots=True)
class PriceMoved:
    """The open candle's last price; may be coalesced under pressure."""

    symbol: str
    price: float
    event_time_ms: int


@dataclass(frozen=True, slots=True)
class QuoteMoved:
    """Best bid and ask; may be coalesced under pressure."""

    symbol: str
    bid: float
    ask: float
    event_time_ms: int


@dataclass(frozen=True, slots=True)
class MarkMoved:
    """Mark price and the funding that is due at `next_funding_ms`; may be coalesced."""

    symbol: str
    mark: float
    funding_rate: float
    next_funding_ms: int
    event_time_ms: int


@dataclass(frozen=True, slots=True)
class ContractChanged:
    """The venue announced a listing, a delisting date or a new status of a contract."""

    symbol: str
    status: str
    delivery_ms: int
    event_time_ms: int


@dataclass(frozen=True, slots=True)
class UniverseChanged:
    """The instruments we scan, their 24 h quote volume, and why the others are out."""

    instruments: tuple[Instrument, ...]
    quote_volume_24h: dict[str, float]
    excluded: dict[str, str]


@dataclass(frozen=True, slots=True)
class FeedBlind:
    """These symbols' streams are down or their candles incomplete: no signals, no entries."""

    symbols: frozenset[str]
    reason: str


@dataclass(frozen=True, slots=True)
class FeedSeeing:
    """These symbols' series are contiguous and live again."""

    symbols: frozenset[str]


# --- scoring --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SetupsScored:
    """Scores of all setups of one drain of the mailbox, in the order they were asked."""

    scores: tuple[Score, ...]


@dataclass(frozen=True, slots=True)
class ScorerChanged:
    """Another scorer works from this moment on; setups found before were scored by the former.

    `quantiles` and `per_day` describe its scores of eligible setups, for the automatic threshold:
    scores of different scorers cannot be compared.
    """

    command: ChangeModel
    scorer: str
    quantiles: tuple[float, ...]
    per_day: float


# --- account --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OrderAccepted:
    """The venue acknowledged the order (or the conditional order rests there)."""

    book: Book
    order: Order


@dataclass(frozen=True, slots=True)
class OrderRejected:
    """Positive evidence that the venue refused the order."""

    book: Book
    client_id: str
    symbol: str
    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class OrderUnknown:
    """We asked and do not know. The symbol is frozen until the executor settles it."""

    book: Book
    client_id: str
    symbol: str
    reason: str


@dataclass(frozen=True, slots=True)
class IntentExpired:
    """An unknown entry was not found for its whole expiry; it leaves a tombstone for 24 h."""

    book: Book
    client_id: str
    symbol: str


@dataclass(frozen=True, slots=True)
class OrderFilled:
    """One execution; redelivered ones carry the same (symbol, trade id)."""

    book: Book
    fill: Fill


@dataclass(frozen=True, slots=True)
class OrderChanged:
    """The venue reports a new status of an order or conditional order."""

    book: Book
    order: Order


@dataclass(frozen=True, slots=True)
class CancelRefused:
    """A cancel did not find its order (it ended before, or never existed)."""

    book: Book
    client_id: str
    symbol: str
    code: int


@dataclass(frozen=True, slots=True)
class BalanceChanged:
    """Wallet balance in USDT as the venue pushed it; `reason` is the venue's word."""

    book: Book
    wallet: Decimal
    reason: str
    event_time_ms: int


@dataclass(frozen=True, slots=True)
class FundingPaid:
    """Funding booked on a position; positive when received."""

    book: Book
    symbol: str
    amount: Decimal
    event_time_ms: int


@dataclass(frozen=True, slots=True)
class PositionReported:
    """A position as the venue pushed it."""

    book: Book
    position: VenuePosition
    event_time_ms: int


@dataclass(frozen=True, slots=True)
class SnapshotTaken:
    """The venue's whole truth; it wins over what we believed."""

    book: Book
    snapshot: VenueSnapshot


@dataclass(frozen=True, slots=True)
class SymbolPrepared:
    """Margin type and leverage of a symbol were read back; it may be traded now."""

    book: Book
    setup: SymbolSetup


@dataclass(frozen=True, slots=True)
class AccountDeaf:
    """The user stream is down or proved deaf: no entries until a snapshot agrees again."""

    book: Book
    reason: str


@dataclass(frozen=True, slots=True)
class AccountHeard:
    """The user stream is up again; a `SnapshotTaken` follows before entries resume."""

    book: Book


@dataclass(frozen=True, slots=True)
class AccountRefused:
    """The venue refuses our credentials; the next `SnapshotTaken` says that they work again."""

    book: Book
    reason: str


# --- the rest -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeMemory:
    """What the journal kept of one unfinished round trip; enough to manage it after a restart.

    `funding` is what was booked on it so far, in USDT, positive when received.
    """

    trade_key: str
    book: Book
    symbol: str
    setup_id: str
    direction: int
    score: float | None
    entry_price: float
    stop_price: Decimal
    target_price: Decimal
    risk: Decimal
    time_exit_ms: int
    stagnation_ms: int
    opened_ms: int
    best_r: float
    timeframe: str
    funding: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class StateRestored:
    """What the journal remembers, told once before anything else at start.

    `settings` are the operator's stored choices (mode, risk, pause, breakers ...); `intents` all
    that had not reached a final state; `fills` those of unfinished trades; `recent` the closed
    trades needed by breakers and cool-downs.
    """

    settings: dict[str, str]
    trades: tuple[TradeMemory, ...]
    intents: tuple[Intent, ...]
    fills: tuple[tuple[Book, Fill], ...]
    recent: tuple[ClosedTrade, ...]


@dataclass(frozen=True, slots=True)
class CommandGiven:
    """A person asked for something."""

    command: Command


@dataclass(frozen=True, slots=True)
class Ticked:
    """Time passed (every 250 ms of wall time); drives deadlines, exits and cool-downs."""


@dataclass(frozen=True, slots=True)
class StopRequested:
    """The process is asked to end: no entries from now on, stops stay at the exchange."""


MarketEvent = CandleClosed | PriceMoved | QuoteMoved | MarkMoved | ContractChanged
FeedEvent = UniverseChanged | FeedBlind | FeedSeeing
AccountEvent = (
    OrderAccepted
    | OrderRejected
    | OrderUnknown
    | IntentExpired
    | OrderFilled
    | OrderChanged
    | CancelRefused
    | BalanceChanged
    | FundingPaid
    | PositionReported
    | SnapshotTaken
    | SymbolPrepared
    | AccountDeaf
    | AccountHeard
    | AccountRefused
)
Event = (
    MarketEvent
    | FeedEvent
    | SetupsScored
    | ScorerChanged
    | AccountEvent
    | StateRestored
    | CommandGiven
    | Ticked
    | StopRequested
)
