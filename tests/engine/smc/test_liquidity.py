"""Tests of engine/smc/liquidity.py."""

import pytest

from engine.domain.setup import EvidenceKind as Kind
from engine.smc.arrays import LISTS
from engine.smc.events import Event, event_at, new_event_buffer
from engine.smc.liquidity import (
    COUNT,
    EVICTED,
    LEAST,
    SWEEP_BAR,
    SWEEP_EXTREME,
    SWEPT_LEVEL,
    SWEPT_PIVOT,
    Pools,
    add_pivot,
    live_through,
    new_pools,
    pool_level,
)

NEVER = 1 << 60


def pools_at(*levels: float, reach: float = -1.0, size: int = 16) -> Pools:
    pools = new_pools(size, LISTS)
    for n, level in enumerate(levels):
        add_pivot(pools, 10 * n, level, reach)
    return pools


def lived(
    pools: Pools, t: int, high: float, close: float, max_age: int = NEVER, side: int = 1
) -> list[Event]:
    events = new_event_buffer(64, LISTS)
    live_through(pools, side, t, high, close, max_age, events)
    return [event_at(events, row) for row in range(events.used[0])]


@pytest.mark.parametrize(
    ("high", "close", "kind"),
    [
        (100.0, 99.0, None),
        (100.1, 100.0, Kind.SWEEP),
        (100.1, 99.0, Kind.SWEEP),
        (100.1, 100.1, Kind.POOL_TAKEN),
    ],
)
def test_pool_when_price_goes_beyond_is_swept_or_taken_by_the_close(
    high: float, close: float, kind: Kind | None
) -> None:
    pools = pools_at(100.0)
    events = lived(pools, 20, high, close)
    assert [event.kind for event in events] == ([kind] if kind else [])
    assert pools.number[COUNT] == (0 if kind else 1)


def test_sweep_when_highs_are_swept_is_bearish_and_when_taken_bullish() -> None:
    assert lived(pools_at(100.0), 20, 101.0, 99.0)[0].direction == -1
    assert lived(pools_at(100.0), 20, 101.0, 100.5)[0].direction == 1


def test_sweep_when_lows_are_swept_is_bullish_and_told_in_real_prices() -> None:
    pools = pools_at(-100.0)
    assert lived(pools, 20, -99.0, -100.5, side=-1) == [
        Event(20, 0, Kind.SWEEP, 1, 100.0, 100.0, -1)
    ]


def test_pools_when_one_candle_passes_several_judges_each() -> None:
    pools = pools_at(100.0, 103.0, 101.0, 110.0)
    events = lived(pools, 50, 105.0, 102.0)
    assert [(event.kind, event.bar) for event in events] == [
        (Kind.POOL_TAKEN, 0),
        (Kind.POOL_TAKEN, 20),
        (Kind.SWEEP, 10),
    ]
    assert pools.level[: pools.number[COUNT]] == [110.0]
    assert pools.price[LEAST] == 110.0


def test_sweep_when_one_candle_sweeps_several_the_deepest_is_remembered() -> None:
    pools = pools_at(102.0, 100.0, 101.0)
    lived(pools, 50, 105.0, 99.0)
    assert (pools.number[SWEEP_BAR], pools.number[SWEPT_PIVOT]) == (50, 10)
    assert (pools.price[SWEPT_LEVEL], pools.price[SWEEP_EXTREME]) == (100.0, 105.0)


@pytest.mark.parametrize(("t", "kinds"), [(400, [Kind.SWEEP]), (401, [])])
def test_pool_when_older_than_max_age_is_dropped_silently(t: int, kinds: list[Kind]) -> None:
    assert [e.kind for e in lived(pools_at(100.0), t, 101.0, 99.0, max_age=400)] == kinds


def test_pools_when_full_evict_the_oldest_and_count_it() -> None:
    pools = pools_at(*map(float, range(100, 119)), size=16)
    assert pools.number[EVICTED] == 3
    assert pools.level[0] == 103.0


def test_equal_levels_when_within_reach_make_one_pool_at_the_highest() -> None:
    pools = pools_at(100.0, 100.4, 102.0, reach=0.5)
    assert pools.pool[:3] == [0, 0, 1]
    assert pool_level(pools, 0) == 100.4
    assert lived(pools, 50, 100.3, 100.0) == [], "the pool's level is its highest member"
    (event,) = lived(pools, 51, 100.5, 99.0)
    assert (event.kind, event.bar, event.top) == (Kind.SWEEP, 10, 100.4)
    assert pools.level[: pools.number[COUNT]] == [102.0]


def test_equal_levels_when_a_member_is_broken_it_leaves_before_sweeps_are_judged() -> None:
    pools = pools_at(100.4, 100.0, reach=0.5)
    (event,) = lived(pools, 50, 100.5, 100.2)
    assert (event.kind, event.bar, event.top) == (Kind.SWEEP, 0, 100.4)


def test_equal_levels_when_every_member_is_broken_the_pool_is_taken_once() -> None:
    pools = pools_at(100.0, 100.4, reach=0.5)
    (event,) = lived(pools, 50, 101.0, 100.6)
    assert (event.kind, event.bar, event.top) == (Kind.POOL_TAKEN, 10, 100.4)
    assert pools.number[COUNT] == 0


def test_equal_levels_when_two_pools_are_in_reach_the_newest_is_joined() -> None:
    pools = pools_at(100.0, 101.0, reach=0.6)
    add_pivot(pools, 30, 100.5, 0.6)
    assert pools.pool[:3] == [0, 1, 1]


def test_equal_levels_when_merging_is_off_equal_prices_stay_apart() -> None:
    pools = pools_at(100.0, 100.0)
    assert [event.bar for event in lived(pools, 50, 101.0, 99.0)] == [0, 10]
