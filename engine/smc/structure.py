"""D1 (acceptance) and D2: current pivots, structure breaks and the trend.

A pivot's prices are mirrored for lows, as everywhere in this package: a break is a close above
the mirrored price.
"""

from typing import NamedTuple

from engine.smc.arrays import Allocator, Floats, Ints
from engine.smc.events import BOS, CHOCH, NO_REF, SWING, EventBuffer, emit

NONE = -1
LOG = 16
BAR, BROKEN = range(2)
LAST_SIGN, BREAKS, PIVOT = range(3)


class Pivot(NamedTuple):
    """The current pivot of one side: `number` holds BAR (NONE = no pivot) and BROKEN (0 or 1)."""

    number: Ints
    price: Floats


class Structure(NamedTuple):
    """Breaks of both directions.

    `number` holds the sign of the last accepted swing, the count of breaks and the pivot of the
    latest one. `bar`, `direction` and `kind` are a ring of the last 16 breaks, break n at
    n % 16; `level` is the latest broken price (not mirrored).
    """

    number: Ints
    bar: Ints
    direction: Ints
    kind: Ints
    level: Floats


def new_pivot(make: Allocator) -> Pivot:
    """Return a side without a pivot."""
    pivot = Pivot(make.ints(2, 0), make.floats(1, 0.0))
    pivot.number[BAR] = NONE
    return pivot


def new_structure(make: Allocator) -> Structure:
    """Return a structure without breaks."""
    return Structure(
        number=make.ints(3, 0),
        bar=make.ints(LOG, 0),
        direction=make.ints(LOG, 0),
        kind=make.ints(LOG, 0),
        level=make.floats(1, 0.0),
    )


def forget_aged(pivot: Pivot, t: int, max_age: int) -> None:
    """Drop a pivot older than `max_age`. Kernel function."""
    if pivot.number[BAR] != NONE and t - pivot.number[BAR] > max_age:
        pivot.number[BAR] = NONE


def accept(
    pivot: Pivot,
    structure: Structure,
    side: int,
    t: int,
    bar: int,
    price: float,
    events: EventBuffer,
) -> bool:
    """Make a confirmed swing the current pivot, if it is one. Kernel function.

    It is when the last accepted swing was of the other side, when there is no pivot to compare
    with, or when it lies strictly beyond the current pivot.

    Args:
        pivot: current pivot of the swing's side.
        structure: breaks and last accepted sign.
        side: +1 high, -1 low.
        t: candle that confirmed it.
        bar: the swing candle.
        price: its mirrored price.
        events: where to emit.
    """
    if (
        structure.number[LAST_SIGN] == side
        and pivot.number[BAR] != NONE
        and price <= pivot.price[0]
    ):
        return False
    pivot.number[BAR] = bar
    pivot.number[BROKEN] = 0
    pivot.price[0] = price
    structure.number[LAST_SIGN] = side
    emit(events, t, bar, SWING, side, side * price, side * price, NO_REF)
    return True


def trend_at(structure: Structure, t: int, max_age: int) -> int:
    """Return the direction of the latest break, 0 if there is none young enough.

    Kernel function.
    """
    breaks = structure.number[BREAKS]
    if breaks == 0:
        return 0
    latest = (breaks - 1) % LOG
    if t - structure.bar[latest] > max_age:
        return 0
    return structure.direction[latest]


def break_pivot(
    pivot: Pivot,
    structure: Structure,
    side: int,
    t: int,
    close: float,
    max_age: int,
    events: EventBuffer,
) -> bool:
    """Judge whether candle t's close breaks the pivot; emit BOS or CHoCH. Kernel function."""
    if pivot.number[BAR] == NONE or pivot.number[BROKEN] == 1 or close <= pivot.price[0]:
        return False
    kind = BOS
    if trend_at(structure, t, max_age) == -side:
        kind = CHOCH
    pivot.number[BROKEN] = 1
    bar = pivot.number[BAR]
    level = side * pivot.price[0]
    at = structure.number[BREAKS] % LOG
    structure.bar[at] = t
    structure.direction[at] = side
    structure.kind[at] = kind
    structure.number[BREAKS] += 1
    structure.number[PIVOT] = bar
    structure.level[0] = level
    emit(events, t, bar, kind, side, level, level, bar)
    return True


def latest_kind(structure: Structure) -> int:
    """Return BOS or CHOCH of the latest break; there must be one. Kernel function."""
    return structure.kind[(structure.number[BREAKS] - 1) % LOG]


def latest_break(structure: Structure) -> int:
    """Return the candle of the latest break; there must be one. Kernel function."""
    return structure.bar[(structure.number[BREAKS] - 1) % LOG]


def turned_since(structure: Structure, direction: int, first: int, last: int) -> bool:
    """Tell whether a CHoCH in `direction` fell on candles first to last. Kernel function."""
    for at in range(min(structure.number[BREAKS], LOG)):
        if (
            structure.kind[at] == CHOCH
            and structure.direction[at] == direction
            and first <= structure.bar[at] <= last
        ):
            return True
    return False


def run_length(structure: Structure, skip: int, direction: int, t: int, max_age: int) -> int:
    """Count consecutive breaks in one direction, newest first. Kernel function.

    Args:
        structure: the ring of breaks.
        skip: newest breaks to pass over before counting.
        direction: sign that must continue.
        t: candle whose close is judged.
        max_age: breaks older than this are not counted.

    Returns:
        0 to 16, the size of the ring.
    """
    length = 0
    breaks = structure.number[BREAKS]
    for back in range(skip, min(breaks, LOG)):
        at = (breaks - 1 - back) % LOG
        if structure.direction[at] != direction or t - structure.bar[at] > max_age:
            break
        length += 1
    return length
