"""Tests of engine/smc/order_blocks.py."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.setup import EvidenceKind as Kind
from engine.smc.arrays import LISTS
from engine.smc.candle_ring import CandleRing, new_candle_ring, push
from engine.smc.events import Event, event_at, new_event_buffer
from engine.smc.frame import detect_frame
from engine.smc.order_blocks import (
    BLOCK_BAR,
    COUNT,
    EVICTED,
    LEG_BAR,
    OPEN,
    TOUCH_BAR,
    TOUCH_ROW,
    Blocks,
    Leg,
    arm,
    begin_leg,
    extend_leg,
    leave_block,
    live_through,
    new_blocks,
    new_leg,
)
from engine.smc.params import DetectorParams, OrderBlockAnchor
from tests.oracle.smc_series import Row, arrays, walk

NEVER = 1 << 60


def one_block(size: int = 4) -> Blocks:
    blocks = new_blocks(size, LISTS)
    blocks.near[0], blocks.far[0], blocks.bar[0], blocks.state[0] = 104.0, 100.0, 10, OPEN
    blocks.number[COUNT] = 1
    arm(blocks, 0)
    return blocks


def lived(
    blocks: Blocks, t: int, low: float, close: float, max_age: int = NEVER, side: int = 1
) -> list[Kind]:
    events = new_event_buffer(64, LISTS)
    live_through(blocks, side, t, low, close, max_age, events)
    return [event_at(events, row).kind for row in range(events.used[0])]


def test_block_when_touched_broken_and_reclaimed_tells_its_whole_life() -> None:
    blocks = one_block()
    assert lived(blocks, 12, 104.1, 105.0) == []
    assert lived(blocks, 13, 104.0, 105.0) == [Kind.OB_TOUCHED]
    assert (blocks.number[TOUCH_BAR], blocks.number[TOUCH_ROW]) == (13, 0)
    assert lived(blocks, 14, 99.0, 100.0) == [], "a close at the far edge does not break it"
    assert lived(blocks, 15, 99.0, 99.9) == [Kind.OB_BREAKER]
    assert lived(blocks, 16, 103.0, 104.0) == []
    assert lived(blocks, 17, 104.0, 104.1) == [Kind.OB_VOID]
    assert blocks.number[COUNT] == 0


def test_block_when_first_touch_breaks_it_counts_as_no_touch_for_recipes() -> None:
    blocks = one_block()
    assert lived(blocks, 12, 90.0, 95.0) == [Kind.OB_TOUCHED, Kind.OB_BREAKER]
    assert blocks.number[TOUCH_BAR] != 12


@pytest.mark.parametrize(("t", "left"), [(410, 1), (411, 0)])
def test_block_when_older_than_max_age_is_dropped_silently(t: int, left: int) -> None:
    blocks = one_block()
    assert lived(blocks, t, 200.0, 200.0, max_age=400) == []
    assert blocks.number[COUNT] == left


def ring_of(rows: list[tuple[float, float, float, float]]) -> CandleRing:
    ring = new_candle_ring(1, LISTS)
    for t, row in enumerate(rows):
        push(ring, t, *row, 0.0)
    return ring


LEG_ROWS = [
    (10.0, 12.0, 9.0, 9.5),  # 0 the pivot, fell
    (9.5, 9.8, 8.0, 8.5),  # 1 fell
    (8.5, 9.0, 7.0, 8.8),  # 2 lowest, rose
    (8.8, 9.5, 8.6, 8.7),  # 3 fell, but after the extreme
    (8.7, 9.9, 7.0, 9.6),  # 4 as low as 2, rose
]


def leg_to(t: int, *, extreme_only: bool = False) -> Leg:
    leg = new_leg(LISTS)
    ring = ring_of(LEG_ROWS)
    begin_leg(leg, ring, 1, 0, min(t, 2), extreme_only)
    for bar in range(3, t + 1):
        extend_leg(leg, ring, 1, bar, extreme_only)
    return leg


@pytest.mark.parametrize(
    ("t", "extreme_only", "leg_bar", "block_bar"),
    [(1, False, 1, 1), (2, False, 2, 1), (3, False, 2, 1), (4, False, 4, 3), (4, True, 4, 4)],
)
def test_leg_when_it_grows_follows_the_last_extreme_and_the_last_opposite_candle(
    t: int, leg_bar: int, block_bar: int, *, extreme_only: bool
) -> None:
    leg = leg_to(t, extreme_only=extreme_only)
    assert (leg.bar[LEG_BAR], leg.bar[BLOCK_BAR]) == (leg_bar, block_bar)


def test_leg_when_only_the_pivot_is_opposite_takes_the_pivot() -> None:
    leg = new_leg(LISTS)
    ring = ring_of([(10.0, 12.0, 9.0, 9.5), (9.5, 9.8, 8.0, 9.6)])
    begin_leg(leg, ring, 1, 0, 1, extreme_only=False)
    assert leg.bar[BLOCK_BAR] == 0


def test_leg_when_no_candle_is_opposite_takes_the_extreme() -> None:
    leg = new_leg(LISTS)
    ring = ring_of([(10.0, 12.0, 9.0, 10.5), (9.5, 9.8, 8.0, 9.6)])
    begin_leg(leg, ring, 1, 0, 1, extreme_only=False)
    assert leg.bar[BLOCK_BAR] == 1


def test_leave_block_when_full_evicts_the_oldest_and_keeps_the_touched_row_right() -> None:
    blocks = one_block(size=2)
    leg = leg_to(4)
    events = new_event_buffer(8, LISTS)
    leave_block(blocks, leg, 1, 6, 0, events)
    blocks.number[TOUCH_BAR], blocks.number[TOUCH_ROW] = 7, 1
    leave_block(blocks, leg, 1, 7, 0, events)
    assert blocks.number[EVICTED] == 1
    assert blocks.bar[:2] == [3, 3]
    assert blocks.number[TOUCH_ROW] == 0
    assert event_at(events, 0) == Event(6, 3, Kind.OB, 1, 9.5, 8.6, 0)


def expected_block(
    rows: list[Row], event: Event, anchor: OrderBlockAnchor
) -> tuple[int, float, float]:
    p, t, sign = event.ref, event.known_at, event.direction
    bars = range(p + 1, t)
    lows = [rows[b].low if sign > 0 else -rows[b].high for b in bars]
    m = max(b for b, low in zip(bars, lows, strict=True) if low == min(lows))
    k = m
    if anchor is OrderBlockAnchor.LAST_OPPOSITE:
        for bar in range(p, m + 1):
            if (rows[bar].close - rows[bar].open) * sign < 0:
                k = bar
        if (rows[k].close - rows[k].open) * sign >= 0:
            k = m
    return k, rows[k].high, rows[k].low


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    anchor=st.sampled_from(OrderBlockAnchor),
    tick=st.sampled_from([0.01, 1.0]),
)
def test_blocks_when_compared_with_the_definition_are_the_same_set(
    seed: int, anchor: OrderBlockAnchor, tick: float
) -> None:
    rows = walk(seed, 250, tick=tick)
    params = DetectorParams(left=2, right=2, ob_anchor=anchor)
    events = list(detect_frame(arrays(rows), params, compiled=False).events.rows())
    blocks = [event for event in events if event.kind is Kind.OB]
    breaks = [event for event in events if event.kind in {Kind.BOS, Kind.CHOCH}]
    assert [(b.known_at, b.ref, b.direction) for b in blocks] == [
        (b.known_at, b.bar, b.direction) for b in breaks
    ]
    for block in blocks:
        assert (block.bar, block.top, block.bottom) == expected_block(rows, block, anchor)
    for sign in (1, -1):
        bars = [block.bar for block in blocks if block.direction == sign]
        assert bars == sorted(bars), "the kernel relies on this order when it forgets"
