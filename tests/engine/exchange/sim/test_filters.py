from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.exchange.sim.errors import ApiError
from engine.exchange.sim.filters import (
    MAX_OPEN_ALGOS,
    check_algo_count,
    check_counterparty,
    check_notional,
    check_order_count,
    check_percent_price,
    check_price,
    check_quantity,
    check_status,
    check_trigger_price,
)
from tests.engine.exchange.sim.exchange_builders import dec, refused, rules

values = st.decimals(
    min_value=0, max_value=200_000, places=4, allow_nan=False, allow_infinity=False
)


@given(values)
def test_price_when_it_passes_lies_on_the_grid_within_bounds(price: Decimal) -> None:
    try:
        check_price(rules(), price)
    except ApiError:
        return
    assert price % rules().tick_size == 0
    assert rules().min_price <= price <= rules().max_price


@given(values, st.booleans())
def test_quantity_when_it_passes_lies_on_the_grid_within_bounds(qty: Decimal, market: bool) -> None:
    r = rules(market_step=dec("0.05"))
    try:
        check_quantity(r, qty, market=market)
    except ApiError:
        return
    assert qty % (r.market_step if market else r.step_size) == 0
    assert r.min_qty <= qty <= (r.market_max_qty if market else r.max_qty)


@given(st.integers(1, 100_000), st.integers(1, 10_000))
def test_numbers_when_on_the_grid_within_bounds_pass(ticks: int, steps: int) -> None:
    check_price(rules(), ticks * dec("0.1"))
    check_trigger_price(rules(), ticks * dec("0.1"))
    check_quantity(rules(), steps * dec("0.01"), market=True)


def test_precision_when_trailing_zeros_are_sent_does_not_count_them() -> None:
    check_price(rules(), dec("99.50000"))
    check_quantity(rules(), dec("1.00000"), market=False)
    refused(-1111, check_price, rules(), dec("99.505"))


def test_market_size_when_beyond_its_own_cap_is_refused_though_a_limit_passes() -> None:
    check_quantity(rules(), dec(1001), market=False)
    refused(-4005, check_quantity, rules(), dec(1001), market=True)


def test_percent_price_when_at_the_edge_passes_and_beyond_names_the_edge() -> None:
    check_percent_price(rules(), dec(105), dec(100), buy=True)
    check_percent_price(rules(), dec(95), dec(100), buy=False)
    assert (
        "105." in refused(-4016, check_percent_price, rules(), dec("105.1"), dec(100), buy=True).msg
    )
    refused(-4024, check_percent_price, rules(), dec("94.9"), dec(100), buy=False)


def test_percent_price_when_on_the_harmless_side_passes() -> None:
    check_percent_price(rules(), dec(1), dec(100), buy=True)
    check_percent_price(rules(), dec(900), dec(100), buy=False)


def test_counterparty_when_the_book_ran_away_is_refused() -> None:
    check_counterparty(rules(), dec(105), dec(100), buy=True)
    refused(-4131, check_counterparty, rules(), dec("105.1"), dec(100), buy=True)
    refused(-4131, check_counterparty, rules(), dec("94.9"), dec(100), buy=False)


def test_notional_when_exactly_the_minimum_passes() -> None:
    check_notional(rules(), dec("0.05"), dec(100))
    assert "smaller than 5 " in refused(-4164, check_notional, rules(), dec("0.04"), dec(100)).msg


def test_counts_when_full_refuse_the_next() -> None:
    check_order_count(rules(), 199)
    refused(-2025, check_order_count, rules(), 200)
    check_algo_count(MAX_OPEN_ALGOS - 1)
    refused(-4045, check_algo_count, MAX_OPEN_ALGOS)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("PENDING_TRADING", -1122),
        ("PRE_SETTLE", -4140),
        ("SETTLING", -4140),
        ("TRADING_CANCEL_ONLY", -4140),
        ("CLOSE", -4141),
    ],
)
def test_status_when_not_trading_is_refused(status: str, code: int) -> None:
    check_status(rules())
    refused(code, check_status, rules(status=status))
