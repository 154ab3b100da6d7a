from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.exchange.sim.defaults import default_rules
from engine.exchange.sim.money import digits_of, is_multiple

prices = st.floats(min_value=1e-6, max_value=200_000, allow_nan=False)


@given(prices)
def test_rules_when_derived_from_a_price_fit_together(price: float) -> None:
    rules = default_rules("FOOUSDT", price)
    assert rules.base == "FOO"
    assert rules.price_precision == digits_of(rules.tick_size)
    assert rules.qty_precision == digits_of(rules.step_size)
    assert float(rules.tick_size) <= price / 1_000 or rules.tick_size == Decimal("0.1")
    assert rules.min_price <= Decimal(repr(price)) * 10
    assert Decimal(repr(price)) < rules.max_price
    assert float(rules.step_size) * price <= 200
    assert rules.market_max_qty < rules.max_qty
    assert is_multiple(rules.max_qty, rules.step_size)


@pytest.mark.parametrize(
    ("symbol", "notional"),
    [("BTCUSDT", 50), ("ETHUSDT", 20), ("DOGEUSDT", 5), ("BTCUSDT_270326", 50)],
)
def test_rules_when_the_coin_is_large_ask_for_more_notional(symbol: str, notional: int) -> None:
    assert default_rules(symbol, 100.0).min_notional == notional


def test_rules_when_overridden_take_the_given_fields() -> None:
    rules = default_rules("BTCUSDT", 60_000.0, status="SETTLING", delivery_ms=5)
    assert (rules.status, rules.delivery_ms) == ("SETTLING", 5)
    assert rules.tick_size == Decimal("0.1")
    assert rules.step_size == Decimal("0.001")


@pytest.mark.parametrize("price", [0.0, -1.0, float("nan")])
def test_rules_when_the_price_is_no_price_name_it(price: float) -> None:
    with pytest.raises(ValueError, match=r"greater than 0, got .* for FOOUSDT"):
        default_rules("FOOUSDT", price)
