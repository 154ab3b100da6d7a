from decimal import Decimal

import pytest

from engine.domain.events import MarkMoved, PriceMoved, QuoteMoved
from engine.exchange.paper.quotes import FundingDue, QuoteBoard
from tests.engine.scanner.test_universe import BASE

SYMBOL = BASE.symbol


def board(*events):
    result = QuoteBoard()
    for event in events:
        result.hear(event)
    return result


def test_tick_when_no_price_is_known_is_none():
    assert board(QuoteMoved(SYMBOL, 99.0, 101.0, 0)).tick(BASE, moved=True) is None


def test_tick_when_only_the_last_price_is_known_assumes_a_tick_of_spread_each_way():
    tick = board(PriceMoved(SYMBOL, 100.04, 0)).tick(BASE, moved=False)

    assert (tick.bid, tick.last, tick.ask) == (Decimal("99.9"), Decimal("100.0"), Decimal("100.1"))
    assert tick.mark == tick.last
    assert tick.path == ()


def test_tick_when_quote_and_mark_are_known_uses_them():
    tick = board(
        PriceMoved(SYMBOL, 100.0, 0),
        QuoteMoved(SYMBOL, 99.5, 100.5, 0),
        MarkMoved(SYMBOL, 100.123, 0.0001, 5, 0),
    ).tick(BASE, moved=True)

    assert (tick.bid, tick.ask, tick.mark) == (
        Decimal("99.5"),
        Decimal("100.5"),
        Decimal("100.123"),
    )
    assert tick.path == (Decimal("100.0"),)


@pytest.mark.parametrize(("bid", "ask"), [(101.0, 100.0), (0.0, 100.0)])
def test_tick_when_the_quote_is_crossed_or_empty_falls_back_to_the_last_price(bid, ask):
    tick = board(PriceMoved(SYMBOL, 100.0, 0), QuoteMoved(SYMBOL, bid, ask, 0)).tick(
        BASE, moved=False
    )

    assert tick.bid < tick.last < tick.ask


def test_funding_when_its_time_passes_is_due_once_at_the_announced_rate():
    quotes = QuoteBoard()

    assert quotes.hear(MarkMoved(SYMBOL, 100.0, 0.0003, 8_000, 1)) is None
    assert quotes.hear(MarkMoved(SYMBOL, 101.0, 0.0003, 8_000, 2)) is None
    due = quotes.hear(MarkMoved(SYMBOL, 102.0, 0.0001, 16_000, 8_001))
    assert due == FundingDue(SYMBOL, Decimal("0.0003"), Decimal("102.0"))
    assert quotes.hear(MarkMoved(SYMBOL, 102.0, 0.0001, 16_000, 8_002)) is None
