"""The event table: what was found, about which candle, known at which close."""

from typing import NamedTuple

from engine.domain.setup import EvidenceKind
from engine.smc.arrays import Allocator, Floats, Ints

KINDS: tuple[EvidenceKind, ...] = tuple(EvidenceKind)
"""Kind of a code: a code is a position in this tuple."""

(
    SWING,
    BOS,
    CHOCH,
    FVG,
    FVG_TOUCHED,
    FVG_HALF,
    FVG_FILLED,
    FVG_INVERTED,
    OB,
    OB_TOUCHED,
    OB_BREAKER,
    OB_VOID,
    SWEEP,
    POOL_TAKEN,
) = range(len(KINDS))

NO_REF = -1
"""`ref` of an event that no other row caused."""


class Event(NamedTuple):
    """One row of the event table; rows are 0-based candle numbers.

    Attributes:
        known_at: row at whose close the event is known.
        bar: row it is about: pivot, middle candle of a gap, order-block candle, broken pivot,
            newest member of the swept pool.
        kind: what was found.
        direction: 1 or -1. A high is a swing of +1; a sweep of highs is bearish, -1; a pool of
            highs taken by a close above it is +1; states carry the sign of their gap or block.
        top: upper price.
        bottom: lower price, equal to `top` for a level.
        ref: row that caused it (broken pivot, middle candle), -1 if none.
    """

    known_at: int
    bar: int
    kind: EvidenceKind
    direction: int
    top: float
    bottom: float
    ref: int


class EventBuffer(NamedTuple):
    """Columns of events to be filled by the kernel; `used[0]` rows are valid."""

    known_at: Ints
    bar: Ints
    kind: Ints
    direction: Ints
    ref: Ints
    top: Floats
    bottom: Floats
    used: Ints


def new_event_buffer(size: int, make: Allocator) -> EventBuffer:
    """Return an empty buffer for `size` events."""
    return EventBuffer(
        known_at=make.ints(size, 0),
        bar=make.ints(size, 0),
        kind=make.ints(size, 0),
        direction=make.ints(size, 0),
        ref=make.ints(size, 0),
        top=make.floats(size, 0.0),
        bottom=make.floats(size, 0.0),
        used=make.ints(1, 0),
    )


def event_at(events: EventBuffer, row: int) -> Event:
    """Return one row of the buffer as a value."""
    return Event(
        known_at=int(events.known_at[row]),
        bar=int(events.bar[row]),
        kind=KINDS[events.kind[row]],
        direction=int(events.direction[row]),
        top=float(events.top[row]),
        bottom=float(events.bottom[row]),
        ref=int(events.ref[row]),
    )


def emit(
    events: EventBuffer,
    t: int,
    bar: int,
    kind: int,
    direction: int,
    top: float,
    bottom: float,
    ref: int,
) -> None:
    """Append one event. The caller guarantees that the buffer has room. Kernel function."""
    row = events.used[0]
    events.known_at[row] = t
    events.bar[row] = bar
    events.kind[row] = kind
    events.direction[row] = direction
    events.top[row] = top
    events.bottom[row] = bottom
    events.ref[row] = ref
    events.used[0] = row + 1


def emit_zone(
    events: EventBuffer,
    t: int,
    bar: int,
    kind: int,
    side: int,
    near: float,
    far: float,
    ref: int,
) -> None:
    """Append an event about a zone given in the mirrored prices of `side`. Kernel function."""
    if side > 0:
        emit(events, t, bar, kind, side, near, far, ref)
    else:
        emit(events, t, bar, kind, side, -far, -near, ref)
