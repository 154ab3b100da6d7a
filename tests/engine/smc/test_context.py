"""Tests of engine/smc/context.py; whole contexts are compared with the oracle in test_kernel."""

import math

import pytest

from engine.smc.arrays import LISTS
from engine.smc.candle_ring import new_candle_ring, push
from engine.smc.context import (
    best_body,
    blocks_within,
    nearest_block,
    nearest_gap,
    nearest_pool_above,
    range_position,
    write_runs,
    write_sweep,
    write_zones,
)
from engine.smc.events import BOS, CHOCH
from engine.smc.fair_value_gaps import FILLED, Gaps, new_gaps, remember
from engine.smc.liquidity import add_pivot, new_pools, note_sweep
from engine.smc.order_blocks import BREAKER, OPEN, Blocks, new_blocks
from engine.smc.params import DetectorParams
from engine.smc.setup_row import (
    BLOCK_FAR_EDGE,
    BLOCK_NEAR_EDGE,
    BREAKS_AGAINST_TREND,
    BREAKS_WITH_TREND,
    GAP_FAR_EDGE,
    GAP_NEAR_EDGE,
    LIVE_ORDER_BLOCKS_NEAR,
    SWEEP_AGE_CANDLES,
    SWEEP_DEPTH,
    WIDTH,
)
from engine.smc.state import new_state
from engine.smc.structure import new_structure


def gaps_at(*edges: tuple[float, float]) -> Gaps:
    gaps = new_gaps(8, LISTS)
    for bar, (near, far) in enumerate(edges):
        remember(gaps, bar, near, far, far)
    return gaps


def blocks_at(*edges: tuple[float, float]) -> Blocks:
    blocks = new_blocks(16, LISTS)
    for i, (near, far) in enumerate(edges):
        blocks.near[i], blocks.far[i], blocks.state[i] = near, far, OPEN
    blocks.number[0] = len(edges)
    return blocks


def test_best_body_when_none_closed_in_direction_is_negative() -> None:
    ring = new_candle_ring(1, LISTS)
    for t, body in enumerate([9.0, -3.0, -1.0, -2.0, -4.0, -5.0]):
        push(ring, t, 10.0, 30.0, 0.0, 10.0 + body, 0.0)
    assert best_body(ring, 1, 5) == -1.0, "the candle before the last five does not count"
    assert best_body(ring, -1, 5) == 5.0


def test_nearest_gap_when_one_is_filled_looks_at_the_live_ones() -> None:
    gaps = gaps_at((90.0, 89.0), (99.0, 98.0), (95.0, 94.0))
    assert nearest_gap(gaps, 100.0) == 1
    gaps.state[1] = FILLED
    assert nearest_gap(gaps, 100.0) == 2
    assert nearest_gap(new_gaps(8, LISTS), 100.0) == -1


def test_nearest_gap_when_two_are_equally_near_takes_the_newest() -> None:
    assert nearest_gap(gaps_at((99.0, 98.0), (101.0, 97.0)), 100.0) == 1


def test_nearest_block_when_one_is_a_breaker_looks_at_the_live_ones() -> None:
    blocks = blocks_at((99.0, 98.0), (90.0, 89.0))
    assert nearest_block(blocks, 100.0) == 0
    blocks.state[0] = BREAKER
    assert nearest_block(blocks, 100.0) == 1


def test_blocks_within_when_close_is_inside_or_near_counts_the_zone() -> None:
    blocks = blocks_at((101.0, 99.0), (97.0, 96.0), (96.9, 96.0), (105.0, 103.0))
    assert blocks_within(blocks, 100.0, 3.0) == 3
    assert blocks_within(blocks, 100.0, 0.0) == 1
    blocks.state[0] = BREAKER
    assert blocks_within(blocks, 100.0, 3.0) == 2


