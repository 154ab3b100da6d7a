"""Whole arrays of candles: split at holes, and joined to longer timeframes. For research."""

import itertools

import numpy as np
from numpy.typing import NDArray

from engine.domain.candle import Timeframe
from engine.domain.errors import InvalidCandles
from engine.smc.frame import CandleArrays

Times = NDArray[np.int64]


def check_times(open_time_ms: Times) -> None:
    """Refuse times that do not strictly rise.

    Raises:
        InvalidCandles: names the first row that is not later than the one before.
    """
    wrong = np.flatnonzero(np.diff(open_time_ms) <= 0)
    if len(wrong):
        row = int(wrong[0]) + 1
        relation = "repeats" if open_time_ms[row] == open_time_ms[row - 1] else "is earlier than"
        raise InvalidCandles(f"row {row}: time {open_time_ms[row]} {relation} the row before")


def contiguous(open_time_ms: Times, timeframe: Timeframe) -> list[slice]:
    """Return the slices between holes; each is a series a detector may run over.

    Raises:
        InvalidCandles: times do not strictly rise.
    """
    if len(open_time_ms) == 0:
        return []
    check_times(open_time_ms)
    ends = np.flatnonzero(np.diff(open_time_ms) != timeframe.ms) + 1
    edges = [0, *ends.tolist(), len(open_time_ms)]
    return [slice(first, end) for first, end in itertools.pairwise(edges)]


def resample(
    open_time_ms: Times, candles: CandleArrays, timeframe: Timeframe
) -> tuple[Times, CandleArrays]:
    """Join 1-minute candles to a longer timeframe, equal to what `TimeframeBuilder` gives out.

    Args:
        open_time_ms: open times of the minutes, strictly rising.
        candles: the minutes.
        timeframe: the longer timeframe.

    Returns:
        Open times and candles; those with a missing minute are left out.

    Raises:
        InvalidCandles: times do not strictly rise.
    """
    check_times(open_time_ms)
    opening = open_time_ms - open_time_ms % timeframe.ms
    starts = np.flatnonzero(np.diff(opening, prepend=opening[:1] - 1))
    sizes = np.diff(np.append(starts, len(opening)))
    whole = sizes == timeframe.ms // Timeframe.M1.ms
    if len(starts) == 0:
        return open_time_ms, candles
    last = starts + sizes - 1
    return opening[starts][whole], CandleArrays(
        open=candles.open[starts][whole],
        high=np.maximum.reduceat(candles.high, starts)[whole],
        low=np.minimum.reduceat(candles.low, starts)[whole],
        close=candles.close[last][whole],
        quote_volume=_running_sums(candles.quote_volume, starts, sizes)[whole],
    )


def _running_sums(
    values: NDArray[np.float64], starts: NDArray[np.intp], sizes: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Return the sum of each group, added from left to right as the live builder does.

    numpy's own reduction adds in pairs and would differ from it in the last bit.
    """
    total = np.zeros(len(starts))
    for offset in range(int(sizes.max(initial=0))):
        has = sizes > offset
        total[has] += values[starts[has] + offset]
    return total
