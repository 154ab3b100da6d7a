"""The question why a setup was scored, sized and judged as it was, and its answer."""

from dataclasses import dataclass
from enum import StrEnum

from engine.domain.position import ClosedTrade
from engine.domain.setup import Setup
from engine.domain.signal import CostEstimate, GateFigure, Rule, Score


class UnknownSetup(Exception):  # noqa: N818 - it is the person's, not the program's
    """No such setup in the journal; the text says what is possible."""


@dataclass(frozen=True, slots=True)
class AskWhy:
    """A setup's id, or a symbol for its newest signal; "" means the newest signal of all."""

    wanted: str = ""


@dataclass(frozen=True, slots=True)
class FeaturePart:
    """One of the inputs. `log_odds` is what it added to the score, None where nobody can tell."""

    name: str
    value: float
    log_odds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributions:
    """The twelve inputs in their order.

    Attributes:
        parts: the features.
        base: log-odds before any feature; None where the parts have none.
        note: why there are no contributions, "" if there are.
    """

    parts: tuple[FeaturePart, ...]
    base: float | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KellyFigures:
    """How a probability becomes a share of equity at risk; ratios are shares of equity.

    Attributes:
        probability: calibrated chance that the setup pays, None without a calibration.
        payoff_ratio: net win over net loss, None where it was not measured.
        fraction: f* = p - (1 - p) / b, None where one of the two is missing.
        share: kappa, the part of f* that is staked.
        floor_ratio: the smallest risk.
        max_ratio: the operator's maximum of now.
        paper_ratio: what comes out on paper.
        at_floor: the floor because no edge is believed, to gather evidence.
        live_refusal: why live would refuse without the override, "" if it would not.
    """

    probability: float | None
    payoff_ratio: float | None
    fraction: float | None
    share: float
    floor_ratio: float
    max_ratio: float
    paper_ratio: float
    at_floor: bool
    live_refusal: str


class GateState(StrEnum):
    """What a rule of the gate said."""

    PASSED = "passed"
    REFUSED = "refused"
    NOT_REACHED = "not reached"


@dataclass(frozen=True, slots=True)
class GateLine:
    """One rule: why it refused in words, or what else is to say; and the numbers it looked at."""

    rule: Rule
    state: GateState
    detail: str = ""
    figures: tuple[GateFigure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One verdict of the gate: all its rules in their order, and the size in words if any."""

    at_ms: int
    approved: bool
    gates: tuple[GateLine, ...]
    size: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Everything known of one setup.

    `fate` is what was made of it in one word (signal, below, cap, cost ...); `threshold` and `cost`
    are None unless it became a signal.
    """

    setup: Setup
    score: Score | None
    fate: str
    at_ms: int
    threshold: float | None
    cost: CostEstimate | None
    contributions: Contributions
    kelly: KellyFigures | None
    judgements: tuple[Judgement, ...]
    closed: tuple[ClosedTrade, ...]
    running: bool