def test_nearest_pool_above_when_none_is_above_is_nan() -> None:
    pools = new_pools(16, LISTS)
    assert math.isnan(nearest_pool_above(pools, 100.0))
    for level in (99.0, 100.0, 104.0, 102.0):
        add_pivot(pools, 1, level, -1.0)
    assert nearest_pool_above(pools, 100.0) == 102.0
    assert math.isnan(nearest_pool_above(pools, 104.0))


@pytest.mark.parametrize(
    ("high", "low", "position"), [(110.0, 90.0, 0.75), (90.0, 90.0, None), (80.0, 90.0, None)]
)
def test_range_position_when_range_is_void_is_nan(
    high: float, low: float, position: float | None
) -> None:
    state = new_state(DetectorParams())
    assert math.isnan(range_position(state, 105.0)), "no pivots yet"
    state.up.pivot.number[0], state.up.pivot.price[0] = 5, high
    state.down.pivot.number[0], state.down.pivot.price[0] = 9, -low
    found = range_position(state, 105.0)
    assert math.isnan(found) if position is None else found == position


@pytest.mark.parametrize(
    ("directions", "kind", "written"),
    [([1, 1, 1], BOS, (3, 0)), ([-1, -1, 1], CHOCH, (0, 2)), ([1], BOS, (1, 0))],
)
def test_runs_when_latest_break_continues_or_turns_are_written_on_one_side(
    directions: list[int], kind: int, written: tuple[int, int]
) -> None:
    structure = new_structure(LISTS)
    for n, direction in enumerate(directions):
        structure.bar[n], structure.direction[n], structure.kind[n] = 10 * n, direction, kind
    structure.number[1] = len(directions)
    out = [0.0] * WIDTH
    write_runs(out, 0, structure, directions[-1], 30, 400)
    assert (out[BREAKS_WITH_TREND], out[BREAKS_AGAINST_TREND]) == written


def test_runs_when_the_ended_trend_is_too_old_still_count_one() -> None:
    structure = new_structure(LISTS)
    structure.bar[0], structure.direction[0] = 0, -1
    structure.bar[1], structure.direction[1], structure.kind[1] = 390, 1, CHOCH
    structure.number[1] = 2
    out = [0.0] * WIDTH
    write_runs(out, 0, structure, 1, 500, 400)
    assert (out[BREAKS_WITH_TREND], out[BREAKS_AGAINST_TREND]) == (0, 1)


@pytest.mark.parametrize(("t", "written"), [(50, (2.0, 0)), (450, (2.0, 400)), (451, (0.0, 0))])
def test_sweep_when_too_old_is_written_as_none(t: int, written: tuple[float, int]) -> None:
    pools = new_pools(16, LISTS)
    out = [9.0] * WIDTH
    write_sweep(out, 0, pools, t, 400)
    assert (out[SWEEP_DEPTH], out[SWEEP_AGE_CANDLES]) == (0.0, 0.0), "none yet"
    note_sweep(pools, 50, 40, 100.0, 102.0)
    write_sweep(out, 0, pools, t, 400)
    assert (out[SWEEP_DEPTH], out[SWEEP_AGE_CANDLES]) == written


def test_zones_when_there_are_none_are_nan_and_for_shorts_unmirrored() -> None:
    columns = (GAP_NEAR_EDGE, GAP_FAR_EDGE, BLOCK_NEAR_EDGE, BLOCK_FAR_EDGE)
    side = new_state(DetectorParams()).down
    out = [9.0] * WIDTH
    write_zones(out, 0, side, -1, -100.0, 1.0)
    assert all(math.isnan(out[column]) for column in columns)
    assert out[LIVE_ORDER_BLOCKS_NEAR] == 0
    remember(side.gaps, 3, -101.0, -102.0, -102.0)
    side.blocks.near[0], side.blocks.far[0], side.blocks.number[0] = -103.0, -104.0, 1
    write_zones(out, 0, side, -1, -100.0, 1.0)
    assert [out[column] for column in columns] == [101.0, 102.0, 103.0, 104.0]
    assert out[LIVE_ORDER_BLOCKS_NEAR] == 1
