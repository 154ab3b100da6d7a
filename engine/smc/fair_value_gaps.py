"""D3: fair value gaps of one direction and their life.

Prices are mirrored: for bearish gaps every price is negated (exact in floating point), so that
one source serves both directions. In mirrored prices a gap lies below the candle that left it;
`near` is its upper edge, `far` its lower one.
"""

from typing import NamedTuple

from engine.smc.arrays import Allocator, Floats, Ints
from engine.smc.candle_ring import CandleRing
from engine.smc.events import (
    FVG,
    FVG_FILLED,
    FVG_HALF,
    FVG_INVERTED,
    FVG_TOUCHED,
    NO_REF,
    EventBuffer,
    emit_zone,
)

OPEN, TOUCHED, HALF, FILLED, INVERTED = range(5)
COUNT, EVICTED = range(2)
TOUCH, INVERT = range(2)
NOWHERE = float("-inf")


class Gaps(NamedTuple):
    """Gaps of one direction, oldest first; the first `number[COUNT]` rows are valid.

    `extreme` is the mirrored low of the gap's first two candles, `next` the price whose touch
    changes the gap's state (for a filled gap: the price a close must fall below). `trigger` holds
    the highest `next` of the unfilled (TOUCH) and of the filled gaps (INVERT): most candles reach
    neither and cost two comparisons.
    """

    near: Floats
    far: Floats
    next: Floats
    extreme: Floats
    bar: Ints
    state: Ints
    number: Ints
    trigger: Floats


def new_gaps(size: int, make: Allocator) -> Gaps:
    """Return an empty list for `size` gaps."""
    return Gaps(
        near=make.floats(size, 0.0),
        far=make.floats(size, 0.0),
        next=make.floats(size, 0.0),
        extreme=make.floats(size, 0.0),
        bar=make.ints(size, 0),
        state=make.ints(size, 0),
        number=make.ints(2, 0),
        trigger=make.floats(2, NOWHERE),
    )


def next_state(
    gaps: Gaps, row: int, side: int, t: int, low: float, close: float, events: EventBuffer
) -> int:
    """Return the state of a gap after candle t, emit what it passed, set what comes next.

    Kernel function.
    """
    near = gaps.near[row]
    far = gaps.far[row]
    bar = gaps.bar[row]
    state = gaps.state[row]
    if state == OPEN and low <= near:
        state = TOUCHED
        gaps.next[row] = (near + far) / 2.0
        emit_zone(events, t, bar, FVG_TOUCHED, side, near, far, bar)
    if state == TOUCHED and low <= (near + far) / 2.0:
        state = HALF
        gaps.next[row] = far
        emit_zone(events, t, bar, FVG_HALF, side, near, far, bar)
    if state == HALF and low <= far:
        state = FILLED
        emit_zone(events, t, bar, FVG_FILLED, side, near, far, bar)
    if state == FILLED and close < far:
        state = INVERTED
        emit_zone(events, t, bar, FVG_INVERTED, side, near, far, bar)
    return state


def copy(gaps: Gaps, source: int, target: int) -> None:
    """Copy one row onto another. Kernel function."""
    gaps.near[target] = gaps.near[source]
    gaps.far[target] = gaps.far[source]
    gaps.next[target] = gaps.next[source]
    gaps.extreme[target] = gaps.extreme[source]
    gaps.bar[target] = gaps.bar[source]
    gaps.state[target] = gaps.state[source]


def live_through(
    gaps: Gaps, side: int, t: int, low: float, close: float, max_age: int, events: EventBuffer
) -> None:
    """Let candle t act on all older gaps; forget the inverted and the aged. Kernel function."""
    count = gaps.number[COUNT]
    if count == 0:
        return
    if low > gaps.trigger[TOUCH] and close >= gaps.trigger[INVERT] and t - gaps.bar[0] <= max_age:
        return
    let_act(gaps, side, t, low, close, max_age, events)


def let_act(
    gaps: Gaps, side: int, t: int, low: float, close: float, max_age: int, events: EventBuffer
) -> None:
    """Let candle t act on every gap and set the triggers anew. Kernel function."""
    touch = NOWHERE
    invert = NOWHERE
    kept = 0
    for row in range(gaps.number[COUNT]):
        if t - gaps.bar[row] > max_age:
            continue
        state = gaps.state[row]
        if low <= gaps.next[row]:
            state = next_state(gaps, row, side, t, low, close, events)
            if state == INVERTED:
                continue
            gaps.state[row] = state
        if kept != row:
            copy(gaps, row, kept)
        if state == FILLED:
            invert = max(invert, gaps.next[row])
        else:
            touch = max(touch, gaps.next[row])
        kept += 1
    gaps.number[COUNT] = kept
    gaps.trigger[TOUCH] = touch
    gaps.trigger[INVERT] = invert


def remember(gaps: Gaps, bar: int, near: float, far: float, extreme: float) -> None:
    """Append a gap, evicting the oldest when the list is full. Kernel function."""
    size = len(gaps.bar)
    if gaps.number[COUNT] == size:
        for row in range(1, size):
            copy(gaps, row, row - 1)
        gaps.number[COUNT] = size - 1
        gaps.number[EVICTED] += 1
    row = gaps.number[COUNT]
    gaps.near[row] = near
    gaps.far[row] = far
    gaps.next[row] = near
    gaps.extreme[row] = extreme
    gaps.bar[row] = bar
    gaps.state[row] = OPEN
    gaps.number[COUNT] = row + 1
    gaps.trigger[TOUCH] = max(gaps.trigger[TOUCH], near)


def look_for_gap(
    gaps: Gaps, ring: CandleRing, side: int, t: int, least: float, events: EventBuffer
) -> None:
    """Emit and remember a gap around candle t-1 that candle t completes. Kernel function.

    Args:
        gaps: list of this side's gaps.
        ring: candles, t included.
        side: +1 bullish, -1 bearish.
        t: candle that has just closed, >= 2.
        least: smallest height worth remembering.
        events: where to emit.
    """
    mask = len(ring.open) - 1
    first = (t - 2) & mask
    middle = (t - 1) & mask
    if side > 0:
        near = ring.low[t & mask]
        far = ring.high[first]
    else:
        near = -ring.high[t & mask]
        far = -ring.low[first]
    if near <= far:
        return
    body = (ring.close[middle] - ring.open[middle]) * side
    if body <= 0.0 or near - far < least:
        return
    if side > 0:
        extreme = min(ring.low[first], ring.low[middle])
    else:
        extreme = min(-ring.high[first], -ring.high[middle])
    remember(gaps, t - 1, near, far, extreme)
    emit_zone(events, t, t - 1, FVG, side, near, far, NO_REF)
