"""Tests of engine/smc/swings.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.smc.arrays import LISTS
from engine.smc.candle_ring import CandleRing, new_candle_ring, push
from engine.smc.swings import first_candidate, swing_at

bars = st.lists(st.tuples(st.integers(1, 5), st.integers(0, 3)), min_size=1, max_size=32)


def ring_of(bars: list[tuple[int, int]]) -> CandleRing:
    ring = new_candle_ring(1, LISTS)
    for t, (low, height) in enumerate(bars):
        push(ring, t, float(low), float(low + height), float(low), float(low), 0.0)
    return ring


@given(bars=bars, left=st.integers(1, 4), right=st.integers(1, 4))
def test_swing_when_compared_with_the_definition_is_the_same(
    bars: list[tuple[int, int]], left: int, right: int
) -> None:
    ring = ring_of(bars)
    highs = [low + height for low, height in bars]
    lows = [low for low, _ in bars]
    t = len(bars) - 1
    i = t - right
    expected = 0
    if i >= max(left, 2 * right - 1):
        window = range(i - left, i + right + 1)
        if all(highs[i] >= highs[j] for j in window):
            expected = 1
        elif all(lows[i] <= lows[j] for j in window):
            expected = -1
    assert swing_at(ring, t, left, right) == expected


@pytest.mark.parametrize(("left", "right", "first"), [(4, 5, 9), (9, 2, 9), (1, 1, 1)])
def test_first_candidate_when_windows_differ_is_the_later_of_two_limits(
    left: int, right: int, first: int
) -> None:
    assert first_candidate(left, right) == first


def test_swing_when_a_candle_is_both_counts_as_a_high() -> None:
    assert swing_at(ring_of([(3, 1), (1, 5), (3, 1)]), 2, 1, 1) == 1
