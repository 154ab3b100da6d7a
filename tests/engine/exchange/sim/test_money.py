from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.exchange.sim.money import CENT, digits_of, fixed, is_multiple, money, plain

numbers = st.decimals(
    min_value=-(10**9), max_value=10**9, allow_nan=False, allow_infinity=False, places=10
)


@given(numbers)
def test_money_when_rounded_is_a_multiple_of_the_grain_and_near(amount: Decimal) -> None:
    rounded = money(amount)
    assert is_multiple(rounded, CENT)
    assert abs(rounded - amount) <= CENT / 2


@given(numbers)
def test_plain_when_read_back_is_the_same_number(value: Decimal) -> None:
    text = plain(value)
    assert Decimal(text) == value
    assert "E" not in text
    assert "." not in text or not text.endswith(("0", "."))


@given(numbers, st.integers(0, 8))
def test_fixed_when_printed_has_exactly_the_digits(value: Decimal, digits: int) -> None:
    text = fixed(value, digits)
    assert len(text.partition(".")[2]) == digits
    assert text.strip("-0.") or not text.startswith("-")


@pytest.mark.parametrize(
    ("text", "digits"), [("1", 0), ("1.50", 1), ("0.001", 3), ("1E-7", 7), ("100", 0)]
)
def test_digits_of_when_zeros_trail_ignores_them(text: str, digits: int) -> None:
    assert digits_of(Decimal(text)) == digits


@pytest.mark.parametrize(("text", "printed"), [("-0", "0"), ("-0.00", "0"), ("1E+2", "100")])
def test_plain_when_value_is_odd_prints_it_plainly(text: str, printed: str) -> None:
    assert plain(Decimal(text)) == printed


def test_is_multiple_when_off_the_grid_is_false() -> None:
    assert is_multiple(Decimal("0.3"), Decimal("0.1"))
    assert not is_multiple(Decimal("0.35"), Decimal("0.1"))
