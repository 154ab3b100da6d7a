"""Tests of engine/smc/arrays.py."""

from engine.smc.arrays import LISTS


def test_lists_when_allocated_are_filled_and_independent() -> None:
    floats = LISTS.floats(3, 1.5)
    ints = LISTS.ints(2, -1)
    floats[0] = 2.0
    assert floats == [2.0, 1.5, 1.5]
    assert ints == [-1, -1]
    assert LISTS.floats(3, 1.5) == [1.5, 1.5, 1.5]
