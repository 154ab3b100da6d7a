"""The raw quantities of `SmcContext`, gathered only when a Setup arises."""

from engine.smc import setup_row as row
from engine.smc.arrays import Floats
from engine.smc.candle_ring import CandleRing
from engine.smc.events import BOS
from engine.smc.fair_value_gaps import COUNT as GAP_COUNT
from engine.smc.fair_value_gaps import FILLED, Gaps
from engine.smc.history import History, close_ago, highest, lowest, mean_true_range
from engine.smc.indicators import TRUE_RANGE, mean_absolute_change, mean_quote_volume, rsi
from engine.smc.liquidity import COUNT as POOL_COUNT
from engine.smc.liquidity import SWEEP_BAR, SWEEP_EXTREME, SWEPT_LEVEL, Pools, pool_level
from engine.smc.order_blocks import BREAKER, Blocks
from engine.smc.order_blocks import COUNT as BLOCK_COUNT
from engine.smc.state import Side, State
from engine.smc.structure import BAR, NONE, Structure, latest_kind, run_length

NAN = float("nan")
NEAR_ATR = 3.0


def best_body(ring: CandleRing, d: int, t: int) -> float:
    """Return the largest d x (close - open) of the last 5 candles. Kernel function."""
    mask = len(ring.open) - 1
    best = d * (ring.close[t & mask] - ring.open[t & mask])
    for i in range(t - 4, t):
        best = max(best, d * (ring.close[i & mask] - ring.open[i & mask]))
    return best


def nearest_gap(gaps: Gaps, close: float) -> int:
    """Return the row of the live gap whose near edge is nearest, the newest of equals, or -1.

    Kernel function; `close` is mirrored.
    """
    best = -1
    for i in range(gaps.number[GAP_COUNT]):
        if gaps.state[i] == FILLED:
            continue
        if best < 0 or abs(close - gaps.near[i]) <= abs(close - gaps.near[best]):
            best = i
    return best


def nearest_block(blocks: Blocks, close: float) -> int:
    """Return the row of the live block whose near edge is nearest, or -1. Kernel function."""
    best = -1
    for i in range(blocks.number[BLOCK_COUNT]):
        if blocks.state[i] == BREAKER:
            continue
        if best < 0 or abs(close - blocks.near[i]) <= abs(close - blocks.near[best]):
            best = i
    return best


def blocks_within(blocks: Blocks, close: float, reach: float) -> int:
    """Count live blocks whose zone lies within `reach` of the close. Kernel function."""
    count = 0
    for i in range(blocks.number[BLOCK_COUNT]):
        if blocks.state[i] == BREAKER:
            continue
        distance = max(close - blocks.near[i], blocks.far[i] - close, 0.0)
        if distance <= reach:
            count += 1
    return count


def nearest_pool_above(pools: Pools, close: float) -> float:
    """Return the lowest pool level above the mirrored close, NaN if none. Kernel function."""
    best = NAN
    for i in range(pools.number[POOL_COUNT]):
        level = pool_level(pools, pools.pool[i])
        # `not >=` is true for the NaN that stands for none.
        if level > close and not level >= best:
            best = level
    return best


def range_position(state: State, close: float) -> float:
    """D6: return where the close lies between the current pivots, NaN if void. Kernel function."""
    if state.up.pivot.number[BAR] == NONE or state.down.pivot.number[BAR] == NONE:
        return NAN
    high = state.up.pivot.price[0]
    low = -state.down.pivot.price[0]
    if high <= low:
        return NAN
    return (close - low) / (high - low)


def write_runs(out: Floats, at: int, structure: Structure, d: int, t: int, max_age: int) -> None:
    """Write how the latest break stands to the trend. Kernel function."""
    run = run_length(structure, 0, d, t, max_age)
    out[at + row.BREAKS_WITH_TREND] = run
    out[at + row.BREAKS_AGAINST_TREND] = 0.0
    if latest_kind(structure) != BOS:
        # A CHoCH ended a run of at least one, even if that one is too old to be counted now.
        ended = run_length(structure, run, -d, t, max_age)
        out[at + row.BREAKS_WITH_TREND] = 0.0
        out[at + row.BREAKS_AGAINST_TREND] = max(ended, 1)


