"""What a front end may do: command, look, ask. It reaches the engine no other way."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from bot.desk_health import HealthView
from bot.desk_model import ModelEvidence, ModelProposal, ModelView
from bot.desk_preflight import PreflightFacts
from bot.desk_why import AskWhy, Explanation
from engine.domain.candle import Candle
from engine.domain.commands import Command, ModelChange, Receipt
from engine.domain.order import Book
from engine.domain.position import ClosedTrade
from engine.domain.setup import Direction, Evidence
from engine.domain.signal import Rule
from engine.domain.snapshot import PositionView, Snapshot


class StillWorking(Exception):  # noqa: N818 - it is not a failure
    """The engine has not answered a command in time; it may still carry it out."""


class UnknownSymbol(Exception):  # noqa: N818
    """A symbol that is not scanned; the text says so and offers near names."""


class Period(StrEnum):
    """Reporting periods of exchange time, in UTC."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    ALL = "all"


# --- questions --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AskSignals:
    """The newest signals with what became of them."""

    limit: int = 10


@dataclass(frozen=True, slots=True)
class AskPnl:
    """Closed trades of a period, per book."""

    period: Period


@dataclass(frozen=True, slots=True)
class AskChart:
    """Candles and findings of a symbol; `setup_id` adds that setup's zones and levels."""

    symbol: str
    candles: int = 90
    setup_id: str | None = None


@dataclass(frozen=True, slots=True)
class AskOutcome:
    """What became of one setup."""

    setup_id: str


@dataclass(frozen=True, slots=True)
class AskJournal:
    """Who commanded what, newest first."""

    limit: int = 10


# --- answers ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalRow:
    """One past signal. `outcome` in words: running, refused with its rule, or exit and R."""

    setup_id: str
    symbol: str
    direction: Direction
    at_ms: int
    score: float
    cost_r: float
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the journal knows of one setup: its trade, else whether an entry was approved."""

    trade: ClosedTrade | None = None
    approved: bool = False
    rule: Rule | None = None


@dataclass(frozen=True, slots=True)
class SignalsView:
    """Newest first."""

    rows: tuple[SignalRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PnlGroup:
    """Results of one group of closed trades, net of all costs.

    `expectancy_r` is the mean net R; `low_r` and `high_r` its 95 % interval, None below 2 trades.
    """

    name: str
    count: int
    wins: int
    net: Decimal
    fees: Decimal
    funding: Decimal
    expectancy_r: float
    low_r: float | None
    high_r: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookPnl:
    """One book's period: total, groups and the equity curve (exchange ms, equity).

    A group of `by_day` is named by the UTC midnight in ms and has no interval.
    """

    book: Book
    total: PnlGroup
    by_reason: tuple[PnlGroup, ...]
    by_symbol: tuple[PnlGroup, ...]
    by_score: tuple[PnlGroup, ...]
    equity: tuple[tuple[int, float], ...]
    best: ClosedTrade | None
    worst: ClosedTrade | None
    by_day: tuple[PnlGroup, ...] = ()


@dataclass(frozen=True, slots=True)
class PnlView:
    """Books are never summed."""

    period: Period
    books: tuple[BookPnl, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartData:
    """Everything a picture of one symbol needs; prices float, `decimals` for the axis."""

    symbol: str
    decimals: int
    candles: tuple[Candle, ...]
    evidence: tuple[Evidence, ...]
    direction: Direction | None
    entry: float | None
    stop: float | None
    target: float | None
    zone: tuple[float, float] | None
    position: PositionView | None
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UniverseView:
    """Scanned symbols, most traded first with 24 h volume, and the excluded by reason."""

    scanned: tuple[tuple[str, float], ...]
    excluded: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One command and its receipt."""

    at_ms: int
    who: str
    what: str
    accepted: bool
    detail: str


@dataclass(frozen=True, slots=True)
class JournalView:
    """Newest first."""

    rows: tuple[JournalRow, ...]


class Desk(Protocol):
    """The front end's whole world."""

    async def submit(self, command: Command) -> Receipt:
        """Give a command to the engine and wait for its receipt.

        Raises:
            StillWorking: no receipt within the patience of a chat.
        """
        ...

    def snapshot(self) -> Snapshot:
        """Return the engine's state now; touches neither exchange nor database."""
        ...

    async def signals(self, question: AskSignals) -> SignalsView:
        """Answer from the journal."""
        ...

    async def outcome(self, question: AskOutcome) -> Outcome:
        """Answer from the journal."""
        ...

    async def pnl(self, question: AskPnl) -> PnlView:
        """Answer from the journal."""
        ...

    async def chart(self, question: AskChart) -> ChartData:
        """Answer from the engine's series.

        Raises:
            UnknownSymbol: the symbol is not scanned.
        """
        ...

    async def why(self, question: AskWhy) -> Explanation:
        """Answer from the journal and the scorer.

        Raises:
            UnknownSetup: the journal has no such setup.
        """
        ...

    def model(self) -> ModelView:
        """Answer from the scorer in use."""
        ...

    async def model_evidence(self) -> ModelEvidence:
        """Answer from the journal: how the model fares here."""
        ...

    async def propose_model(self, change: ModelChange) -> ModelProposal:
        """Load and check the model a change would bring; takes about half a second."""
        ...

    async def health(self) -> HealthView:
        """Answer from the meters."""
        ...

    async def preflight(self) -> PreflightFacts:
        """Ask the venue whether live mode could work there; takes at most five seconds."""
        ...

    def universe(self) -> UniverseView:
        """Answer from the scanner."""
        ...

    async def journal(self, question: AskJournal) -> JournalView:
        """Answer from the journal."""
        ...
