"""Tests of engine/smc/state.py."""

import sys

import pytest

from engine.smc.arrays import LISTS
from engine.smc.events import new_event_buffer
from engine.smc.kernel import on_candle
from engine.smc.params import DetectorParams, rules_of
from engine.smc.setup_row import MOST_A_CANDLE, new_setup_buffer
from engine.smc.state import State, evictions, most_events_a_candle, new_state
from tests.oracle.smc_series import walk


def size_of(value: object, seen: set[int]) -> int:
    """Bytes of nested tuples, lists and numbers, every object once."""
    if id(value) in seen:
        return 0
    seen.add(id(value))
    inner = value if isinstance(value, tuple | list) else ()
    return sys.getsizeof(value) + sum(size_of(item, seen) for item in inner)


def run(params: DetectorParams, length: int) -> State:
    state = new_state(params)
    rules = rules_of(params)
    events = new_event_buffer(most_events_a_candle(params), LISTS)
    setups = new_setup_buffer(MOST_A_CANDLE, LISTS)
    for t, row in enumerate(walk(3, length)):
        on_candle(state, rules, events, setups, t, *row)
        events.used[0] = setups.used[0] = 0
    return state


def test_state_when_warm_stays_below_52_kb_a_symbol() -> None:
    assert size_of(run(DetectorParams(), 3_000), set()) < 52_000


def test_evictions_when_ages_are_bounded_happen_in_no_list_but_pools() -> None:
    counted = evictions(run(DetectorParams(), 3_000))
    assert (counted.gaps, counted.blocks) == (0, 0)


def test_evictions_when_lists_overflow_are_counted() -> None:
    params = DetectorParams(max_age=0, max_gaps=64, max_blocks=16, left=1, right=1)
    counted = evictions(run(params, 3_000))
    assert min(counted.blocks, counted.pools) > 0


@pytest.mark.parametrize(("equal_levels", "members"), [(False, 16), (True, 64)])
def test_pools_when_merged_have_room_for_several_members_each(
    members: int, *, equal_levels: bool
) -> None:
    state = new_state(DetectorParams(equal_levels=equal_levels))
    assert len(state.up.pools.bar) == members


def test_most_events_when_every_list_acts_at_once_is_enough() -> None:
    assert most_events_a_candle(DetectorParams()) >= 2 * (128 * 4 + 48 * 2 + 16)
