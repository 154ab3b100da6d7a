"""D1: swing highs and lows, known `right` candles after the pivot."""

from engine.smc.arrays import Floats
from engine.smc.candle_ring import CandleRing


def is_pivot(values: Floats, side: int, i: int, left: int, right: int) -> bool:
    """Tell whether no value of [i-left, i+right] lies beyond value i. Kernel function.

    Args:
        values: ring of highs (side +1) or lows (side -1).
        side: +1 looks for a high, -1 for a low.
        i: candle number in question.
        left: candles before it.
        right: candles after it, all of them already in the ring.
    """
    mask = len(values) - 1
    pivot = values[i & mask]
    if side > 0:
        for j in range(i + right, i - left - 1, -1):
            if values[j & mask] > pivot:
                return False
    else:
        for j in range(i + right, i - left - 1, -1):
            if values[j & mask] < pivot:
                return False
    return True


def first_candidate(left: int, right: int) -> int:
    """Return the first candle that may be a pivot. Kernel function.

    It needs `left` candles before it; 2 x right - 1 is where the reference package
    smartmoneyconcepts, whose rolling window starts later, can first see one.
    """
    return max(left, 2 * right - 1)


def swing_at(ring: CandleRing, t: int, left: int, right: int) -> int:
    """Return +1 if candle t-right is a swing high, else -1 if a swing low, else 0.

    Kernel function. A candle that is both counts as a high.
    """
    i = t - right
    if i < first_candidate(left, right):
        return 0
    if is_pivot(ring.high, 1, i, left, right):
        return 1
    if is_pivot(ring.low, -1, i, left, right):
        return -1
    return 0
