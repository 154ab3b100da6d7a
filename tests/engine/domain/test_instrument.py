"""The door between floats and the venue's decimals."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.instrument import Rounding
from tests.builders import d, instrument

grids = st.sampled_from([d("0.1"), d("0.01"), d("0.0001"), d("0.05"), d("1"), d("10")])
numbers = st.one_of(st.floats(0.001, 1e7, allow_nan=False), st.decimals("0.001", 10**7, places=6))


@given(numbers, grids, st.sampled_from(list(Rounding)))
def test_price_when_quantized_is_a_multiple_on_the_right_side_and_stays_put(price, tick, rounding):
    rules = instrument(tick_size=tick)
    try:
        got = rules.quantize_price(price, rounding)
    except ValueError:
        assert price < float(tick)
        return
    exact = price if isinstance(price, Decimal) else Decimal(repr(price))

    assert got % tick == 0
    assert abs(got - exact) <= tick
    assert rounding is not Rounding.DOWN or got <= exact
    assert rounding is not Rounding.UP or got >= exact
    assert rules.quantize_price(got, rounding) == got


@given(numbers, grids)
def test_quantity_when_quantized_never_grows(qty, step):
    got = instrument(step_size=step, market_step_size=step).quantize_qty(qty)

    assert got % step == 0
    assert got <= (qty if isinstance(qty, Decimal) else Decimal(repr(qty)))


def test_float_when_it_has_a_short_text_means_that_text():
    assert instrument(tick_size=d("0.05")).quantize_price(0.35, Rounding.DOWN) == d("0.35")


def test_quantity_when_market_step_is_coarser_uses_it():
    assert instrument(market_step_size=d(1)).quantize_qty(3.7) == 3


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), Decimal("NaN")])
def test_number_when_not_finite_is_refused(bad):
    with pytest.raises(ValueError, match="finite"):
        instrument().quantize_qty(bad)


@pytest.mark.parametrize("bad", [0.0, -5.0, 0.001])
def test_price_when_not_positive_on_its_tick_is_refused(bad):
    with pytest.raises(ValueError, match="not positive"):
        instrument().quantize_price(bad, Rounding.DOWN)


@given(st.decimals("0.01", 100_000, places=2))
def test_smallest_quantity_is_accepted_and_one_step_less_is_not(price):
    rules = instrument()
    smallest = rules.smallest_qty(price)

    assert smallest * price >= rules.min_notional
    assert smallest >= rules.min_qty
    less = smallest - rules.step_size
    assert less * price < rules.min_notional or less < rules.min_qty
