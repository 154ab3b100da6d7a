import numpy as np
import pytest

from engine.exchange.sim.candle_book import CandleBook
from engine.exchange.sim.kline_history import interval_history
from engine.exchange.sim.kline_rows import merged
from tests.engine.exchange.sim.market_builders import tick_candles

FIRST = 60 * 100


def one(close, trades=1):
    return tick_candles([(close, close + 1, close - 1, close, 10, 4, 100, trades)])


def book_of(minutes, capacity=1500, first=FIRST):
    book = CandleBook(1, first, fine_capacity=capacity)
    for minute in range(minutes):
        book.append(one(1000 + minute))
    return book


def test_history_when_the_interval_is_one_minute_ends_with_the_open_candle():
    history = interval_history(book_of(10), 0, one(5000), 1, None)
    assert history.slot.tolist() == list(range(FIRST, FIRST + 11))
    assert history.close[-1] == 5000


@pytest.mark.parametrize("minutes", [3, 5, 15, 60])
def test_history_when_everything_is_held_equals_merging_all_minutes(minutes):
    book = book_of(200)
    fine = interval_history(book, 0, one(5000), 1, None)
    expected = merged(fine, minutes)
    got = interval_history(book, 0, one(5000), minutes, None)
    for name in got.__slots__:
        assert np.array_equal(getattr(got, name), getattr(expected, name)), name


@pytest.mark.parametrize("minutes", [15, 30, 60])
def test_history_when_fine_candles_are_gone_continues_in_the_coarse_ones(minutes):
    full = interval_history(book_of(400), 0, one(5000), minutes, None)
    got = interval_history(book_of(400, capacity=50), 0, one(5000), minutes, None)
    for name in got.__slots__:
        assert np.array_equal(getattr(got, name), getattr(full, name)), name


def test_history_when_fine_candles_are_gone_drops_the_cut_interval_of_short_ones():
    got = interval_history(book_of(400, capacity=52), 0, one(5000), 5, None)
    assert got.slot[0] * 5 >= FIRST + 400 - 52
    assert got.open[0] == 1000 + got.slot[0] * 5 - FIRST


def test_history_when_a_start_is_given_holds_the_whole_interval_it_lies_in():
    got = interval_history(book_of(100), 0, one(5000), 5, (FIRST + 50) // 5)
    assert got.slot[0] == (FIRST + 50) // 5
    assert got.open[0] == 1050


def test_history_when_the_symbol_never_traded_is_empty_until_it_does():
    book = CandleBook(1, FIRST)
    for _ in range(20):
        book.append(one(1000, trades=0))
    assert interval_history(book, 0, one(1000, trades=0), 1, None).slot.tolist() == []
    assert interval_history(book, 0, one(1000), 1, None).slot.tolist() == [FIRST + 20]


def test_history_when_the_symbol_was_listed_late_begins_with_its_first_trade():
    book = CandleBook(1, FIRST)
    for minute in range(20):
        book.append(one(1000, trades=int(minute >= 12)))
    assert interval_history(book, 0, one(1000), 1, None).slot[0] == FIRST + 12
