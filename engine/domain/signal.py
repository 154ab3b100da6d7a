"""From a setup's score to a verdict about its order."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from engine.domain.order import Book
from engine.domain.setup import Setup


class Mode(StrEnum):
    """The operator's ladder; live stands above paper above signals."""

    SIGNALS = "signals"
    PAPER = "paper"
    LIVE = "live"

    @property
    def rank(self) -> int:
        """Place on the ladder, 0 = signals."""
        return list(Mode).index(self)

    @property
    def entry_book(self) -> Book | None:
        """Book that new entries go to in this mode."""
        return {Mode.SIGNALS: None, Mode.PAPER: Book.PAPER, Mode.LIVE: Book.LIVE}[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What the scorer says of one setup.

    `value` in [0, 1] ranks setups; `probability` is the calibrated chance that the setup pays
    net of costs, None where the scorer has no calibration (the heuristic). `payoff_ratio` is the
    measured net win over net loss of this cost bucket; `outcomes` counts the validated outcomes
    near this score. `edge` repeats the bundle's own verdict. `features` are the twelve inputs.
    """

    setup_id: str
    value: float
    scorer: str
    probability: float | None = None
    payoff_ratio: float | None = None
    outcomes: int = 0
    edge: bool = False
    features: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the current mode permits; the core knows the mode only through this value.

    `entry_book` None means alerts only. `edge_required` refuses entries without a proven edge;
    `allow_negative_edge` is the operator's override of it. `approval` asks before each entry.
    """

    mode: Mode
    entry_book: Book | None
    edge_required: bool
    allow_negative_edge: bool = False
    approval: bool = False


class Rule(StrEnum):
    """Every rule of the gate that can refuse a proposal."""

    SIGNALS_ONLY = "signals_only"
    PAUSED = "paused"
    BREAKER = "breaker"
    NOT_READY = "not_ready"
    BLIND = "blind"
    STALE = "stale"
    MUTED = "muted"
    NOT_TRADABLE = "not_tradable"
    LIQUIDITY = "liquidity"
    SPREAD = "spread"
    COST = "cost"
    EDGE = "edge"
    SIZE = "size"
    PRICE_MOVED = "price_moved"
    BUSY_SYMBOL = "busy_symbol"
    COOL_DOWN = "cool_down"
    MAX_POSITIONS = "max_positions"
    TOTAL_RISK = "total_risk"
    SIDE_RISK = "side_risk"
    LIQUIDATION_NEAR = "liquidation_near"
    MARGIN = "margin"
    FIRST_LIVE = "first_live"
    APPROVAL = "approval"


class Measure(StrEnum):
    """What a rule of the gate measured; the unit stands behind each."""

    AGE = "age"
    """Exchange seconds since the close that proves the setup; at most."""
    VOLUME = "volume"
    """24 h volume in USDT; at least."""
    SPREAD = "spread"
    """In R; at most."""
    COST = "cost"
    """Round trip in R; at most."""
    MOVED = "moved"
    """Price from the setup's entry in R; at most."""
    COOL_DOWN = "cool_down"
    """Minutes of the symbol's cool-down that are left; at most 0."""
    DAILY_LOSS = "daily_loss"
    """Share of equity lost since the start of the UTC day; below."""
    DRAWDOWN = "drawdown"
    """Share of equity below the high-water mark; below."""
    LOSS_STREAK = "loss_streak"
    """Losses in a row; below."""
    REJECTS = "rejects"
    """Entries the venue refused lately; below."""
    PROBABILITY = "probability"
    """Chance that the setup pays; above the chance at which it breaks even."""
    OUTCOMES = "outcomes"
    """Validated outcomes near the score; at least."""
    RISK = "risk"
    """Share of equity at risk in this trade; at most."""
    NOTIONAL = "notional"
    """Size of the order in USDT; at least."""
    POSITIONS = "positions"
    """Positions open or promised before this one; below."""
    TOTAL_RISK = "total_risk"
    """Share of equity at risk in all positions with this one; at most."""
    SIDE_RISK = "side_risk"
    """The same of all positions on its side; at most."""
    LIQUIDATION = "liquidation"
    """Distance of the liquidation in stop distances; at least."""
    MARGIN = "margin"
    """Margin of this position as a share of equity; at most."""
    TOTAL_MARGIN = "total_margin"
    """Margin of all positions as a share of equity; at most."""


@dataclass(frozen=True, slots=True)
class GateFigure:
    """A number the gate looked at, and whether it was within its limit.

    A rule may let pass what is beyond a limit (an evidence trade without an edge), and a breaker
    stays tripped when its numbers have recovered: the verdict is the rule's, not the figure's.
    """

    rule: Rule
    measure: Measure
    value: float
    limit: float
    passed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CostEstimate:
    """Round-trip cost of a trade as ratios of the entry price, and in units of R."""

    fee_ratio: float
    spread_ratio: float
    impact_ratio: float
    cost_r: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """A setup whose score passed the threshold. Still no size."""

    setup: Setup
    score: Score
    threshold: float
    cost: CostEstimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A signal with a size, awaiting the gate. `risk_ratio` is the share of equity at risk."""

    signal: Signal
    book: Book
    qty: Decimal
    limit_price: Decimal
    stop_price: Decimal
    target_price: Decimal
    risk_ratio: float
    risk: Decimal
    margin: Decimal
    at_floor: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskApproved:
    """The gate let the proposal pass; its risk is reserved from this moment."""

    proposal: Proposal


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskRefused:
    """The gate or the sizing said no: which rule, and the numbers in plain words."""

    signal: Signal
    rule: Rule
    detail: str
    proposal: Proposal | None = None


Verdict = RiskApproved | RiskRefused
