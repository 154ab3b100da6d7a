"""From a score to a quantity: fractional Kelly between a floor and the operator's maximum.

f* = p - (1 - p) / b. Risk of equity = clamp(kappa f*, floor, P). quantity = equity x risk /
(|entry - stop| + costs per unit), rounded down; margin = quantity x entry / leverage is capped.
"""

import math
from dataclasses import dataclass
from decimal import Decimal

from engine.domain.instrument import Instrument
from engine.domain.signal import Policy, Rule, Score
from engine.risk.limits import RiskLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeRequest:
    """What sizing needs. Prices are on the tick grid, `unit_cost` is quote per unit.

    `margin_price` is the worst price the order may fill at; the margin cap holds even there.
    """

    equity: Decimal
    entry: Decimal
    margin_price: Decimal
    stop: Decimal
    unit_cost: Decimal
    leverage: int
    max_risk_ratio: float
    score: Score
    policy: Policy
    smallest_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sized:
    """A quantity on the grid. `risk_ratio` is what a stop would cost, costs included."""

    qty: Decimal
    risk: Decimal
    risk_ratio: float
    margin: Decimal
    at_floor: bool
    margin_bound: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSized:
    """Why there is no quantity, with the numbers in plain words."""

    rule: Rule
    detail: str


def kelly_fraction(probability: float, payoff_ratio: float) -> float:
    """Return f* = p - (1 - p) / b; minus infinity for a payoff ratio that is not > 0."""
    if not math.isfinite(payoff_ratio) or payoff_ratio <= 0 or not 0 <= probability <= 1:
        return -math.inf
    return probability - (1.0 - probability) / payoff_ratio


@dataclass(frozen=True, slots=True)
class RiskShare:
    """Risk as a share of equity; `at_floor` marks evidence trades without a believed edge."""

    ratio: float
    at_floor: bool


def risk_share(
    score: Score, policy: Policy, limits: RiskLimits, max_risk_ratio: float
) -> RiskShare | NotSized:
    """Return the share of equity to risk, or the edge gate's refusal."""
    floor = min(limits.floor_risk_ratio, max_risk_ratio)
    doubt = _doubt(score, limits)
    override = policy.allow_negative_edge
    if policy.edge_required and not override:
        if doubt:
            return NotSized(rule=Rule.EDGE, detail=doubt)
        if not score.edge:
            return NotSized(rule=Rule.EDGE, detail="the model card does not claim an edge")
    if doubt or score.probability is None or score.payoff_ratio is None:
        return RiskShare(floor, at_floor=True)
    wanted = limits.kelly_share * kelly_fraction(score.probability, score.payoff_ratio)
    return RiskShare(min(max(wanted, floor), max_risk_ratio), at_floor=False)


def _doubt(score: Score, limits: RiskLimits) -> str:
    if score.probability is None or score.payoff_ratio is None:
        return f"scorer {score.scorer} has no calibrated probability"
    if score.outcomes < limits.min_outcomes:
        return (
            f"{score.outcomes} validated outcomes near this score, {limits.min_outcomes} are needed"
        )
    kelly = kelly_fraction(score.probability, score.payoff_ratio)
    if kelly <= 0:
        return (
            f"Kelly {kelly:+.3f} at p {score.probability:.3f} and payoff {score.payoff_ratio:.2f} "
            f"(break-even p {1 / (1 + max(score.payoff_ratio, 0.0)):.3f})"
        )
    return ""


def size(request: SizeRequest, instrument: Instrument, limits: RiskLimits) -> Sized | NotSized:
    """Return the quantity to trade, or which rule forbids it and why.

    The loss at the stop including costs never exceeds the risk budget, and the margin never
    exceeds its cap; below the symbol's minimum nothing is traded.
    """
    unsound = _unsound(request)
    if unsound:
        return NotSized(rule=Rule.SIZE, detail=unsound)
    share = risk_share(request.score, request.policy, limits, request.max_risk_ratio)
    if isinstance(share, NotSized):
        return share
    unit_loss = abs(request.entry - request.stop) + request.unit_cost
    by_risk = request.equity * Decimal(repr(share.ratio)) / unit_loss
    by_margin = request.equity * limits.margin_cap_ratio * request.leverage / request.margin_price
    smallest = instrument.smallest_qty(request.entry)
    largest = min(by_risk, by_margin, instrument.max_qty, instrument.market_max_qty)
    qty = instrument.quantize_qty(largest)
    if qty < smallest:
        return NotSized(rule=Rule.SIZE, detail=_too_small(request, share, smallest, largest))
    if request.smallest_only:
        qty = smallest
    return Sized(
        qty=qty,
        risk=qty * abs(request.entry - request.stop),
        risk_ratio=float(qty * unit_loss / request.equity),
        margin=qty * request.margin_price / request.leverage,
        at_floor=share.at_floor,
        margin_bound=by_margin < by_risk,
    )


def _unsound(request: SizeRequest) -> str:
    numbers = (
        request.equity,
        request.entry,
        request.margin_price,
        request.stop,
        request.unit_cost,
    )
    if not all(number.is_finite() for number in numbers):
        return "a price or the equity is not a finite number"
    if request.equity <= 0:
        return f"equity is {request.equity} USDT"
    if min(request.entry, request.stop, request.margin_price) <= 0 or request.entry == request.stop:
        return f"entry {request.entry} and stop {request.stop} leave no distance"
    if request.unit_cost < 0 or request.leverage < 1:
        return f"unit cost {request.unit_cost} or leverage {request.leverage} is out of range"
    if not math.isfinite(request.max_risk_ratio) or request.max_risk_ratio <= 0:
        return f"maximum risk {request.max_risk_ratio} is not a share of equity"
    return ""


def _too_small(request: SizeRequest, share: RiskShare, smallest: Decimal, largest: Decimal) -> str:
    return (
        f"risk {share.ratio:.2%} of {request.equity:.2f} USDT buys {largest:.6g}, "
        f"the smallest order is {smallest.normalize():f} "
        f"({smallest * request.entry:.2f} USDT at {request.entry})"
    )
