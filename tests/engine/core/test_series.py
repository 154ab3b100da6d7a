"""The bounded window of candles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.series import Series
from tests.builders import MINUTE, START_MS, candle


def filled(n: int, capacity: int = 5) -> Series:
    series = Series("BTCUSDT", capacity)
    for i in range(n):
        series.append(candle(100.0 + i, open_time_ms=START_MS + i * MINUTE, trades=0))
    return series


def test_series_when_empty_has_nothing_and_takes_any_candle():
    series = Series("BTCUSDT")

    assert len(series) == 0
    assert series.last(5) == ()
    assert series.last_open_time_ms == -1
    assert series.follows(123)


@given(st.integers(0, 40), st.integers(1, 12), st.integers(-2, 50))
def test_series_when_filled_keeps_the_newest_in_order(n, capacity, wanted):
    series = filled(n, capacity)
    kept = min(n, capacity)
    expected = [100.0 + i for i in range(n - kept, n)]

    got = series.last(wanted)

    assert len(series) == kept
    assert [one.close for one in got] == expected[len(expected) - len(got) :]
    assert len(got) == min(max(wanted, 0), kept)


def test_candle_when_read_back_is_equal_to_what_went_in():
    row = candle(99.5, trades=0, volume=3.0, quote_volume=300.0)
    series = Series("BTCUSDT", 2)
    series.append(row)

    assert series.last(1) == (row,)


def test_series_when_asked_what_follows_wants_the_next_minute_only():
    series = filled(3)
    last = series.last_open_time_ms

    assert series.follows(last + MINUTE)
    assert not series.follows(last)
    assert not series.follows(last + 2 * MINUTE)


def test_series_when_cleared_starts_anew():
    series = filled(7)
    series.clear()

    assert len(series) == 0
    assert series.follows(START_MS)


def test_series_when_capacity_is_not_positive_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        Series("BTCUSDT", 0)


def test_series_when_asked_for_closes_finds_those_in_the_window_only() -> None:
    series = Series("BTCUSDT", capacity=4)
    nothing = (None, None, None)
    assert series.closes_at(START_MS, 1, 2) == nothing
    for minute in range(6):
        series.append(candle(100.0 + minute, open_time_ms=START_MS + minute * MINUTE))
    closes = {n: series.closes_at(START_MS + n * MINUTE, 1, 2) for n in range(-1, 8)}
    assert closes == {
        **dict.fromkeys((-1, 0, 1, 6, 7), nothing),
        2: (102.0, None, None),
        3: (103.0, 102.0, None),
        4: (104.0, 103.0, 102.0),
        5: (105.0, 104.0, 103.0),
    }
    series.clear()
    assert series.closes_at(START_MS + 5 * MINUTE, 1, 2) == nothing
