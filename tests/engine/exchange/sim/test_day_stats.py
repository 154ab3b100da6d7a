from decimal import Decimal

import numpy as np
import pytest

from engine.exchange.sim.candle_book import CandleRing
from engine.exchange.sim.day_stats import DAY_MINUTES, DayStats
from engine.exchange.sim.scales import Scales
from tests.engine.exchange.sim.market_builders import tick_candles

PRICES = Scales.of([Decimal("0.1")])
QUANTITIES = Scales.of([Decimal("0.01")])
QUIET = (100, 100, 100, 100, 0, 0, 0, 0)


def stats(ring, current, last_id=1000):
    day = DayStats(PRICES, QUANTITIES)
    now_ms = ring.next_slot * 60_000 + 5
    return day.columns(ring, tick_candles([current]), np.array([last_id]), now_ms)


def test_columns_when_more_than_a_day_is_held_count_only_the_last_one():
    ring = CandleRing(1, capacity=1500, first_slot=0)
    ring.append(tick_candles([(999, 9999, 1, 999, 10**6, 0, 1e9, 10**6)]))
    for _ in range(DAY_MINUTES - 1):
        ring.append(tick_candles([(100, 101, 99, 100, 200, 50, 20.0, 2)]))
    columns = stats(ring, (100, 103, 100, 102, 100, 0, 10.0, 1))
    assert columns.high[0] == pytest.approx(10.3)
    assert columns.low[0] == pytest.approx(9.9)
    assert columns.last[0] == pytest.approx(10.2)
    assert columns.trades[0] == 2 * 1439 + 1
    assert columns.volume[0] == pytest.approx(2 * 1439 + 1)
    assert columns.quote_volume[0] == pytest.approx(20.0 * 1439 + 10)
    assert columns.weighted_average[0] == pytest.approx(28_790 / 2879)
    assert columns.last_id[0] - columns.first_id[0] + 1 == columns.trades[0]
    assert columns.open_ms == 60_000


def test_columns_when_only_the_open_minute_traded_take_its_prices():
    ring = CandleRing(1, capacity=10, first_slot=0)
    ring.append(tick_candles([QUIET]))
    columns = stats(ring, (120, 125, 119, 121, 5, 1, 6.0, 1))
    assert (columns.open[0], columns.high[0], columns.low[0]) == (12.0, 12.5, 11.9)


def test_columns_when_nothing_traded_at_all_average_the_last_price():
    ring = CandleRing(1, capacity=10, first_slot=0)
    ring.append(tick_candles([QUIET]))
    columns = stats(ring, QUIET)
    assert columns.weighted_average[0] == 10.0
    assert columns.volume[0] == 0.0


def test_columns_when_a_minute_closes_are_not_the_remembered_ones():
    ring = CandleRing(1, capacity=10, first_slot=0)
    day = DayStats(PRICES, QUANTITIES)
    for count in (1, 2, 3):
        ring.append(tick_candles([(100, 100, 100, 100, 10, 5, 1.0, 1)]))
        columns = day.columns(ring, tick_candles([QUIET]), np.array([count]), 0)
        assert columns.trades[0] == count
