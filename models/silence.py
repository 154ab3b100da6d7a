"""Recorded minutes in which nothing was recorded.

When an exchange or a recorder stands still, archives often hold flat minutes without volume
instead of none. A detector would see a market at rest there, and the jump after it as a candle.
One thin coin without a trade is something else: that is what the coin is like.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

MINUTE_MS = 60_000
Stretch = tuple[int, int]
"""Open time of the first minute, and of the first minute after the last, Unix ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceRules:
    """When silence is a hole, and when a symbol is not traded.

    Attributes:
        minutes: a stretch of at least so many silent minutes of a source is a hole.
        share: a minute of a source is silent where at least this share of its symbols is.
        symbols: in sources with fewer symbols at that minute no minute counts as silent, for a
            few coins may well rest at the same time.
        untraded: a symbol that is silent in more than this share of its minutes is left out.
    """

    minutes: int = 3
    share: float = 0.8
    symbols: int = 5
    untraded: float = 0.5


def is_silent() -> pl.Expr:
    """Return whether a candle is flat and without volume."""
    flat = (pl.col("open") == pl.col("close")) & (pl.col("high") == pl.col("low"))
    return flat & (pl.col("quote_volume") == 0)


def stretches(minutes: pl.DataFrame, rules: SilenceRules) -> tuple[Stretch, ...]:
    """Return the holes of a source.

    Args:
        minutes: one row a minute: open_time, `symbols` with a candle then, `silent` of them.
        rules: what a hole is.
    """
    enough = pl.col("symbols") >= rules.symbols
    silent = minutes.filter(enough & (pl.col("silent") >= rules.share * pl.col("symbols")))
    times = np.sort(silent["open_time"].dt.epoch("ms").to_numpy())
    if len(times) == 0:
        return ()
    runs = np.split(times, np.flatnonzero(np.diff(times) != MINUTE_MS) + 1)
    return tuple(
        (int(run[0]), int(run[-1]) + MINUTE_MS) for run in runs if len(run) >= rules.minutes
    )


def outside(times: NDArray[Any], holes: tuple[Stretch, ...]) -> NDArray[np.bool_]:
    """Return which times lie in none of the stretches."""
    kept = np.ones(len(times), dtype=np.bool_)
    for first, end in holes:
        kept[np.searchsorted(times, first) : np.searchsorted(times, end)] = False
    return kept


def is_untraded(candles: pl.DataFrame, rules: SilenceRules) -> bool:
    """Return whether a symbol is silent so often that it is left out."""
    if not len(candles):
        return False
    share: float = candles.select(is_silent().mean()).item()
    return share > rules.untraded
