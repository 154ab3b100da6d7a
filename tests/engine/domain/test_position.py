"""Positions change only by fills, and quantities and money are conserved exactly."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.order import Book, Side
from engine.domain.position import ClosedTrade, ExitReason, Position
from engine.domain.setup import Direction
from tests.builders import d, fill

FLAT = Position(book=Book.PAPER, symbol="BTCUSDT")
executions = st.lists(
    st.tuples(
        st.decimals("0.001", 1000, places=3),
        st.decimals("0.01", 1000, places=2),
        st.sampled_from(list(Side)),
        st.decimals(0, 10, places=4),
    ),
    max_size=25,
)


def run(parts) -> Position:
    position = FLAT
    for number, (qty, price, side, fee) in enumerate(parts):
        position = position.apply(fill(qty, price, side, trade_id=number, fee=fee))
    return position


@given(executions)
def test_position_when_fills_are_applied_conserves_quantity_and_fees(parts):
    position = run(parts)

    assert position.qty == sum((q * s.sign for q, _, s, _ in parts), Decimal(0))
    assert position.fees == sum((fee for *_, fee in parts), Decimal(0))
    assert position.last_trade_id == len(parts) - 1


@given(executions, st.decimals("0.01", 1000, places=2))
def test_position_when_closed_at_any_price_has_realised_exactly_its_cash_flow(parts, last):
    position = run(parts)
    cash = sum((-q * s.sign * p for q, p, s, _ in parts), Decimal(0))
    if not position.is_flat:
        side = Side.SELL if position.qty > 0 else Side.BUY
        qty = abs(position.qty)
        cash += qty * side.opposite.sign * last
        position = position.apply(fill(qty, last, side, trade_id=99))

    assert position.is_flat
    assert position.entry_price == 0
    assert abs(position.realised - cash) < Decimal("1e-15") * 10**6


@given(executions, st.decimals("0.01", 1000, places=2))
def test_equity_does_not_jump_when_a_fill_happens_at_the_mark(parts, mark):
    position = run(parts)
    before = position.realised + position.unrealised(mark)
    after = position.apply(fill(1, mark, Side.BUY, trade_id=99))

    assert abs(after.realised + after.unrealised(mark) - before) < Decimal("1e-15") * 10**6


def test_position_when_it_flips_takes_the_price_of_the_flip():
    position = FLAT.apply(fill(2, 100)).apply(fill(3, 110, Side.SELL, trade_id=2))

    assert position.qty == -1
    assert position.entry_price == 110
    assert position.realised == 20
    assert position.direction is Direction.SHORT
    assert position.notional == 110


def test_position_when_flat_has_no_direction():
    with pytest.raises(ValueError, match="flat"):
        _ = FLAT.direction


def closed(**fields) -> ClosedTrade:
    values = {
        "trade_key": "k",
        "book": Book.PAPER,
        "symbol": "BTCUSDT",
        "direction": Direction.LONG,
        "setup_id": "s",
        "score": 0.6,
        "qty": d(1),
        "entry_price": d(100),
        "exit_price": d(104),
        "risk": d(2),
        "gross": d(4),
        "fees": d("0.5"),
        "funding": d("-0.1"),
        "reason": ExitReason.TARGET,
        "opened_ms": 1,
        "closed_ms": 2,
    }
    return ClosedTrade(**(values | fields))


def test_closed_trade_when_costs_are_known_is_net_of_them():
    assert closed().net == d("3.4")
    assert closed().net_r == 1.7


def test_closed_trade_when_its_risk_is_unknown_has_no_r():
    assert closed(risk=d(0)).net_r == 0.0
