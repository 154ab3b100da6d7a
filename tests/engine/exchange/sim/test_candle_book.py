import numpy as np

from engine.exchange.sim.candle_book import NEVER, CandleBook, CandleRing
from tests.engine.exchange.sim.market_builders import tick_candles


def candle(close, trades=1, high=None, low=None):
    high, low = high or close, low or close
    return (close, high, low, close, 10 * trades, 4 * trades, close * 10 * trades, trades)


def filled(ring, closes):
    for close in closes:
        ring.append(tick_candles([candle(close)]))
    return ring


def test_ring_when_more_than_its_capacity_is_added_keeps_the_newest_in_order():
    ring = filled(CandleRing(1, capacity=4, first_slot=100), range(1, 8))
    history = ring.history(0, 0)
    assert history.slot.tolist() == [103, 104, 105, 106]
    assert history.close.tolist() == [4, 5, 6, 7]
    assert ring.oldest_slot == 103


def test_ring_when_asked_for_a_later_start_returns_only_that_part():
    ring = filled(CandleRing(1, capacity=10, first_slot=0), range(1, 6))
    assert ring.history(0, 3).close.tolist() == [4, 5]
    assert ring.history(0, 9).close.tolist() == []


def test_ring_when_merged_ignores_prices_of_minutes_without_trades():
    ring = CandleRing(2, capacity=10, first_slot=0)
    ring.append(tick_candles([candle(50, trades=0), candle(9, trades=0)]))
    ring.append(tick_candles([candle(100, high=110, low=95), candle(9, trades=0)]))
    ring.append(tick_candles([candle(104, high=106, low=103), candle(9, trades=0)]))
    merged = ring.merged(3)
    assert (merged.open[0], merged.high[0], merged.low[0], merged.close[0]) == (100, 110, 95, 104)
    assert merged.trades.tolist() == [2, 0]
    assert (merged.open[1], merged.high[1], merged.low[1]) == (9, 9, 9)
    assert merged.lots[0] == 20


def test_book_when_a_quarter_hour_ends_closes_one_coarse_candle():
    book = CandleBook(1, first_minute=30)
    for minute in range(31):
        book.append(tick_candles([candle(100 + minute)]))
    coarse = book.coarse.history(0, 0)
    assert coarse.slot.tolist() == [2, 3]
    assert coarse.open.tolist() == [100, 115]
    assert coarse.close.tolist() == [114, 129]
    assert coarse.lots.tolist() == [150, 150]


def test_book_when_begun_inside_a_quarter_hour_skips_the_incomplete_one():
    book = CandleBook(1, first_minute=37)
    for minute in range(24):
        book.append(tick_candles([candle(100 + minute)]))
    assert book.coarse.history(0, 0).slot.tolist() == [3]
    assert book.coarse.history(0, 0).open.tolist() == [108]


def test_book_when_a_symbol_trades_remembers_its_first_minute():
    book = CandleBook(2, first_minute=5)
    book.append(tick_candles([candle(1, trades=0), candle(1, trades=0)]))
    book.append(tick_candles([candle(1), candle(1, trades=0)]))
    book.append(tick_candles([candle(1), candle(1, trades=0)]))
    assert book.first_traded.tolist() == [6, NEVER]


def test_history_when_cut_by_slot_keeps_all_columns_aligned():
    history = filled(CandleRing(1, capacity=10, first_slot=0), range(1, 6)).history(0, 0)
    tail = history.tail_from(3)
    assert tail.slot.tolist() == [3, 4]
    assert {len(getattr(tail, name)) for name in tail.__slots__} == {2}
    assert np.array_equal(tail.close, [4, 5])
