"""Recipes: small rules that compose findings into Setups at the close of a candle.

A recipe decides on zone, stop and proof in the mirrored prices of its direction d and hands them
to `propose`, which prices the Setup and writes its row. To add one: write it here, give it a
member in `engine.domain.setup.Recipe` and a flag in `engine.smc.params.Rules`, and call it from
`judge`.
"""

from typing import NamedTuple

from engine.smc import setup_row as row
from engine.smc.arrays import Floats
from engine.smc.context import NAN, nearest_pool_above, write_context
from engine.smc.events import BOS
from engine.smc.fair_value_gaps import COUNT as GAP_COUNT
from engine.smc.fair_value_gaps import FILLED, OPEN, Gaps
from engine.smc.indicators import ATR, MEAN_PERIOD
from engine.smc.liquidity import SWEEP_BAR, SWEEP_EXTREME, SWEPT_LEVEL, SWEPT_PIVOT, Pools
from engine.smc.order_blocks import COUNT as BLOCK_COUNT
from engine.smc.order_blocks import LEG_BAR, TOUCH_BAR, TOUCH_ROW, Blocks
from engine.smc.params import Rules
from engine.smc.setup_row import SetupBuffer
from engine.smc.state import Alive, Side, State
from engine.smc.structure import (
    NONE,
    PIVOT,
    Structure,
    latest_break,
    latest_kind,
    trend_at,
    turned_since,
)

FRESH_BREAK = 3
"""Candles a BOS stays fresh for `fvg_continuation`."""


class Plan(NamedTuple):
    """A Setup's prices, mirrored so that entry > stop and target > entry for both directions."""

    entry: float
    stop: float
    target: float


def expire(alive: Alive, t: int, low: float, high: float) -> None:
    """End the Setups whose stop candle t crossed. Kernel function."""
    if alive.until[row.MOST_A_CANDLE] <= t:
        return
    for slot in range(row.MOST_A_CANDLE):
        reached = low if slot % 2 == 0 else -high
        if alive.until[slot] > t and reached <= alive.stop[slot]:
            alive.until[slot] = 0


def plan_of(
    rules: Rules, side: Side, close: float, near: float, invalid: float, atr: float
) -> Plan:
    """Price a Setup: entry by rule, stop beyond `invalid`, target by rule. Kernel function.

    Args:
        rules: entry, stop and target rules.
        side: holds the opposing pools.
        close: mirrored close.
        near: mirrored near edge of the entry zone.
        invalid: mirrored price beyond which the pattern is void.
        atr: floored ATR(14).
    """
    entry = min(near, close) if rules.enter_on_retest else close
    stop = invalid - rules.stop_margin_atr * atr
    target = entry + rules.target_r * (entry - stop)
    if rules.target_pool:
        pool = nearest_pool_above(side.pools, entry)
        # False for the NaN that stands for no pool.
        if pool > entry:
            target = pool
    return Plan(entry, stop, target)


def begin_row(setups: SetupBuffer, t: int, recipe: int, d: int) -> int:
    """Start a row without proof and return the index of its first value. Kernel function."""
    at = setups.used[0] * row.WIDTH
    out = setups.value
    out[at + row.BAR] = t
    out[at + row.RECIPE] = recipe
    out[at + row.DIRECTION] = d
    for column in range(row.SWEEP_BAR, row.CONTEXT):
        out[at + column] = NAN
    out[at + row.SWEEP_BAR] = -1.0
    out[at + row.SWEEP_PIVOT] = -1.0
    out[at + row.BLOCK_BAR] = -1.0
    out[at + row.GAP_BAR] = -1.0
    return at


def write_zone(out: Floats, top: int, bottom: int, d: int, near: float, far: float) -> None:
    """Write a mirrored zone into the columns `top` and `bottom`. Kernel function."""
    if d > 0:
        out[top] = near
        out[bottom] = far
    else:
        out[top] = -far
        out[bottom] = -near


