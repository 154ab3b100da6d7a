"""Tests of engine/smc/indicators.py against formulas written out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.smc.arrays import LISTS
from engine.smc.candle_ring import CandleRing, new_candle_ring, push
from engine.smc.indicators import (
    ATR,
    PERIOD,
    TRUE_RANGE,
    Indicators,
    mean_absolute_change,
    mean_quote_volume,
    new_indicators,
    rsi,
    update,
    wilder,
)

prices = st.lists(st.floats(1.0, 100.0), min_size=1, max_size=60)


def fed(closes: list[float], spread: float = 0.5) -> Indicators:
    indicators = new_indicators(LISTS)
    previous = 0.0
    for t, close in enumerate(closes):
        update(indicators, t, close + spread, close - spread, close, previous)
        previous = close
    return indicators


def ring_of(closes: list[float]) -> CandleRing:
    ring = new_candle_ring(1, LISTS)
    for t, close in enumerate(closes):
        push(ring, t, close, close, close, close, 2.0 * t)
    return ring


@given(values=prices)
def test_wilder_when_warming_up_is_the_plain_mean_then_smooths(values: list[float]) -> None:
    mean = 0.0
    for seen, value in enumerate(values):
        mean = wilder(mean, value, seen)
    expected = sum(values[:PERIOD]) / min(len(values), PERIOD)
    for value in values[PERIOD:]:
        expected += (value - expected) / PERIOD
    assert mean == pytest.approx(expected, rel=1e-9)


def test_update_when_first_candle_takes_its_own_range() -> None:
    indicators = fed([10.0])
    assert indicators.value[TRUE_RANGE] == indicators.value[ATR] == 1.0


def test_update_when_price_jumps_true_range_reaches_to_the_close_before() -> None:
    assert fed([10.0, 14.0]).value[TRUE_RANGE] == 4.5
    assert fed([10.0, 6.0]).value[TRUE_RANGE] == 4.5


@given(values=prices)
def test_rsi_when_anything_moves_lies_between_0_and_100(values: list[float]) -> None:
    assert 0.0 <= rsi(fed(values)) <= 100.0


def test_rsi_when_nothing_moves_is_50_and_one_way_is_an_end() -> None:
    assert rsi(fed([5.0] * 20)) == 50.0
    assert rsi(fed([float(i) for i in range(1, 30)])) == 100.0
    assert rsi(fed([float(i) for i in range(30, 1, -1)])) == 0.0


def test_rsi_when_gains_and_losses_alternate_matches_wilder_by_hand() -> None:
    # 14 changes: seven of +2, seven of -1, so the mean gain is 1 and the mean loss 0.5.
    closes = [10.0]
    for i in range(14):
        closes.append(closes[-1] + (2.0 if i % 2 == 0 else -1.0))
    assert rsi(fed(closes)) == pytest.approx(100 - 100 / (1 + 1.0 / 0.5))


def test_mean_quote_volume_when_20_candles_exist_averages_the_last_20() -> None:
    ring = ring_of([1.0] * 40)
    assert mean_quote_volume(ring, 39) == pytest.approx(2.0 * sum(range(20, 40)) / 20)


def test_mean_absolute_change_when_only_20_candles_exist_averages_19_changes() -> None:
    closes = [float(t * t) for t in range(40)]
    ring = ring_of(closes[:20])
    assert mean_absolute_change(ring, 19) == pytest.approx(361 / 19)
    ring = ring_of(closes)
    assert mean_absolute_change(ring, 39) == pytest.approx((39**2 - 19**2) / 20)
