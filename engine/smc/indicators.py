"""Wilder's ATR(14) and RSI(14), and the short means of the context.

Wilder, "New Concepts in Technical Trading Systems" (1978): the first value is the mean of the
first 14 inputs, each later one (13 x previous + input) / 14. Before 14 inputs exist the mean of
those at hand is used, so that a value exists from the first candle on.
"""

from typing import NamedTuple

from engine.smc.arrays import Allocator, Floats
from engine.smc.candle_ring import CandleRing

PERIOD = 14
MEAN_PERIOD = 20
ATR, TRUE_RANGE, GAIN, LOSS = range(4)


class Indicators(NamedTuple):
    """`value` holds ATR, TRUE_RANGE, and Wilder's mean GAIN and LOSS."""

    value: Floats


def new_indicators(make: Allocator) -> Indicators:
    """Return indicators that have seen no candle."""
    return Indicators(make.floats(4, 0.0))


def wilder(previous: float, new: float, seen: int) -> float:
    """Return Wilder's mean after one more input, `seen` inputs having come before."""
    if seen >= PERIOD:
        return (previous * (PERIOD - 1) + new) / PERIOD
    return (previous * seen + new) / (seen + 1)


def update(
    indicators: Indicators, t: int, high: float, low: float, close: float, previous: float
) -> None:
    """Take in candle t; `previous` is the close before it, unused at t = 0. Kernel function."""
    value = indicators.value
    true_range = high - low
    if t > 0:
        true_range = max(true_range, high - previous, previous - low)
        change = close - previous
        value[GAIN] = wilder(value[GAIN], max(change, 0.0), t - 1)
        value[LOSS] = wilder(value[LOSS], max(-change, 0.0), t - 1)
    value[TRUE_RANGE] = true_range
    value[ATR] = wilder(value[ATR], true_range, t)


def rsi(indicators: Indicators) -> float:
    """Return RSI in 0-100; 50 when nothing moved. Kernel function."""
    gain = indicators.value[GAIN]
    both = gain + indicators.value[LOSS]
    if both <= 0.0:
        return 50.0
    return 100.0 * gain / both


def mean_quote_volume(ring: CandleRing, t: int) -> float:
    """Return the mean quote volume of the last 20 candles up to t (t >= 19). Kernel function."""
    mask = len(ring.close) - 1
    total = 0.0
    for i in range(t - MEAN_PERIOD + 1, t + 1):
        total += ring.quote_volume[i & mask]
    return total / MEAN_PERIOD


def mean_absolute_change(ring: CandleRing, t: int) -> float:
    """Return the mean |close - previous close| of the last 20 candles. Kernel function.

    At t = 19, the first candle a Setup may have, only 19 changes exist and are averaged.
    """
    mask = len(ring.close) - 1
    first = max(t - MEAN_PERIOD + 1, 1)
    total = 0.0
    for i in range(first, t + 1):
        total += abs(ring.close[i & mask] - ring.close[(i - 1) & mask])
    return total / (t - first + 1)