def propose(
    state: State,
    rules: Rules,
    setups: SetupBuffer,
    recipe: int,
    d: int,
    t: int,
    near: float,
    far: float,
    invalid: float,
) -> int:
    """Write a Setup unless one of its kind is alive or its prices make no sense.

    Kernel function.

    Args:
        state: memory at the close of candle t.
        rules: pricing rules.
        setups: where to write.
        recipe: code of the recipe.
        d: direction.
        t: proving candle.
        near: mirrored near edge of the entry zone.
        far: mirrored far edge.
        invalid: mirrored price the stop lies beyond.

    Returns:
        Index of the row's first value, or -1 if nothing was written.
    """
    slot = 2 * recipe + (0 if d > 0 else 1)
    if state.alive.until[slot] > t:
        return -1
    close = state.ring.close[t & (len(state.ring.close) - 1)]
    side = state.up if d > 0 else state.down
    atr = max(state.indicators.value[ATR], rules.least_atr)
    plan = plan_of(rules, side, d * close, near, invalid, atr)
    worst = min(d * plan.stop, d * plan.target)
    if plan.entry <= plan.stop or plan.target <= plan.entry or worst <= 0.0:
        return -1
    state.alive.until[slot] = t + rules.expiry
    state.alive.until[row.MOST_A_CANDLE] = t + rules.expiry
    state.alive.stop[slot] = plan.stop
    at = begin_row(setups, t, recipe, d)
    out = setups.value
    out[at + row.ENTRY] = d * plan.entry
    out[at + row.STOP] = d * plan.stop
    out[at + row.TARGET] = d * plan.target
    write_zone(out, at + row.ZONE_TOP, at + row.ZONE_BOTTOM, d, near, far)
    write_break(out, at, state.structure)
    write_context(out, at, state, d, t, atr, rules.max_age)
    setups.used[0] += 1
    return at


def write_break(out: Floats, at: int, structure: Structure) -> None:
    """Write the latest break as proof. Kernel function."""
    out[at + row.BREAK_BAR] = latest_break(structure)
    out[at + row.BREAK_KIND] = latest_kind(structure)
    out[at + row.BREAK_PIVOT] = structure.number[PIVOT]
    out[at + row.BREAK_LEVEL] = structure.level[0]


def write_swept(out: Floats, at: int, pools: Pools, d: int) -> None:
    """Write the latest sweep of the opposite side's pools as proof. Kernel function."""
    out[at + row.SWEEP_BAR] = pools.number[SWEEP_BAR]
    out[at + row.SWEEP_PIVOT] = pools.number[SWEPT_PIVOT]
    out[at + row.SWEEP_LEVEL] = -d * pools.price[SWEPT_LEVEL]
    out[at + row.SWEEP_EXTREME] = -d * pools.price[SWEEP_EXTREME]


def write_block(out: Floats, at: int, blocks: Blocks, i: int, d: int) -> None:
    """Write an order block as proof. Kernel function."""
    out[at + row.BLOCK_BAR] = blocks.bar[i]
    write_zone(out, at + row.BLOCK_TOP, at + row.BLOCK_BOTTOM, d, blocks.near[i], blocks.far[i])


def write_gap(out: Floats, at: int, gaps: Gaps, i: int, d: int) -> None:
    """Write a fair value gap as proof. Kernel function."""
    out[at + row.GAP_BAR] = gaps.bar[i]
    write_zone(out, at + row.GAP_TOP, at + row.GAP_BOTTOM, d, gaps.near[i], gaps.far[i])


def newest_gap(gaps: Gaps, after: int, most_state: int) -> int:
    """Return the newest gap behind candle `after` not past a state, or -1. Kernel function."""
    for i in range(gaps.number[GAP_COUNT] - 1, -1, -1):
        if gaps.bar[i] <= after:
            return -1
        if gaps.state[i] <= most_state:
            return i
    return -1


