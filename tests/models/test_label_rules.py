"""Tests of models/label_rules.py."""

import pytest

from engine.risk.costs import CostModel
from models.label_rules import LabelRules


def test_costs_when_default_are_those_of_the_engine() -> None:
    assert LabelRules().round_trip_cost_ratio == pytest.approx(0.0013)


def test_side_cost_when_spread_and_impact_are_given_is_fee_plus_half_of_both() -> None:
    costs = CostModel(taker_fee=0.0004, spread_ratio=0.0006, impact_ratio=0.0002)
    assert LabelRules(costs=costs).side_cost_ratio == pytest.approx(0.0008)
