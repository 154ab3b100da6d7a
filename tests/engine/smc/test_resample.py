"""Tests of engine/smc/resample.py."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.candle import Timeframe
from engine.domain.errors import InvalidCandles
from engine.smc.resample import Times, check_times, contiguous, resample
from engine.smc.timeframes import BuiltCandle, TimeframeBuilder
from tests.oracle.smc_series import Row, arrays, walk

MINUTE = 60_000


def times(*minutes: int) -> Times:
    return np.array(minutes, dtype=np.int64) * MINUTE


@settings(max_examples=40, deadline=None)
@given(
    missing=st.sets(st.integers(0, 179)),
    first=st.integers(0, 70),
    timeframe=st.sampled_from([Timeframe.M5, Timeframe.M15, Timeframe.H1]),
)
def test_resample_when_compared_with_the_live_builder_is_equal_bit_for_bit(
    missing: set[int], first: int, timeframe: Timeframe
) -> None:
    rows: list[tuple[int, Row]] = [
        ((first + n) * MINUTE, row) for n, row in enumerate(walk(3, 180)) if n not in missing
    ]
    builder = TimeframeBuilder(timeframe)
    built = [builder.add(time_ms, *row[:4], 0.0, row.quote) for time_ms, row in rows]
    expected: list[BuiltCandle] = [candle for candle in built if candle is not None]
    opening, candles = resample(
        np.array([time_ms for time_ms, _ in rows], dtype=np.int64),
        arrays([row for _, row in rows]),
        timeframe,
    )
    assert opening.tolist() == [candle.open_time_ms for candle in expected]
    for name in ("open", "high", "low", "close", "quote_volume"):
        assert getattr(candles, name).tolist() == [getattr(candle, name) for candle in expected]


def test_contiguous_when_there_are_holes_splits_at_them() -> None:
    parts = contiguous(times(1, 2, 3, 7, 8, 20), Timeframe.M1)
    assert parts == [slice(0, 3), slice(3, 5), slice(5, 6)]
    assert contiguous(times(), Timeframe.M1) == []
    assert contiguous(times(5, 10, 20), Timeframe.M5) == [slice(0, 2), slice(2, 3)]


@pytest.mark.parametrize(
    ("minutes", "message"),
    [((1, 2, 2), "row 2: time 120000 repeats"), ((3, 2), "row 1: time 120000 is earlier than")],
)
def test_times_when_they_do_not_rise_are_refused(minutes: tuple[int, ...], message: str) -> None:
    with pytest.raises(InvalidCandles, match=message):
        check_times(times(*minutes))


def test_times_when_they_rise_with_holes_are_accepted() -> None:
    check_times(times(1, 2, 9))


def test_resample_when_there_are_no_minutes_gives_no_candles() -> None:
    opening, candles = resample(times(), arrays([]), Timeframe.M5)
    assert len(opening) == len(candles) == 0
