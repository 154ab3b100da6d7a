"""What a round trip costs, as a share of the price and in units of R."""

import math
from dataclasses import dataclass

from engine.domain.signal import CostEstimate


@dataclass(frozen=True, slots=True, kw_only=True)
class CostModel:
    """Assumptions used where the venue has not told better.

    Attributes:
        taker_fee: commission of one side.
        impact_ratio: price impact of both sides together.
        spread_ratio: spread assumed for a symbol without a fresh quote.
    """

    taker_fee: float = 0.0005
    impact_ratio: float = 0.0001
    spread_ratio: float = 0.0002


def estimate_cost(
    *, entry: float, stop: float, taker_fee: float, spread_ratio: float, impact_ratio: float
) -> CostEstimate:
    """Return the cost of entering and leaving at market: fees both ways, spread and impact.

    `cost_r` is infinite when entry and stop coincide, so that such a setup never passes a limit.

    Raises:
        ValueError: a number is not finite, the entry not positive or a ratio negative.
    """
    numbers = (entry, stop, taker_fee, spread_ratio, impact_ratio)
    if not all(map(math.isfinite, numbers)) or entry <= 0:
        raise ValueError(f"cost of entry {entry} and stop {stop}: prices must be finite and > 0")
    if min(spread_ratio, impact_ratio) < 0:
        raise ValueError(f"negative cost: spread {spread_ratio}, impact {impact_ratio}")
    fee_ratio = 2.0 * taker_fee
    total = fee_ratio + spread_ratio + impact_ratio
    risk_ratio = abs(entry - stop) / entry
    return CostEstimate(
        fee_ratio=fee_ratio,
        spread_ratio=spread_ratio,
        impact_ratio=impact_ratio,
        cost_r=total / risk_ratio if risk_ratio > 0 else math.inf,
    )


def cost_ratio(cost: CostEstimate) -> float:
    """Return the whole round-trip cost as a share of the entry price."""
    return cost.fee_ratio + cost.spread_ratio + cost.impact_ratio


def spread_ratio(bid: float, ask: float) -> float | None:
    """Return (ask - bid) / mid, or None when the quote is empty, crossed or not finite."""
    if not (math.isfinite(bid) and math.isfinite(ask)) or bid <= 0 or ask < bid:
        return None
    return 2.0 * (ask - bid) / (ask + bid)
