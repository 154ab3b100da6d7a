"""Candles and timeframes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.candle import Timeframe, flat_candle
from tests.builders import START_MS, candle


@pytest.mark.parametrize(
    ("timeframe", "ms"), [("1m", 60_000), ("5m", 300_000), ("15m", 900_000), ("1h", 3_600_000)]
)
def test_timeframe_when_spelt_as_the_venue_does_has_its_length(timeframe, ms):
    assert Timeframe(timeframe).ms == ms


@given(st.sampled_from(list(Timeframe)), st.integers(0, 2 * 10**12))
def test_opening_contains_the_time_and_is_aligned(timeframe, time_ms):
    opening = timeframe.opening(time_ms)

    assert opening % timeframe.ms == 0
    assert opening <= time_ms < opening + timeframe.ms


def test_candle_when_closed_ends_where_the_next_begins():
    assert candle().close_time_ms == START_MS + 60_000


def test_flat_candle_when_nothing_traded_stands_at_the_last_price():
    flat = flat_candle("BTCUSDT", START_MS, 42.0)

    assert {flat.open, flat.high, flat.low, flat.close} == {42.0}
    assert (flat.volume, flat.quote_volume, flat.trades) == (0.0, 0.0, 0)
    assert (flat.first_trade_id, flat.last_trade_id) == (-1, -1)
