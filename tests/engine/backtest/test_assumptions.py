"""Costs in force, and what they refuse to be."""

from decimal import Decimal
from typing import Any

import pytest

from engine.backtest.assumptions import Assumptions
from engine.exchange.sim.matching import BookDepth


def test_assumptions_when_multiplied_scale_spread_and_impact_but_not_fees() -> None:
    costs = Assumptions(multiplier=4.0).cost_model()
    base = Assumptions().cost_model()
    assert costs.spread_ratio == 4 * base.spread_ratio
    assert costs.impact_ratio == 4 * base.impact_ratio
    assert costs.taker_fee == base.taker_fee


def test_depth_when_volume_is_small_or_costs_are_high_is_thin() -> None:
    assumed = Assumptions(depth_of_day=0.001, least_depth=10_000.0)
    assert assumed.depth(1e9) == BookDepth.from_ten_bps(Decimal(1_000_000))
    assert assumed.depth(0.0) == BookDepth.from_ten_bps(Decimal(10_000))
    doubled = Assumptions(depth_of_day=0.001, multiplier=2.0)
    assert doubled.depth(1e9) == BookDepth.from_ten_bps(Decimal(500_000))
    assert Assumptions(multiplier=0.0).depth(1e9).level_notional > 1e6


@pytest.mark.parametrize(
    "fields",
    [{"latency_ms": -1}, {"latency_ms": 5_001}, {"multiplier": 101.0}, {"balance": Decimal(1)}],
)
def test_assumptions_when_out_of_range_name_the_field(fields: dict[str, Any]) -> None:
    (name,) = fields
    with pytest.raises(ValueError, match=f"{name} is .*, allowed is"):
        Assumptions(**fields)


def test_assumptions_when_listed_give_plain_numbers() -> None:
    listed = Assumptions().as_dict()
    assert listed["taker_fee"] == 0.0005
    assert listed["latency_ms"] == 250
    assert all(isinstance(value, int | float) for value in listed.values())
