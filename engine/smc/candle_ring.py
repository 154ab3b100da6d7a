"""The last candles, by candle number: all the history the kernel looks back at."""

from typing import NamedTuple

from engine.smc.arrays import Allocator, Floats

LOOKBACK = 32
"""Least number of candles kept; context needs 21."""


class CandleRing(NamedTuple):
    """Candle t lies at `t & (size - 1)`; the size is a power of two."""

    open: Floats
    high: Floats
    low: Floats
    close: Floats
    quote_volume: Floats


def new_candle_ring(least: int, make: Allocator) -> CandleRing:
    """Return a ring that keeps at least `least` candles."""
    size = LOOKBACK
    while size < least:
        size *= 2
    return CandleRing(*(make.floats(size, 0.0) for _ in CandleRing._fields))


def push(
    ring: CandleRing, t: int, open_: float, high: float, low: float, close: float, quote: float
) -> None:
    """Store candle t with its quote volume. Kernel function."""
    at = t & (len(ring.open) - 1)
    ring.open[at] = open_
    ring.high[at] = high
    ring.low[at] = low
    ring.close[at] = close
    ring.quote_volume[at] = quote
