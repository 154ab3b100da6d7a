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
