"""Tests of engine/smc/fair_value_gaps.py."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.setup import EvidenceKind as Kind
from engine.smc.arrays import LISTS
from engine.smc.candle_ring import new_candle_ring, push
from engine.smc.events import Event, event_at, new_event_buffer
from engine.smc.fair_value_gaps import (
    COUNT,
    EVICTED,
    TOUCH,
    Gaps,
    live_through,
    look_for_gap,
    new_gaps,
    remember,
)
from engine.smc.frame import detect_frame
from engine.smc.params import DetectorParams
from tests.oracle.smc_series import Row, arrays

NEVER = 1 << 60
LIFE = [Kind.FVG_TOUCHED, Kind.FVG_HALF, Kind.FVG_FILLED, Kind.FVG_INVERTED]


def lived(
    gaps: Gaps, side: int, t: int, low: float, close: float, max_age: int = NEVER
) -> list[Event]:
    events = new_event_buffer(64, LISTS)
    live_through(gaps, side, t, low, close, max_age, events)
    return [event_at(events, row) for row in range(events.used[0])]


def one_gap() -> Gaps:
    gaps = new_gaps(4, LISTS)
    remember(gaps, 10, 104.0, 100.0, 99.0)
    return gaps


@pytest.mark.parametrize(
    ("low", "close", "passed"),
    [
        (104.1, 105.0, 0),
        (104.0, 105.0, 1),
        (102.1, 105.0, 1),
        (102.0, 105.0, 2),
        (100.0, 100.0, 3),
        (99.0, 99.9, 4),
    ],
)
def test_gap_when_a_candle_reaches_a_level_passes_every_state_above_it(
    low: float, close: float, passed: int
) -> None:
    assert [event.kind for event in lived(one_gap(), 1, 12, low, close)] == LIFE[:passed]


def test_gap_when_reached_step_by_step_tells_each_state_once_and_then_is_gone() -> None:
    gaps = one_gap()
    told = []
    for t, (low, close) in enumerate([(104, 105), (104, 105), (101, 103), (100, 101), (98, 99)]):
        told.append([event.kind for event in lived(gaps, 1, 12 + t, low, close)])
    assert told == [[LIFE[0]], [], [LIFE[1]], [LIFE[2]], [LIFE[3]]]
    assert gaps.number[COUNT] == 0


def test_gap_when_bearish_is_told_in_real_prices() -> None:
    gaps = new_gaps(4, LISTS)
    remember(gaps, 10, -100.0, -104.0, -105.0)
    (event,) = lived(gaps, -1, 12, -100.0, -99.0)
    assert event == Event(12, 10, Kind.FVG_TOUCHED, -1, 104.0, 100.0, 10)


@pytest.mark.parametrize(("t", "left"), [(410, 1), (411, 0)])
def test_gap_when_older_than_max_age_is_dropped_silently(t: int, left: int) -> None:
    gaps = one_gap()
    assert lived(gaps, 1, t, 200.0, 200.0, max_age=400) == []
    assert gaps.number[COUNT] == left


def test_gaps_when_full_evict_the_oldest_and_count_it() -> None:
    gaps = new_gaps(4, LISTS)
    for n in range(6):
        remember(gaps, n, 10.0 * n + 1, 10.0 * n, 0.0)
    assert gaps.number[EVICTED] == 2
    assert gaps.bar[: gaps.number[COUNT]] == [2, 3, 4, 5]


def test_trigger_when_the_nearest_gap_is_gone_falls_to_the_next() -> None:
    gaps = new_gaps(4, LISTS)
    remember(gaps, 1, 50.0, 40.0, 0.0)
    remember(gaps, 2, 104.0, 100.0, 0.0)
    lived(gaps, 1, 4, 90.0, 90.0)
    assert gaps.trigger[TOUCH] == 50.0


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([(1, 2, 0, 1), (2, 4, 1.5, 3), (3, 5, 2.5, 4)], 1),
        ([(1, 2, 0, 1), (2, 4, 1.5, 3), (3, 5, 2.0, 4)], 0),  # touches, no gap
        ([(1, 2, 0, 1), (3, 4, 1.5, 3), (3, 5, 2.5, 4)], 0),  # middle candle has no body
        ([(1, 2, 0, 1), (3, 4, 1.5, 2), (3, 5, 2.5, 4)], 0),  # middle candle fell
    ],
)
def test_look_for_gap_when_candles_leave_a_hole_needs_a_middle_candle_in_its_direction(
    rows: list[tuple[float, float, float, float]], found: int
) -> None:
    ring = new_candle_ring(1, LISTS)
    gaps, events = new_gaps(4, LISTS), new_event_buffer(8, LISTS)
    for t, (open_, high, low, close) in enumerate(rows):
        push(ring, t, open_, high, low, close, 0.0)
    look_for_gap(gaps, ring, 1, 2, 0.0, events)
    assert events.used[0] == gaps.number[COUNT] == found
    if found:
        assert event_at(events, 0) == Event(2, 1, Kind.FVG, 1, 2.5, 2, -1)
        assert gaps.extreme[0] == 0


@pytest.mark.parametrize(("least", "found"), [(0.5, 1), (0.51, 0)])
def test_look_for_gap_when_smaller_than_asked_is_ignored(least: float, found: int) -> None:
    ring = new_candle_ring(1, LISTS)
    gaps, events = new_gaps(4, LISTS), new_event_buffer(8, LISTS)
    for t, row in enumerate([(1, 2, 0, 1), (2, 4, 1.5, 3), (3, 5, 2.5, 4)]):
        push(ring, t, row[0], row[1], row[2], row[3], 0.0)
    look_for_gap(gaps, ring, 1, 2, least, events)
    assert events.used[0] == found


rows = st.lists(
    st.tuples(st.integers(5, 9), st.integers(5, 9), st.integers(0, 2), st.integers(0, 2)).map(
        lambda p: Row(p[0], max(p[:2]) + p[2], min(p[:2]) - p[3], p[1], 0.0)
    ),
    min_size=1,
    max_size=60,
)


@settings(deadline=None)
@given(rows=rows)
def test_gaps_when_compared_with_the_definition_over_a_series_are_the_same_set(
    rows: list[Row],
) -> None:
    expected = set()
    for t in range(2, len(rows)):
        first, middle, last = rows[t - 2 : t + 1]
        if last.low > first.high and middle.close > middle.open:
            expected.add((t, t - 1, 1, last.low, first.high))
        if last.high < first.low and middle.close < middle.open:
            expected.add((t, t - 1, -1, first.low, last.high))
    found = detect_frame(arrays(rows), DetectorParams(), compiled=False).events.rows()
    assert {
        (e.known_at, e.bar, e.direction, e.top, e.bottom) for e in found if e.kind is Kind.FVG
    } == expected