def sweep_bos_retest(state: State, rules: Rules, setups: SetupBuffer, d: int, t: int) -> None:
    """A sweep in favour of d, then the break at t in d: enter towards its order block.

    Stop beyond the block's far edge and the sweep's extreme. Kernel function, called when
    candle t broke structure in direction d. A sweep by candle t itself counts.
    """
    side = state.up if d > 0 else state.down
    pools = state.down.pools if d > 0 else state.up.pools
    swept = pools.number[SWEEP_BAR] != NONE and t - pools.number[SWEEP_BAR] <= rules.sweep_lookback
    if not swept and (
        rules.sweep_required
        or not turned_since(state.structure, d, t - rules.sweep_lookback, t - 1)
    ):
        return
    block = side.blocks.number[BLOCK_COUNT] - 1
    near = side.blocks.near[block]
    far = side.blocks.far[block]
    invalid = min(far, -pools.price[SWEEP_EXTREME]) if swept else far
    at = propose(state, rules, setups, row.SWEEP_BOS_RETEST, d, t, near, far, invalid)
    if at < 0:
        return
    if swept:
        write_swept(setups.value, at, pools, d)
    write_block(setups.value, at, side.blocks, block, d)
    gap = newest_gap(side.gaps, side.leg.bar[LEG_BAR], FILLED - 1)
    if gap >= 0:
        write_gap(setups.value, at, side.gaps, gap, d)


def fvg_continuation(state: State, rules: Rules, setups: SetupBuffer, d: int, t: int) -> None:
    """A fresh BOS in the trend d and an untouched gap beyond its pivot. Kernel function.

    The gap's middle candle comes after the broken pivot and its near edge lies beyond the
    pivot's level. Stop beyond the extreme of the gap's first two candles.
    """
    structure = state.structure
    if latest_kind(structure) != BOS or t - latest_break(structure) > FRESH_BREAK:
        return
    side = state.up if d > 0 else state.down
    gap = newest_gap(side.gaps, structure.number[PIVOT], OPEN)
    if gap < 0 or side.gaps.near[gap] < d * structure.level[0]:
        return
    near = side.gaps.near[gap]
    far = side.gaps.far[gap]
    invalid = side.gaps.extreme[gap]
    at = propose(state, rules, setups, row.FVG_CONTINUATION, d, t, near, far, invalid)
    if at >= 0:
        write_gap(setups.value, at, side.gaps, gap, d)


def ob_retest(state: State, rules: Rules, setups: SetupBuffer, d: int, t: int) -> None:
    """First touch of a live block in the trend d by a candle that did not close beyond it.

    Stop beyond the block's far edge. Kernel function.
    """
    side = state.up if d > 0 else state.down
    block = side.blocks.number[TOUCH_ROW]
    if side.blocks.number[TOUCH_BAR] != t or block < 0:
        return
    near = side.blocks.near[block]
    far = side.blocks.far[block]
    at = propose(state, rules, setups, row.OB_RETEST, d, t, near, far, far)
    if at >= 0:
        write_block(setups.value, at, side.blocks, block, d)


def judge(state: State, rules: Rules, setups: SetupBuffer, t: int, broke: int) -> None:
    """Run the enabled recipes at the close of candle t. Kernel function.

    Args:
        state: memory, candle t taken in.
        rules: which recipes, and how.
        setups: where to write.
        t: candle that has just closed.
        broke: direction in which candle t broke structure, 0 if it did not.
    """
    if t < MEAN_PERIOD - 1:
        return
    if rules.sweep_bos_retest and broke != 0:
        sweep_bos_retest(state, rules, setups, broke, t)
    if rules.fvg_continuation or rules.ob_retest:
        trend = trend_at(state.structure, t, rules.max_age)
        if trend != 0 and rules.fvg_continuation:
            fvg_continuation(state, rules, setups, trend, t)
        if trend != 0 and rules.ob_retest:
            ob_retest(state, rules, setups, trend, t)
