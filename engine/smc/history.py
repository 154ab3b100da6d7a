"""The last 400 candles of a series, summed up as they come and read when a Setup arises.

The window is as long as what a bot that has just started knows of every symbol, so that it and
one that has run for years see the same.
"""

from typing import NamedTuple

from engine.smc.arrays import Allocator, Floats

WINDOW = 400
"""Candles looked back at, the proving one included."""
SIZE = 512
"""A power of two above `WINDOW`."""
CLOSES = 64
"""A power of two above the 60 candles that a close is looked up at most."""
BLOCK_BITS = 4
BLOCK = 1 << BLOCK_BITS
BLOCKS = SIZE // BLOCK


class History(NamedTuple):
    """Candle t lies at `t & (size - 1)` of each array.

    `total` holds the sum of all true ranges up to a candle; the tops and bottoms are those of
    blocks of 16 candles, so that an extreme of 400 takes some 40 looks: without a compiler each
    look costs, and Setups arise in the very burst of a close.
    """

    high: Floats
    low: Floats
    total: Floats
    close: Floats
    top: Floats
    bottom: Floats


def new_history(make: Allocator) -> History:
    """Return a history of no candles."""
    sizes = (SIZE, SIZE, SIZE, CLOSES, BLOCKS, BLOCKS)
    return History(*(make.compact(size) for size in sizes))


def keep(
    history: History, t: int, high: float, low: float, close: float, true_range: float
) -> None:
    """Take in candle t. Kernel function."""
    at = t & (SIZE - 1)
    history.high[at] = high
    history.low[at] = low
    history.total[at] = history.total[(t - 1) & (SIZE - 1)] + true_range
    history.close[t & (CLOSES - 1)] = close
    block = at >> BLOCK_BITS
    begins = at & (BLOCK - 1) == 0
    if begins or high > history.top[block]:
        history.top[block] = high
    if begins or low < history.bottom[block]:
        history.bottom[block] = low


def first_of(t: int) -> int:
    """Return the first candle of the window that ends with t. Kernel function."""
    return max(t - WINDOW + 1, 0)


def mean_true_range(history: History, t: int) -> float:
    """Return the mean true range of the last `WINDOW` candles up to t. Kernel function.

    Where fewer exist, of those.
    """
    first = first_of(t)
    total = history.total[t & (SIZE - 1)]
    if first > 0:
        total -= history.total[(first - 1) & (SIZE - 1)]
    return total / (t - first + 1)


def highest(history: History, t: int) -> float:
    """Return the highest high of the last `WINDOW` candles up to t. Kernel function."""
    i = first_of(t)
    best = history.high[i & (SIZE - 1)]
    while i <= t:
        at = i & (SIZE - 1)
        if at & (BLOCK - 1) == 0:
            # The block of t itself holds nothing later than t.
            best = max(best, history.top[at >> BLOCK_BITS])
            i += BLOCK
        else:
            best = max(best, history.high[at])
            i += 1
    return best


def lowest(history: History, t: int) -> float:
    """Return the lowest low of the last `WINDOW` candles up to t. Kernel function."""
    i = first_of(t)
    best = history.low[i & (SIZE - 1)]
    while i <= t:
        at = i & (SIZE - 1)
        if at & (BLOCK - 1) == 0:
            best = min(best, history.bottom[at >> BLOCK_BITS])
            i += BLOCK
        else:
            best = min(best, history.low[at])
            i += 1
    return best


def close_ago(history: History, t: int, candles: int) -> float:
    """Return the close so many candles, 63 at most, before t, NaN without one. Kernel function."""
    if t < candles:
        return float("nan")
    return history.close[(t - candles) & (CLOSES - 1)]
