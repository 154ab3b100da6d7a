from dataclasses import replace
from decimal import Decimal

import pytest

from engine.exchange.sim.lifecycle import ContractBoard, status_at, trading_span
from engine.exchange.sim.listings import make_rules

RULES = replace(make_rules("AAA", Decimal("0.01"), 10.0), onboard_ms=100, delivery_ms=200)


@pytest.mark.parametrize(
    ("status", "now_ms", "expected"),
    [
        ("TRADING", 199, "TRADING"),
        ("TRADING", 200, "SETTLING"),
        ("PENDING_TRADING", 99, "PENDING_TRADING"),
        ("PENDING_TRADING", 100, "TRADING"),
        ("SETTLING", 150, "SETTLING"),
    ],
)
def test_status_when_time_passes_follows_the_published_dates(status, now_ms, expected):
    assert status_at(replace(RULES, status=status), now_ms) == expected


def test_trading_span_when_a_contract_is_halted_is_empty():
    begin, end = trading_span(replace(RULES, status="SETTLING"))
    assert begin == end
    assert trading_span(RULES) == (100, 200)
    assert trading_span(replace(RULES, status="PENDING_TRADING")) == (100, 200)


def test_board_when_a_contract_ends_reports_it_once():
    lasting = replace(RULES, symbol="BBBUSDT", delivery_ms=10**15)
    board = ContractBoard([RULES, lasting], now_ms=150)
    assert board.move(199) == ()
    (changed,) = board.move(200)
    assert (changed.symbol, changed.status) == ("AAAUSDT", "SETTLING")
    assert board.move(201) == ()
    assert [item.status for item in board.rules] == ["SETTLING", "TRADING"]
