from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.exchange.sim.scales import Scales, decimal_digits

INCREMENTS = ["0.1", "0.00001", "1", "0.05", "10", "0.25", "0.0000001"]


@settings(deadline=None)
@given(st.sampled_from(INCREMENTS), st.integers(1, 2**31 - 1))
def test_scales_when_converting_counts_give_the_float_of_the_decimal_text(increment, count):
    scales = Scales.of([Decimal(increment)])
    value = scales.values(np.array([count]))[0]
    assert value == float(Decimal(increment) * count)
    assert scales.counts(np.array([value]))[0] == count
    assert scales.exact(0, count) == Decimal(increment) * count


def test_scales_when_one_symbol_is_asked_use_its_own_increment():
    scales = Scales.of([Decimal("0.1"), Decimal("0.05")])
    assert scales.values_of(1, np.array([3, 4])).tolist() == [0.15, 0.2]
    assert scales.digits == (1, 2)


@pytest.mark.parametrize(
    ("text", "digits"), [("0.10", 1), ("1", 0), ("10", 0), ("1E+3", 0), ("0.000001", 6)]
)
def test_decimal_digits_when_zeros_trail_do_not_count_them(text, digits):
    assert decimal_digits(Decimal(text)) == digits
