"""Tests of engine/smc/events.py."""

from engine.domain.setup import EvidenceKind
from engine.smc import events
from engine.smc.arrays import LISTS
from engine.smc.events import (
    KINDS,
    NO_REF,
    Event,
    emit,
    emit_zone,
    event_at,
    new_event_buffer,
)


def test_codes_when_looked_up_name_their_kind() -> None:
    for code, kind in enumerate(KINDS):
        assert getattr(events, kind.name) == code


def test_emit_when_called_appends_one_row() -> None:
    buffer = new_event_buffer(4, LISTS)
    emit(buffer, 9, 4, events.SWING, -1, 2.5, 2.5, NO_REF)
    emit(buffer, 10, 4, events.BOS, 1, 3.0, 3.0, 4)
    assert buffer.used[0] == 2
    assert event_at(buffer, 0) == Event(9, 4, EvidenceKind.SWING, -1, 2.5, 2.5, -1)
    assert event_at(buffer, 1) == Event(10, 4, EvidenceKind.BOS, 1, 3.0, 3.0, 4)


def test_emit_zone_when_bearish_turns_mirrored_prices_back() -> None:
    buffer = new_event_buffer(2, LISTS)
    emit_zone(buffer, 5, 4, events.FVG, 1, 11.0, 10.0, NO_REF)
    emit_zone(buffer, 5, 4, events.FVG, -1, -10.0, -11.0, NO_REF)
    bull, bear = event_at(buffer, 0), event_at(buffer, 1)
    assert (bull.direction, bull.top, bull.bottom) == (1, 11.0, 10.0)
    assert (bear.direction, bear.top, bear.bottom) == (-1, 11.0, 10.0)
