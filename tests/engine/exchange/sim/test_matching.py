from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from engine.exchange.sim.matching import (
    BookDepth,
    best_opposite,
    crosses,
    market_bound,
    sweep,
    trades_through,
)
from tests.engine.exchange.sim.exchange_builders import dec, rules, tick

quantities = st.integers(1, 100_000).map(lambda n: n * dec("0.01"))
depths = st.builds(
    BookDepth,
    level_notional=st.integers(100, 1_000_000).map(Decimal),
    level_gap=st.integers(0, 50).map(lambda n: n * dec("0.0001")),
)


@given(quantities, depths, st.booleans(), st.integers(0, 200))
def test_sweep_when_any_size_meets_any_depth_keeps_the_rules_of_a_book(
    qty: Decimal,
    depth: BookDepth,
    buy: bool,
    room: int,
) -> None:
    quote = tick(100)
    best = best_opposite(quote, buy=buy)
    worst = best + room * dec("0.1") * (1 if buy else -1)
    matches = sweep(rules(), depth, quote, qty, buy=buy, worst=worst)
    assert sum((m.qty for m in matches), Decimal(0)) <= qty
    prices = [m.price for m in matches]
    assert prices == sorted(set(prices), reverse=not buy)
    assert matches[0].price == best
    assert all(price <= worst if buy else price >= worst for price in prices)
    assert all(price % rules().tick_size == 0 for price in prices)
    assert all(m.qty > 0 and m.qty % rules().market_step == 0 for m in matches)


@given(quantities, st.booleans())
def test_sweep_when_the_size_grows_never_gets_cheaper(qty: Decimal, buy: bool) -> None:
    def average(size: Decimal) -> Decimal:
        worst = Decimal(10_000) if buy else dec("0.1")
        matches = sweep(rules(), BookDepth(), tick(100), size, buy=buy, worst=worst)
        return sum((m.qty * m.price for m in matches), Decimal(0)) / sum(m.qty for m in matches)

    small, large = average(qty), average(qty + 10)
    assert small <= large if buy else small >= large


def test_sweep_when_larger_than_a_level_fills_in_several_parts() -> None:
    depth = BookDepth(level_notional=dec(1_000), level_gap=dec("0.001"))
    matches = sweep(rules(), depth, tick(100), dec(25), buy=True, worst=dec(200))
    assert [(m.price, m.qty) for m in matches] == [
        (dec("100.1"), dec("9.99")),
        (dec("100.3"), dec("9.97")),
        (dec("100.4"), dec("5.04")),
    ]


def test_sweep_when_the_best_is_beyond_the_bound_takes_nothing() -> None:
    assert sweep(rules(), BookDepth(), tick(100), dec(1), buy=True, worst=dec(100)) == []


def test_sweep_when_prices_reach_zero_stops() -> None:
    depth = BookDepth(level_notional=dec(1), level_gap=dec("0.5"))
    matches = sweep(rules(), depth, tick(1), dec(1_000), buy=False, worst=dec("0.1"))
    assert all(m.price > 0 for m in matches)
    assert sum(m.qty for m in matches) < 1_000


def test_depth_when_built_from_ten_bps_moves_the_price_by_ten_bps() -> None:
    fine = rules(tick_size=dec("0.01"))
    depth = BookDepth.from_ten_bps(dec(100_000))
    matches = sweep(fine, depth, tick(100), dec(1_000), buy=True, worst=dec(200))
    moved = matches[-1].price / matches[0].price - 1
    assert dec("0.0008") <= moved <= dec("0.0011")


def test_trades_through_when_only_touched_is_false() -> None:
    assert not trades_through(dec(100), dec(100), buy=True)
    assert trades_through(dec("99.9"), dec(100), buy=True)
    assert not trades_through(dec(100), dec(100), buy=False)
    assert trades_through(dec("100.1"), dec(100), buy=False)


def test_crosses_when_the_limit_reaches_the_quote_is_true() -> None:
    assert crosses(tick(100), dec("100.1"), buy=True)
    assert not crosses(tick(100), dec(100), buy=True)
    assert crosses(tick(100), dec("99.9"), buy=False)


def test_market_bound_when_buying_lies_above_the_mark() -> None:
    assert market_bound(rules(), dec(100), buy=True) == 105
    assert market_bound(rules(), dec(100), buy=False) == 95
