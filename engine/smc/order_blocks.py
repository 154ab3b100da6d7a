"""D4: order blocks of one direction, where they come from and their life.

Prices are mirrored for bearish blocks, as in `fair_value_gaps`: a block lies below the price
that left it, `near` is its upper edge, `far` its lower one.
"""

from typing import NamedTuple

from engine.smc.arrays import Allocator, Floats, Ints
from engine.smc.candle_ring import CandleRing
from engine.smc.events import (
    NO_REF,
    OB,
    OB_BREAKER,
    OB_TOUCHED,
    OB_VOID,
    EventBuffer,
    emit_zone,
)

OPEN, TOUCHED, BREAKER, VOID = range(4)
COUNT, EVICTED, TOUCH_BAR, TOUCH_ROW = range(4)
TOUCH, BREAK, RECLAIM = range(3)
NOWHERE = float("-inf")
NONE = -1

LEG_BAR, BLOCK_BAR, OPPOSITE_BAR = range(3)
LEG_LOW, BLOCK_NEAR, BLOCK_FAR, OPPOSITE_NEAR, OPPOSITE_FAR = range(5)


class Leg(NamedTuple):
    """The leg since the current pivot: its extreme and the order-block candle so far.

    `bar` holds LEG_BAR (last lowest candle after the pivot), BLOCK_BAR and OPPOSITE_BAR (last
    opposite candle from the pivot on, NONE if there is none); `price` their mirrored prices.
    """

    bar: Ints
    price: Floats


class Blocks(NamedTuple):
    """Blocks of one direction, oldest first; the first `number[COUNT]` rows are valid.

    Their block candles are in order too: a later break never has an earlier block candle,
    because the leg of its pivot either begins later or contains the earlier leg's extreme.
    `number[TOUCH_ROW]` is the newest block whose first touch came with candle
    `number[TOUCH_BAR]` and which that candle did not break.
    """

    near: Floats
    far: Floats
    bar: Ints
    state: Ints
    number: Ints
    trigger: Floats


def new_leg(make: Allocator) -> Leg:
    """Return a leg that has not begun."""
    return Leg(make.ints(3, NONE), make.floats(5, 0.0))


def new_blocks(size: int, make: Allocator) -> Blocks:
    """Return an empty list for `size` blocks."""
    blocks = Blocks(
        near=make.floats(size, 0.0),
        far=make.floats(size, 0.0),
        bar=make.ints(size, 0),
        state=make.ints(size, 0),
        number=make.ints(4, 0),
        trigger=make.floats(3, NOWHERE),
    )
    blocks.number[TOUCH_BAR] = NONE
    disarm(blocks)
    return blocks


def extend_leg(leg: Leg, ring: CandleRing, side: int, bar: int, extreme_only: bool) -> None:
    """Take candle `bar` into the leg. Kernel function."""
    at = bar & (len(ring.open) - 1)
    if side > 0:
        near = ring.high[at]
        far = ring.low[at]
        opposite = ring.close[at] < ring.open[at]
    else:
        near = -ring.low[at]
        far = -ring.high[at]
        opposite = ring.close[at] > ring.open[at]
    if opposite:
        leg.bar[OPPOSITE_BAR] = bar
        leg.price[OPPOSITE_NEAR] = near
        leg.price[OPPOSITE_FAR] = far
    if leg.bar[LEG_BAR] != NONE and far > leg.price[LEG_LOW]:
        return
    leg.bar[LEG_BAR] = bar
    leg.price[LEG_LOW] = far
    if extreme_only or leg.bar[OPPOSITE_BAR] == NONE:
        leg.bar[BLOCK_BAR] = bar
        leg.price[BLOCK_NEAR] = near
        leg.price[BLOCK_FAR] = far
    else:
        leg.bar[BLOCK_BAR] = leg.bar[OPPOSITE_BAR]
        leg.price[BLOCK_NEAR] = leg.price[OPPOSITE_NEAR]
        leg.price[BLOCK_FAR] = leg.price[OPPOSITE_FAR]


