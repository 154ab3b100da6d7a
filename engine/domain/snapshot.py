"""A frozen picture of the engine's state for front ends; reading it touches no exchange."""

from dataclasses import dataclass
from decimal import Decimal

from engine.domain.order import Book
from engine.domain.setup import Direction
from engine.domain.signal import Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionView:
    """One open round trip; `r_now` and `best_r` in units of the first risk, times exchange ms."""

    book: Book
    symbol: str
    direction: Direction
    setup_id: str
    score: float | None
    qty: Decimal
    entry_price: Decimal
    mark_price: float
    stop_price: Decimal
    target_price: Decimal
    unrealised: Decimal
    risk: Decimal
    r_now: float
    best_r: float
    opened_ms: int
    time_exit_ms: int
    protected: bool
    exiting: bool
    ours: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BookView:
    """One book's account. Ratios are shares of equity."""

    book: Book
    ready: bool
    wallet: Decimal
    equity: Decimal
    day_start_equity: Decimal
    high_water: Decimal
    open_risk_ratio: float
    breakers: tuple[str, ...]
    pending: int
    unknown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """Counts since start, for /status, /health and the run summary."""

    candles: int = 0
    candles_backfilled: int = 0
    candles_flat: int = 0
    setups: int = 0
    stale: int = 0
    signals: int = 0
    approved: int = 0
    refused: int = 0
    orders: int = 0
    fills: int = 0
    closed: int = 0
    smc_events: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The engine's state at one moment."""

    exchange_ms: int
    mode: Mode
    paused: str
    allow_negative_edge: bool
    risk_pct: Decimal
    threshold: float
    signals_today: int
    signals_per_day: int
    scorer: str
    symbols: int
    ready: bool
    blind: frozenset[str]
    muted: dict[str, int]
    books: tuple[BookView, ...]
    positions: tuple[PositionView, ...]
    counters: Counters
    approval: bool = False
    """Each entry waits for the operator's Take."""
    outranked: int = 0
    """Number of a newer start that trades this account, 0 for none; no entries are made then."""
    position_cap: Decimal | None = None
    """Largest position in multiples of equity: margin cap times leverage; None = not told."""
