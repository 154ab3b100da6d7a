"""Everything that changes in the engine; the core is its sole owner."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from engine.core.config import CandleDetector, EngineConfig
from engine.core.series import Series
from engine.core.sight import Sight
from engine.core.trade import ZERO, Trade, TradePhase
from engine.domain.account import SymbolSetup
from engine.domain.commands import Receipt
from engine.domain.ids import parse_client_order_id
from engine.domain.instrument import Instrument
from engine.domain.order import Book
from engine.domain.setup import Direction, Setup
from engine.domain.signal import Mode, Policy, Signal
from engine.domain.snapshot import Counters
from engine.risk.breakers import BreakerState
from engine.risk.gate_inputs import Exposure
from engine.risk.threshold import SignalThreshold
from engine.smc.cross_section import MarketMinute
from engine.smc.timeframes import TimeframeBuilder

_MOST_FILLS_REMEMBERED = 20_000
_MOST_RECEIPTS_REMEMBERED = 2_000
_MOST_FINISHED_REMEMBERED = 500
_MOST_AWAITING = 2_000


class SymbolState:
    """One instrument's market: candles, detectors and latest prices."""

    __slots__ = (
        "ask",
        "bid",
        "detector",
        "higher",
        "instrument",
        "last",
        "mark",
        "quote_ms",
        "quote_volume_24h",
        "scanned",
        "series",
    )

    def __init__(self, instrument: Instrument, series_length: int) -> None:
        self.instrument = instrument
        self.series = Series(instrument.symbol, series_length)
        self.detector: CandleDetector | None = None
        self.higher: list[tuple[TimeframeBuilder, CandleDetector]] = []
        self.scanned = True
        self.quote_volume_24h = 0.0
        self.last = self.mark = self.bid = self.ask = 0.0
        self.quote_ms = -1

    @property
    def price(self) -> float:
        """Mark price where it is streamed, else the last price; 0 before the first."""
        return self.mark if self.mark > 0 else self.last


@dataclass(slots=True)
class Tombstone:
    """A trade that ended without our knowing its entry's fate; it may still appear."""

    trade: Trade
    until_ms: int


@dataclass(slots=True)
class Doubt:
    """A position that differs from our belief, seen in one snapshot; the next one decides."""

    qty: Decimal
    seen_s: float


@dataclass(frozen=True, slots=True)
class Claim:
    """Evidence that a position without a plan is ours, judged by the next sound snapshot.

    `stop` and `target` are the prices of orders we once wished for, None where unknown.
    """

    direction: Direction
    stop: Decimal | None = None
    target: Decimal | None = None


@dataclass(slots=True)
class BookState:
    """One book's account.

    `trouble` is why it cannot trade at all, in words; `foreign` holds positions that are not
    ours; `claims` maps symbols to evidence of ours whose plan is lost; `orphans` left-over orders
    of ours that are being cancelled to their symbol; `finished` the digests of trades that left
    to the time they did.
    """

    book: Book
    ready: bool = False
    deaf: str = ""
    trouble: str = ""
    wallet: Decimal = ZERO
    trades: dict[str, Trade] = field(default_factory=dict)
    tombstones: dict[str, Tombstone] = field(default_factory=dict)
    finished: dict[str, int] = field(default_factory=dict)
    prepared: dict[str, SymbolSetup] = field(default_factory=dict)
    breakers: BreakerState = field(default_factory=BreakerState)
    saved_breakers: BreakerState | None = None
    fills_seen: dict[tuple[str, int], None] = field(default_factory=dict)
    cool_until: dict[str, int] = field(default_factory=dict)
    foreign: dict[str, Decimal] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    orphans: dict[str, str] = field(default_factory=dict)
    doubts: dict[str, Doubt] = field(default_factory=dict)
    first_proved: bool = False
    equity_minute: int = -1
    snapshot_asked_s: float | None = None
    snapshot_wanted: str = ""

    def first_sight(self, symbol: str, trade_id: int) -> bool:
        """Remember an execution; False when it was seen before."""
        key = (symbol, trade_id)
        if key in self.fills_seen:
            return False
        self.fills_seen[key] = None
        if len(self.fills_seen) > _MOST_FILLS_REMEMBERED:
            del self.fills_seen[next(iter(self.fills_seen))]
        return True

    def remember_finished(self, digest: str, at_ms: int) -> None:
        """Keep the name of a finished trade, for orders of it that report late."""
        self.finished[digest] = at_ms
        if len(self.finished) > _MOST_FINISHED_REMEMBERED:
            del self.finished[next(iter(self.finished))]

    def is_finished(self, client_id: str) -> bool:
        """Return whether an order belongs to a trade that has left."""
        parts = parse_client_order_id(client_id)
        return parts is not None and parts.digest in self.finished

    def trade_of(self, symbol: str, client_id: str) -> Trade | None:
        """Return the running trade of the symbol if the order belongs to it."""
        trade = self.trades.get(symbol)
        return trade if trade is not None and trade.owns(client_id) else None

    def tombstone_of(self, client_id: str) -> Tombstone | None:
        """Return the grave an order id points to."""
        parts = parse_client_order_id(client_id)
        return self.tombstones.get(parts.digest) if parts else None

    def fallen_symbols(self) -> set[str]:
        """Symbols in which an unknown entry may still appear."""
        return {stone.trade.symbol for stone in self.tombstones.values()}


