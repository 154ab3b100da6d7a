"""Proof on one's own candles that nothing shown at a close is withdrawn or changed later.

Two looks. The live detector, which never sees a later candle, is stepped through the series: what
it showed at each close must be what the whole history says of that close. And detection over
prefixes of the series must be the beginning of detection over the whole.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from engine.domain.candle import Timeframe
from engine.smc.detector import Detector
from engine.smc.events import Event
from engine.smc.frame import (
    COMPILE_FROM,
    CandleArrays,
    Detected,
    EventTable,
    can_compile,
    detect_frame,
)
from engine.smc.params import DetectorParams

EVERY_PREFIX_UP_TO = 2_000
"""Candles up to which every prefix is tried without being asked."""
MOST_STEPS = 1_500_000
MOST_STEPS_COMPILED = 40_000_000
"""Candles of all prefixes together that are tried unasked: about a minute, by and without numba."""
_SHOWN_REWRITES = 20

Detect = Callable[[CandleArrays], Detected]
Told = Callable[[int, int], None]
"""Told (candles done, candles in all) of the work."""


class Fault(StrEnum):
    """How a finding was rewritten."""

    WITHDRAWN = "withdrawn"
    """Shown at its close, gone from a longer history."""
    CHANGED = "changed"
    """About the same candle, with other prices or another moment."""
    BACKDATED = "backdated"
    """Said by a longer history to have been known before, when it was not shown."""


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One finding that did not stay: `shown` with `end` candles, and what a longer history says."""

    fault: Fault
    end: int
    shown: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What the replay found.

    Attributes:
        candles: length of the series.
        prefixes: how many prefixes were tried.
        events: findings of the whole series.
        setups: Setups of the whole series.
        live_rewrites: findings that the live detector showed otherwise.
        prefix_rewrites: findings that a prefix showed otherwise; each counted once a prefix.
        setup_rewrites: prefixes whose Setups were not the beginning of the whole's.
        examples: the first few rewrites.
    """

    candles: int
    prefixes: int
    events: int
    setups: int
    live_rewrites: int
    prefix_rewrites: int
    setup_rewrites: int
    examples: tuple[Rewrite, ...]

    @property
    def rewrites(self) -> int:
        """Everything that did not stay as it was shown."""
        return self.live_rewrites + self.prefix_rewrites + self.setup_rewrites


def prefix_ends(candles: int, every: int | None, most_steps: int) -> range:
    """Return the lengths of the prefixes to try, the last one the whole but one candle.

    Args:
        candles: length of the series.
        every: the step asked for; None takes every prefix of a short series, and otherwise the
            smallest step with which all prefixes together have at most `most_steps` candles.
        most_steps: see above.

    Raises:
        ValueError: `every` is not positive.
    """
    if every is not None and every < 1:
        raise ValueError(f"--every is {every}, allowed is 1 or more")
    if every is None:
        steps = candles * candles / 2
        every = 1 if candles <= EVERY_PREFIX_UP_TO else max(1, -int(-steps // most_steps))
    first = (candles - 1) % every or every
    return range(first, candles, every)


def prove(
    candles: CandleArrays,
    params: DetectorParams,
    ends: Sequence[int],
    *,
    detect: Detect | None = None,
    told: Told = lambda _done, _total: None,
) -> Proof:
    """Replay the series and count what was rewritten.

    Args:
        candles: the series.
        params: what to look for.
        ends: lengths of the prefixes, rising.
        detect: what is proved; the project's own detection unless given.
        told: progress.
    """
    total = len(candles) + sum(ends)
    compiled = total > COMPILE_FROM and can_compile()
    find = detect or (lambda series: detect_frame(series, params, compiled=compiled))
    whole = find(candles)
    live = [
        rewrite
        for end, shown, later in _live(candles, params, whole.events, told, total)
        for rewrite in compare(shown, later, end)
    ]
    found = list(live)
    done, wrong_setups = len(candles), 0
    for end in ends:
        part = find(cut(candles, end))
        if not _is_beginning(part.events, whole.events, end):
            shown, later = list(part.events.rows()), _known_by(whole.events, end)
            found += compare(shown, later, end)
        wrong_setups += not _setups_agree(part, whole, end)
        done += end
        told(done, total)
    return Proof(
        candles=len(candles),
        prefixes=len(ends),
        events=len(whole.events),
        setups=len(whole.setups),
        live_rewrites=len(live),
        prefix_rewrites=len(found) - len(live),
        setup_rewrites=wrong_setups,
        examples=tuple(found[:_SHOWN_REWRITES]),
    )


def compare(shown: Sequence[Event], later: Sequence[Event], end: int) -> list[Rewrite]:
    """Return what a longer history says otherwise of findings shown with `end` candles."""
    before, after = set(shown), set(later)
    gone = sorted(before - after, key=_place)
    new = sorted(after - before, key=_place)
    same = {_place(event) for event in gone} & {_place(event) for event in new}
    rewrites = [
        Rewrite(Fault.CHANGED if _place(event) in same else Fault.WITHDRAWN, end, event)
        for event in gone
    ]
    rewrites += [Rewrite(Fault.BACKDATED, end, event) for event in new if _place(event) not in same]
    return rewrites


def cut(candles: CandleArrays, end: int) -> CandleArrays:
    """Return the first `end` candles."""
    return candles.part(slice(end))


def _place(event: Event) -> tuple[int, str, int]:
    return event.bar, event.kind.value, event.direction


def _known_by(events: EventTable, end: int) -> list[Event]:
    return [event for event in events.rows() if event.known_at < end]


def _live(
    candles: CandleArrays, params: DetectorParams, whole: EventTable, told: Told, total: int
) -> Iterator[tuple[int, list[Event], list[Event]]]:
    """Yield the closes at which the live detector and the whole history differ."""
    detector = Detector("", Timeframe.M1, params)
    later: dict[int, list[Event]] = {}
    for event in whole.rows():
        later.setdefault(event.known_at, []).append(event)
    columns = (candles.open, candles.high, candles.low, candles.close, candles.quote_volume)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    for t, (open_, high, low, close, quote_volume) in enumerate(rows):
        step = detector.step(t * Timeframe.M1.ms, open_, high, low, close, 0.0, quote_volume)
        said = later.get(t, [])
        if list(step.events) != said:
            yield t + 1, list(step.events), said
        if t % 10_000 == 0:
            told(t, total)


def _is_beginning(part: EventTable, whole: EventTable, end: int) -> bool:
    """Whether a prefix's table is the whole's as far as it was known by then, row for row."""
    known = int(np.searchsorted(whole.known_at, end))
    if len(part) != known or bool((whole.known_at[:known] >= end).any()):
        return False
    names = ("known_at", "bar", "kind", "direction", "top", "bottom", "ref")
    return all(np.array_equal(getattr(part, name), getattr(whole, name)[:known]) for name in names)


def _setups_agree(part: Detected, whole: Detected, end: int) -> bool:
    known = whole.setups[whole.setup_column("bar") < end]
    return bool(np.array_equal(part.setups, known, equal_nan=True))
