"""Round-trip costs."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.risk.costs import cost_ratio, estimate_cost, spread_ratio


def estimate(**fields):
    values = {
        "entry": 100.0,
        "stop": 98.0,
        "taker_fee": 0.0005,
        "spread_ratio": 0.0002,
        "impact_ratio": 0.0001,
    }
    return estimate_cost(**(values | fields))


def test_cost_when_all_parts_are_known_is_their_sum_over_r():
    cost = estimate()

    assert cost.fee_ratio == 0.001
    assert cost_ratio(cost) == pytest.approx(0.0013)
    assert cost.cost_r == pytest.approx(0.0013 / 0.02)


def test_cost_when_the_stop_is_at_the_entry_is_infinite():
    assert estimate(stop=100.0).cost_r == math.inf


@pytest.mark.parametrize(
    "fields",
    [{"entry": 0.0}, {"entry": math.nan}, {"stop": math.inf}, {"spread_ratio": -0.1}],
)
def test_cost_when_a_number_makes_no_sense_is_refused(fields):
    with pytest.raises(ValueError, match="cost"):
        estimate(**fields)


@given(st.floats(0.001, 0.1), st.floats(0.001, 0.1))
def test_cost_in_r_shrinks_as_the_stop_widens(first, second):
    near, far = sorted((first, second))
    assert estimate(stop=100 * (1 - near)).cost_r >= estimate(stop=100 * (1 - far)).cost_r


@pytest.mark.parametrize(
    ("bid", "ask", "expected"),
    [
        (99.0, 101.0, 0.02),
        (100.0, 100.0, 0.0),
        (0.0, 1.0, None),
        (2.0, 1.0, None),
        (math.nan, 1.0, None),
    ],
)
def test_spread_when_the_quote_is_sound_is_relative_to_its_middle(bid, ask, expected):
    assert spread_ratio(bid, ask) == expected