def begin_leg(
    leg: Leg,
    ring: CandleRing,
    side: int,
    pivot: int,
    t: int,
    extreme_only: bool,
) -> None:
    """Start over from a pivot confirmed at candle t. Kernel function."""
    mask = len(ring.open) - 1
    leg.bar[LEG_BAR] = NONE
    leg.bar[OPPOSITE_BAR] = NONE
    at = pivot & mask
    # The pivot itself may be the block, but never the leg's extreme.
    if side > 0 and ring.close[at] < ring.open[at]:
        leg.bar[OPPOSITE_BAR] = pivot
        leg.price[OPPOSITE_NEAR] = ring.high[at]
        leg.price[OPPOSITE_FAR] = ring.low[at]
    if side < 0 and ring.close[at] > ring.open[at]:
        leg.bar[OPPOSITE_BAR] = pivot
        leg.price[OPPOSITE_NEAR] = -ring.low[at]
        leg.price[OPPOSITE_FAR] = -ring.high[at]
    for bar in range(pivot + 1, t + 1):
        extend_leg(leg, ring, side, bar, extreme_only)


def disarm(blocks: Blocks) -> None:
    """Put all triggers out of reach. Kernel function."""
    blocks.trigger[TOUCH] = NOWHERE
    blocks.trigger[BREAK] = NOWHERE
    blocks.trigger[RECLAIM] = -NOWHERE


def arm(blocks: Blocks, row: int) -> None:
    """Move the triggers to what changes this block next. Kernel function."""
    state = blocks.state[row]
    if state == BREAKER:
        blocks.trigger[RECLAIM] = min(blocks.trigger[RECLAIM], blocks.near[row])
        return
    blocks.trigger[BREAK] = max(blocks.trigger[BREAK], blocks.far[row])
    if state == OPEN:
        blocks.trigger[TOUCH] = max(blocks.trigger[TOUCH], blocks.near[row])


def next_state(
    blocks: Blocks, row: int, side: int, t: int, low: float, close: float, events: EventBuffer
) -> int:
    """Return the state of a block after candle t and emit what it passed. Kernel function."""
    near = blocks.near[row]
    far = blocks.far[row]
    bar = blocks.bar[row]
    state = blocks.state[row]
    if state == BREAKER:
        if close > near:
            state = VOID
            emit_zone(events, t, bar, OB_VOID, side, near, far, NO_REF)
        return state
    if state == OPEN and low <= near:
        state = TOUCHED
        emit_zone(events, t, bar, OB_TOUCHED, side, near, far, NO_REF)
    if close < far:
        state = BREAKER
        emit_zone(events, t, bar, OB_BREAKER, side, near, far, NO_REF)
    return state


def copy(blocks: Blocks, source: int, target: int) -> None:
    """Copy one row onto another. Kernel function."""
    blocks.near[target] = blocks.near[source]
    blocks.far[target] = blocks.far[source]
    blocks.bar[target] = blocks.bar[source]
    blocks.state[target] = blocks.state[source]


def live_through(
    blocks: Blocks, side: int, t: int, low: float, close: float, max_age: int, events: EventBuffer
) -> None:
    """Let candle t act on all older blocks; forget the void and the aged. Kernel function."""
    count = blocks.number[COUNT]
    if count == 0:
        return
    if (
        low > blocks.trigger[TOUCH]
        and close >= blocks.trigger[BREAK]
        and close <= blocks.trigger[RECLAIM]
        and t - blocks.bar[0] <= max_age
    ):
        return
    disarm(blocks)
    kept = 0
    for row in range(count):
        if t - blocks.bar[row] > max_age:
            continue
        before = blocks.state[row]
        state = next_state(blocks, row, side, t, low, close, events)
        if state == VOID:
            continue
        if kept != row:
            copy(blocks, row, kept)
        blocks.state[kept] = state
        if before == OPEN and state == TOUCHED:
            blocks.number[TOUCH_BAR] = t
            blocks.number[TOUCH_ROW] = kept
        arm(blocks, kept)
        kept += 1
    blocks.number[COUNT] = kept


def leave_block(
    blocks: Blocks, leg: Leg, side: int, t: int, pivot: int, events: EventBuffer
) -> None:
    """Remember and emit the order block a break at candle t leaves behind. Kernel function."""
    size = len(blocks.bar)
    if blocks.number[COUNT] == size:
        for row in range(1, size):
            copy(blocks, row, row - 1)
        blocks.number[COUNT] = size - 1
        blocks.number[EVICTED] += 1
        blocks.number[TOUCH_ROW] -= 1
    row = blocks.number[COUNT]
    blocks.near[row] = leg.price[BLOCK_NEAR]
    blocks.far[row] = leg.price[BLOCK_FAR]
    blocks.bar[row] = leg.bar[BLOCK_BAR]
    blocks.state[row] = OPEN
    blocks.number[COUNT] = row + 1
    arm(blocks, row)
    emit_zone(events, t, blocks.bar[row], OB, side, blocks.near[row], blocks.far[row], pivot)
