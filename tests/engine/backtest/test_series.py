"""Minutes found by time, over holes, and the volume of a day."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.backtest.series import MINUTE_MS, SymbolSeries
from engine.domain.errors import InvalidCandles
from engine.smc.frame import CandleArrays
from tests.engine.backtest.recording import BEGIN_MS, FLAT, series_of


@given(st.lists(st.booleans(), min_size=1, max_size=60).filter(any))
def test_series_when_minutes_are_missing_finds_exactly_the_others(there: list[bool]) -> None:
    series = series_of([FLAT if one else None for one in there])
    row = 0
    for at, one in enumerate(there):
        expected = row if one else -1
        assert series.row_of(BEGIN_MS + at * MINUTE_MS) == expected
        row += one
    assert series.row_of(BEGIN_MS - MINUTE_MS) == -1
    assert series.row_of(BEGIN_MS + len(there) * MINUTE_MS) == -1


def test_series_when_read_gives_bar_candle_and_last_close() -> None:
    series = series_of([(1.0, 4.0, 0.5, 2.0), None, (3.0, 3.0, 3.0, 3.0)])
    assert series.bar(0).low == 0.5
    candle = series.candle(1)
    assert (candle.open_time_ms, candle.close) == (BEGIN_MS + 2 * MINUTE_MS, 3.0)
    assert candle.volume * candle.close == pytest.approx(candle.quote_volume)
    assert series.close_before(BEGIN_MS + 2 * MINUTE_MS) == 2.0
    assert series.close_before(BEGIN_MS) is None
    assert (series.first_ms, series.end_ms) == (BEGIN_MS, BEGIN_MS + 3 * MINUTE_MS)
    assert series.segments == [slice(0, 1), slice(1, 2)]


def test_day_volume_when_history_is_short_is_extrapolated_and_never_looks_ahead() -> None:
    series = series_of([FLAT] * 200, quote_volume=10.0)
    assert series.day_volume(BEGIN_MS + 59 * MINUTE_MS) == 0.0
    assert series.day_volume(BEGIN_MS + 120 * MINUTE_MS) == pytest.approx(14_400.0)
    later = series_of([FLAT] * 120 + [FLAT], quote_volume=10.0)
    later.candles.quote_volume[120] = 1e9
    changed = SymbolSeries(symbol="A", open_ms=later.open_ms, candles=later.candles)
    assert changed.day_volume(BEGIN_MS + 120 * MINUTE_MS) == pytest.approx(14_400.0)
    assert changed.day_volume(BEGIN_MS + 121 * MINUTE_MS) > 1e9


def test_day_volume_when_there_is_a_hole_counts_it_as_silence() -> None:
    series = series_of([FLAT] * 60 + [None] * 60 + [FLAT], quote_volume=10.0)
    assert series.day_volume(BEGIN_MS + 120 * MINUTE_MS) == pytest.approx(7_200.0)


def test_series_when_columns_do_not_fit_is_refused() -> None:
    with pytest.raises(InvalidCandles, match="AAAUSDT: no candles"):
        _series([])
    with pytest.raises(InvalidCandles, match="AAAUSDT: columns differ"):
        _series([1.0], times=[BEGIN_MS, BEGIN_MS + MINUTE_MS])
    with pytest.raises(InvalidCandles, match=r"AAAUSDT: row 1: time .* repeats"):
        _series([1.0, 1.0], times=[BEGIN_MS, BEGIN_MS])


def _series(prices: list[float], times: list[int] | None = None) -> SymbolSeries:
    column = np.array(prices, dtype=np.float64)
    return SymbolSeries(
        symbol="AAAUSDT",
        open_ms=np.array(times if times is not None else [BEGIN_MS] * len(prices), dtype=np.int64),
        candles=CandleArrays(
            open=column, high=column, low=column, close=column, quote_volume=column
        ),
    )
