"""Synthetic minutes for the measurements: a random walk on a tick grid, the same in every run."""

from collections.abc import Sequence

import numpy as np

from engine.domain.candle import Candle, Timeframe
from engine.smc.frame import CandleArrays

START_MS = 1_790_000_040_000
"""A whole minute of exchange time."""
TICK = 0.01


def random_walk(length: int, seed: int) -> CandleArrays:
    """Return `length` candles around 100 with quiet and wild spells, prices whole ticks."""
    rng = np.random.default_rng(seed)
    spell = np.repeat(rng.choice((3.0, 8.0, 20.0), size=length // 50 + 1), 50)[:length]
    step = np.rint(rng.normal(0.0, spell))
    # Reflected at 50 and 150, so that a long walk keeps its character.
    close = _folded(10_000 + np.cumsum(step), 5_000, 15_000)
    open_ = np.concatenate(([10_000.0], close[:-1]))
    high = np.maximum(open_, close) + np.rint(np.abs(rng.normal(0.0, spell / 2)))
    low = np.minimum(open_, close) - np.rint(np.abs(rng.normal(0.0, spell / 2)))
    return CandleArrays(
        open=open_ * TICK,
        high=high * TICK,
        low=low * TICK,
        close=close * TICK,
        quote_volume=rng.lognormal(10.0, 1.0, size=length),
    )


def _folded(
    values: np.ndarray[tuple[int], np.dtype[np.float64]], low: float, high: float
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    width = high - low
    inside = np.abs((values - low) % (2 * width) - width)
    return high - inside


def candles_of(symbol: str, walk: CandleArrays) -> list[Candle]:
    """Return the walk as the candles a feed delivers, one a minute from `START_MS`."""
    columns = (walk.open, walk.high, walk.low, walk.close, walk.quote_volume)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [
        Candle(
            symbol=symbol,
            open_time_ms=START_MS + minute * Timeframe.M1.ms,
            open=open_,
            high=high,
            low=low,
            close=close,
            volume=quote / close,
            quote_volume=quote,
            trades=50,
        )
        for minute, (open_, high, low, close, quote) in enumerate(rows)
    ]


def by_minute(series: Sequence[Sequence[Candle]]) -> list[tuple[Candle, ...]]:
    """Return the candles of many symbols minute by minute."""
    return list(zip(*series, strict=True))
