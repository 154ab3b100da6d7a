"""Tests of engine/smc/candle_ring.py."""

import pytest

from engine.smc.arrays import LISTS
from engine.smc.candle_ring import LOOKBACK, new_candle_ring, push


@pytest.mark.parametrize(("least", "size"), [(1, 32), (32, 32), (33, 64), (122, 128)])
def test_ring_when_made_is_a_power_of_two_that_suffices(least: int, size: int) -> None:
    assert len(new_candle_ring(least, LISTS).open) == size


def test_ring_when_full_keeps_the_newest_candles() -> None:
    ring = new_candle_ring(1, LISTS)
    for t in range(LOOKBACK + 5):
        push(ring, t, t + 0.1, t + 0.4, t + 0.0, t + 0.2, t * 10.0)
    for t in range(5, LOOKBACK + 5):
        at = t % LOOKBACK
        assert ring.open[at] == t + 0.1
        assert ring.high[at] == t + 0.4
        assert ring.low[at] == t + 0.0
        assert ring.close[at] == t + 0.2
        assert ring.quote_volume[at] == t * 10.0
