"""Tests of engine/smc/timeframes.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.candle import Timeframe
from engine.domain.errors import InvalidCandles
from engine.smc.timeframes import BuiltCandle, TimeframeBuilder

MINUTE = 60_000


def fed(builder: TimeframeBuilder, minutes: list[int]) -> list[BuiltCandle]:
    built = []
    for n in minutes:
        price = 100.0 + n % 7
        candle = builder.add(n * MINUTE, price, price + n % 3, price - n % 2, price + 0.5, 1.0, n)
        if candle is not None:
            built.append(candle)
    return built


def test_builder_when_all_minutes_come_joins_them_at_the_last_close() -> None:
    builder = TimeframeBuilder(Timeframe.M5)
    rows = [(10, 12, 9, 11), (11, 11, 10, 10), (10, 15, 10, 14), (14, 14, 8, 9), (9, 10, 9, 9.5)]
    given_out = [
        builder.add(300_000 + n * MINUTE, o, h, low, c, 2.0, 3.0)
        for n, (o, h, low, c) in enumerate(rows)
    ]
    assert given_out[:4] == [None] * 4
    assert given_out[4] == BuiltCandle(300_000, 10.0, 15.0, 8.0, 9.5, 10.0, 15.0)


def test_builder_when_started_in_the_middle_waits_for_a_whole_candle() -> None:
    built = fed(TimeframeBuilder(Timeframe.M5), list(range(3, 15)))
    assert [candle.open_time_ms // MINUTE for candle in built] == [5, 10]


@given(
    missing=st.sets(st.integers(0, 59)), timeframe=st.sampled_from([Timeframe.M5, Timeframe.M15])
)
def test_builder_when_minutes_are_missing_gives_out_exactly_the_whole_candles(
    missing: set[int], timeframe: Timeframe
) -> None:
    size = timeframe.ms // MINUTE
    built = fed(TimeframeBuilder(timeframe), [n for n in range(60) if n not in missing])
    whole = [n for n in range(0, 60, size) if not missing & set(range(n, n + size))]
    assert [candle.open_time_ms // MINUTE for candle in built] == whole
    for candle, first in zip(built, whole, strict=True):
        assert candle.quote_volume == sum(range(first, first + size))
        assert candle.open == 100.0 + first % 7


@pytest.mark.parametrize("time_ms", [60_000, 0])
def test_builder_when_a_minute_is_not_later_refuses(time_ms: int) -> None:
    builder = TimeframeBuilder(Timeframe.H1)
    builder.add(60_000, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0)
    with pytest.raises(InvalidCandles, match=f"minute at {time_ms} is not later than 60000"):
        builder.add(time_ms, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0)


def test_builder_when_a_minute_is_not_aligned_refuses() -> None:
    with pytest.raises(InvalidCandles, match="does not begin on a minute"):
        TimeframeBuilder(Timeframe.M5).add(61_000, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0)


def test_builder_when_asked_for_minutes_refuses() -> None:
    with pytest.raises(ValueError, match="1m candles are not built, allowed are 5m, 15m and 1h"):
        TimeframeBuilder(Timeframe.M1)
