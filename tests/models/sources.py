"""Candles for tests of research: a random market behind the interface of a source."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl

MINUTE_MS = 60_000
T0 = 1_700_006_400_000
"""A UTC midnight."""


@cache
def market(seed: int, size: int, start_ms: int = T0) -> pl.DataFrame:
    """Return minutes of a random walk with bursts, no holes."""
    chance = np.random.default_rng(seed)
    pace = 0.0004 * np.exp(np.cumsum(chance.normal(0, 0.02, size)).clip(-1.0, 1.5))
    close = 100 * np.exp(np.cumsum(pace * chance.standard_t(4, size)))
    opens = np.concatenate(([100.0], close[:-1]))
    wick = close * pace * chance.exponential(0.7, (2, size))
    return pl.DataFrame(
        {
            "open_time": start_ms + MINUTE_MS * np.arange(size),
            "open": opens,
            "high": np.maximum(opens, close) + wick[0],
            "low": np.minimum(opens, close) - wick[1],
            "close": close,
            "quote_volume": chance.exponential(1000.0, size),
        }
    ).with_columns(pl.col("open_time").cast(pl.Datetime("ms", "UTC")))


@dataclass(frozen=True)
class RandomSource:
    """Implements `models.dataset.CandleSource`."""

    name: str = "random"
    names: Sequence[str] = ("AUSDT", "BUSDT")
    size: int = 6_000
    seed: int = 1
    start_ms: int = T0

    def symbols(self) -> Sequence[str]:
        return self.names

    def candles(self, symbol: str) -> pl.DataFrame:
        return market(self.seed + self.names.index(symbol), self.size, self.start_ms)

    def silence(self) -> pl.DataFrame:
        times = self.candles(self.names[0]).select("open_time")
        return times.with_columns(symbols=pl.lit(len(self.names)), silent=pl.lit(0))

    def digest(self) -> str:
        return repr(self)
