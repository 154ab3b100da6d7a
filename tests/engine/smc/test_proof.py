"""The proof finds nothing in the causal detector, and every planted look-ahead."""

from dataclasses import replace

import numpy as np
import pytest

from engine.domain.setup import EvidenceKind, Recipe
from engine.smc.events import BOS, CHOCH, OB, Event
from engine.smc.frame import CandleArrays, Detected, EventTable, detect_frame
from engine.smc.params import DetectorParams
from engine.smc.proof import Fault, compare, cut, prefix_ends, prove
from tests.oracle.smc_series import arrays, walk

PARAMS = DetectorParams(recipes=tuple(Recipe), sweep_required=False)
SERIES = arrays(walk(13, 420))
ENDS = range(20, 420, 40)


def kept(events: EventTable, mask: np.ndarray) -> EventTable:
    names = ("known_at", "bar", "kind", "direction", "top", "bottom", "ref")
    return EventTable(**{name: getattr(events, name)[mask] for name in names})


def test_prove_when_detection_is_causal_finds_no_rewrite():
    told: list[tuple[int, int]] = []

    proof = prove(SERIES, PARAMS, ENDS, told=lambda done, total: told.append((done, total)))

    assert proof.rewrites == 0
    assert proof.examples == ()
    assert (proof.candles, proof.prefixes) == (420, len(ENDS))
    assert proof.events > 300
    assert proof.setups > 0
    assert told[-1][0] == told[-1][1] == 420 + sum(ENDS)


def erased(candles: CandleArrays) -> Detected:
    """Planted: blocks that price has closed through since are left out, as charts do."""
    found = detect_frame(candles, PARAMS)
    events = found.events
    last = candles.close[-1]
    survived = np.where(events.direction > 0, events.bottom < last, events.top > last)
    return replace(found, events=kept(events, (events.kind != OB) | survived))


def confirmed_early(candles: CandleArrays) -> Detected:
    """Planted: a break is dated to its pivot, as if it had been known there."""
    found = detect_frame(candles, PARAMS)
    events = found.events
    is_break = (events.kind == BOS) | (events.kind == CHOCH)
    early = np.where(is_break, events.ref, events.known_at).astype(np.int32)
    order = np.argsort(early, kind="stable")
    return replace(found, events=kept(replace(events, known_at=early), order))


def drifting(candles: CandleArrays) -> Detected:
    """Planted: prices are normed by the newest candle, so every longer history moves them."""
    found = detect_frame(candles, PARAMS)
    top = found.events.top * (1 + candles.close[-1] * 1e-12)
    return replace(found, events=replace(found.events, top=top))


@pytest.mark.parametrize(
    ("planted", "fault"),
    [
        (erased, Fault.WITHDRAWN),
        (confirmed_early, Fault.BACKDATED),
        (drifting, Fault.CHANGED),
    ],
)
def test_prove_when_a_look_ahead_is_planted_catches_it(planted, fault):
    proof = prove(SERIES, PARAMS, range(10, 420, 10), detect=planted)

    assert proof.prefix_rewrites > 0
    assert proof.live_rewrites > 0
    assert fault in {one.fault for one in proof.examples}


def test_prove_when_setups_look_ahead_catches_it():
    def peeking(candles: CandleArrays) -> Detected:
        found = detect_frame(candles, PARAMS)
        return replace(found, setups=found.setups[found.setup_column("bar") < len(candles) - 5])

    proof = prove(SERIES, PARAMS, range(10, 420, 2), detect=peeking)

    assert proof.setup_rewrites > 0
    assert proof.prefix_rewrites == 0


def event(**fields) -> Event:
    base = Event(9, 4, EvidenceKind.SWING, 1, 10.0, 10.0, -1)
    return base._replace(**fields)


@pytest.mark.parametrize(
    ("shown", "later", "faults"),
    [
        ([event()], [event()], []),
        ([event()], [], [Fault.WITHDRAWN]),
        ([], [event()], [Fault.BACKDATED]),
        ([event()], [event(top=11.0)], [Fault.CHANGED]),
        ([event()], [event(known_at=8)], [Fault.CHANGED]),
        ([event()], [event(bar=5)], [Fault.WITHDRAWN, Fault.BACKDATED]),
    ],
)
def test_compare_when_a_longer_history_differs_says_how(shown, later, faults):
    assert [one.fault for one in compare(shown, later, 10)] == faults


def test_ends_when_the_series_is_short_are_all():
    assert list(prefix_ends(5, None, 1)) == [1, 2, 3, 4]


def test_ends_when_the_series_is_long_keep_to_the_budget_and_reach_the_end():
    ends = prefix_ends(100_000, None, 50_000_000)

    assert sum(ends) <= 50_000_000 * 1.01
    assert ends[-1] == 99_999
    assert ends.step == 100


def test_ends_when_a_step_is_asked_for_take_it():
    assert list(prefix_ends(10, 4, 1)) == [1, 5, 9]
    with pytest.raises(ValueError, match="--every is 0"):
        prefix_ends(10, 0, 1)


def test_cut_when_shorter_keeps_the_beginning():
    part = cut(SERIES, 7)

    assert len(part) == 7
    assert np.array_equal(part.close, SERIES.close[:7])