@dataclass(slots=True)
class EngineState:
    """The whole state; `policy` is all that the rest of the core knows of the mode.

    `started_ms` is the exchange time of the start; `outranked` the number of a newer start whose
    orders were seen on our account, 0 if none: that instance trades, this one only protects.
    `market_minute` is the cross-section added up last, with the open time of its minute.
    """

    config: EngineConfig
    policy: Policy
    threshold: SignalThreshold
    risk_pct: Decimal = Decimal("1.0")
    paused: str = ""
    approval: bool = False
    scorer: str = ""
    stopping: bool = False
    restored: bool = False
    started_ms: int = -1
    outranked: int = 0
    books: dict[Book, BookState] = field(default_factory=dict)
    symbols: dict[str, SymbolState] = field(default_factory=dict)
    sight: Sight = field(default_factory=Sight)
    muted: dict[str, int] = field(default_factory=dict)
    awaiting: dict[str, Setup] = field(default_factory=dict)
    takeable: dict[str, Signal] = field(default_factory=dict)
    receipts: dict[str, Receipt] = field(default_factory=dict)
    watched: frozenset[str] = frozenset()
    market_minute: tuple[int, MarketMinute] | None = None
    counts: dict[str, int] = field(default_factory=dict)

    def count(self, name: str, by: int = 1) -> None:
        """Add to one of the counters of `Counters`."""
        self.counts[name] = self.counts.get(name, 0) + by

    def counters(self) -> Counters:
        """Return the counters as a frozen value."""
        return Counters(**self.counts)

    def await_score(self, setup: Setup) -> Setup | None:
        """Keep a setup until its score comes; return the oldest where too many wait."""
        self.awaiting[setup.setup_id] = setup
        if len(self.awaiting) <= _MOST_AWAITING:
            return None
        return self.awaiting.pop(next(iter(self.awaiting)))

    def remember_receipt(self, receipt: Receipt) -> None:
        """Keep the answer to a command for its redeliveries."""
        self.receipts[receipt.command_id] = receipt
        if len(self.receipts) > _MOST_RECEIPTS_REMEMBERED:
            del self.receipts[next(iter(self.receipts))]

    def trades(self) -> Iterator[tuple[BookState, Trade]]:
        """Every running trade of every book."""
        for book in self.books.values():
            for trade in list(book.trades.values()):
                yield book, trade

    def price_of(self, symbol: str) -> Decimal | None:
        """Return the price a position is valued at, None while it is unknown."""
        market = self.symbols.get(symbol)
        if market is None or market.price <= 0:
            return None
        return Decimal(repr(market.price))

    def equity(self, book: BookState) -> Decimal:
        """Return wallet plus unrealised profit of our positions at their marks."""
        total = book.wallet
        for trade in book.trades.values():
            mark = self.price_of(trade.symbol)
            if trade.qty and mark is not None:
                total += trade.position.unrealised(mark)
        return total

    def exposure(self, book: BookState) -> Exposure:
        """Return what is open or promised; an approval counts from its own process() step."""
        equity = self.equity(book)
        risks = {Direction.LONG: 0.0, Direction.SHORT: 0.0}
        margin, positions = ZERO, 0
        for trade in book.trades.values():
            if trade.phase in {TradePhase.CLEANING, TradePhase.DONE}:
                continue
            positions += 1
            risks[trade.direction] += self.open_risk_ratio(trade, equity)
            margin += self.margin_of(book, trade)
        return Exposure(
            positions=positions,
            long_risk_ratio=risks[Direction.LONG],
            short_risk_ratio=risks[Direction.SHORT],
            margin=margin,
            equity=equity,
        )

    def open_risk_ratio(self, trade: Trade, equity: Decimal) -> float:
        """Return the share of equity a stop would cost now, or the reservation while entering."""
        if equity <= 0:
            return trade.risk_ratio
        if not trade.entry_settled or not trade.qty:
            return trade.risk_ratio or float(trade.memory.risk / equity)
        distance = (trade.position.entry_price - trade.protection.stop_price) * int(trade.direction)
        return max(float(distance * trade.qty / equity), 0.0)

    def leverage_of(self, book: BookState, symbol: str) -> int:
        """Return the leverage in force, or the wanted one where it was not read back."""
        prepared = book.prepared.get(symbol)
        return prepared.leverage if prepared else self.config.limits.leverage

    def margin_of(self, book: BookState, trade: Trade) -> Decimal:
        """Return the margin a trade takes or has reserved."""
        if not trade.entry_settled or not trade.qty:
            return trade.planned_margin
        return trade.position.notional / self.leverage_of(book, trade.symbol)


def new_state(config: EngineConfig) -> EngineState:
    """Return the state of an engine that has seen nothing yet."""
    state = EngineState(
        config=config,
        policy=policy_of(config.mode, config.allow_negative_edge, approval=config.approval),
        threshold=config.new_threshold(config.threshold, config.seed),
        approval=config.approval,
        scorer=config.scorer,
    )
    state.books = {book: BookState(book) for book in config.books}
    return state


def policy_of(mode: Mode, allow_negative_edge: bool, *, approval: bool) -> Policy:
    """Return what a mode permits."""
    return Policy(
        mode=mode,
        entry_book=mode.entry_book,
        edge_required=mode is Mode.LIVE,
        allow_negative_edge=allow_negative_edge,
        approval=approval and mode is not Mode.SIGNALS,
    )