def write_sweep(out: Floats, at: int, pools: Pools, t: int, max_age: int) -> None:
    """Write the latest sweep in favour, swept from the opposite side's pools. Kernel function."""
    out[at + row.SWEEP_DEPTH] = 0.0
    out[at + row.SWEEP_AGE_CANDLES] = 0.0
    bar = pools.number[SWEEP_BAR]
    if bar != NONE and t - bar <= max_age:
        out[at + row.SWEEP_DEPTH] = pools.price[SWEEP_EXTREME] - pools.price[SWEPT_LEVEL]
        out[at + row.SWEEP_AGE_CANDLES] = t - bar


def write_zones(out: Floats, at: int, side: Side, d: int, close: float, atr: float) -> None:
    """Write nearest gap and block and the count of near blocks. Kernel function."""
    out[at + row.LIVE_ORDER_BLOCKS_NEAR] = blocks_within(side.blocks, close, NEAR_ATR * atr)
    out[at + row.GAP_NEAR_EDGE] = NAN
    out[at + row.GAP_FAR_EDGE] = NAN
    out[at + row.BLOCK_NEAR_EDGE] = NAN
    out[at + row.BLOCK_FAR_EDGE] = NAN
    gap = nearest_gap(side.gaps, close)
    if gap >= 0:
        out[at + row.GAP_NEAR_EDGE] = d * side.gaps.near[gap]
        out[at + row.GAP_FAR_EDGE] = d * side.gaps.far[gap]
    block = nearest_block(side.blocks, close)
    if block >= 0:
        out[at + row.BLOCK_NEAR_EDGE] = d * side.blocks.near[block]
        out[at + row.BLOCK_FAR_EDGE] = d * side.blocks.far[block]


def write_history(out: Floats, at: int, history: History, t: int) -> None:
    """Write what the last 400 candles were like. Kernel function."""
    out[at + row.MEAN_TRUE_RANGE_400] = mean_true_range(history, t)
    out[at + row.HIGH_400] = highest(history, t)
    out[at + row.LOW_400] = lowest(history, t)
    out[at + row.CLOSE_15_AGO] = close_ago(history, t, 15)
    out[at + row.CLOSE_60_AGO] = close_ago(history, t, 60)


def write_context(
    out: Floats, at: int, state: State, d: int, t: int, atr: float, max_age: int
) -> None:
    """Write the context columns of the row that begins at `out[at]`. Kernel function.

    Args:
        out: values of a SetupBuffer.
        at: index of the row's first value.
        state: memory at the close of candle t.
        d: direction of the Setup.
        t: proving candle.
        atr: ATR(14), floored at one tick.
        max_age: candles after which findings do not count.
    """
    ring = state.ring
    mask = len(ring.open) - 1
    close = ring.close[t & mask]
    side = state.up if d > 0 else state.down
    other = state.down if d > 0 else state.up
    out[at + row.CLOSE] = close
    out[at + row.ATR] = atr
    write_runs(out, at, state.structure, d, t, max_age)
    out[at + row.BEST_BODY_5] = best_body(ring, d, t)
    write_sweep(out, at, other.pools, t, max_age)
    write_zones(out, at, side, d, d * close, atr)
    out[at + row.QUOTE_VOLUME] = ring.quote_volume[t & mask]
    out[at + row.MEAN_QUOTE_VOLUME_20] = mean_quote_volume(ring, t)
    out[at + row.TRUE_RANGE] = state.indicators.value[TRUE_RANGE]
    out[at + row.RSI] = rsi(state.indicators)
    out[at + row.CLOSE_10_AGO] = ring.close[(t - 10) & mask]
    out[at + row.NEAREST_OPPOSING_POOL] = d * nearest_pool_above(side.pools, d * close)
    out[at + row.MEAN_ABS_CHANGE_20] = mean_absolute_change(ring, t)
    out[at + row.RANGE_POSITION] = range_position(state, close)
    write_history(out, at, state.history, t)
