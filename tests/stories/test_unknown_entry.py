"""An entry whose fate is unknown is never resent; it is settled three ways, or comes too late."""

import pytest

from engine.domain.notices import AlarmKind, AlarmNotice
from engine.domain.order import OrderStatus, Purpose
from engine.domain.signal import RiskRefused, Rule
from tests.builders import setup, venue_position
from tests.stories.story import Story


@pytest.fixture
def story() -> Story:
    story = Story()
    story.start()
    story.signal(setup())
    story.unknown(story.last(Purpose.ENTRY))
    return story


def test_symbol_when_the_entry_is_unknown_is_frozen_and_nothing_is_resent(story):
    effects = story.later(60)

    assert story.sent(effects=effects) == []
    refused = story.signal(setup())
    assert isinstance(refused, RiskRefused)
    assert refused.rule is Rule.BUSY_SYMBOL
    assert story.view().books[0].unknown == 1
    assert story.view().books[0].open_risk_ratio > 0


def test_unknown_entry_when_its_fill_appears_is_protected(story):
    entry = story.last(Purpose.ENTRY)

    effects = story.fill(entry)

    assert [one.purpose for one in story.sent(effects=effects)] == [Purpose.STOP, Purpose.TARGET]
    story.change(entry, OrderStatus.FILLED, filled=entry.qty)
    assert story.view().books[0].unknown == 0


def test_unknown_entry_when_found_expired_unfilled_is_released(story):
    story.change(story.last(Purpose.ENTRY), OrderStatus.EXPIRED)

    assert story.view().books[0].unknown == 0
    assert story.view().books[0].open_risk_ratio == 0


def test_unknown_entry_when_rejected_after_all_is_released(story):
    story.reject(story.last(Purpose.ENTRY), -2019, "Margin is insufficient.")

    assert story.view().books[0].pending == 0
    assert story.notices(AlarmNotice, lambda one: one.kind is AlarmKind.REJECTED)


def test_unknown_entry_when_a_snapshot_shows_the_position_is_protected_at_once(story):
    entry = story.last(Purpose.ENTRY)
    story.later(1)

    effects = story.snapshot(positions=(venue_position(qty=entry.qty, entry="100.05"),))

    assert story.last(Purpose.STOP).qty == entry.qty
    assert Purpose.STOP in [one.purpose for one in story.sent(effects=effects)]
    assert story.held() == entry.qty


def test_fills_when_they_follow_a_snapshot_are_not_counted_twice(story):
    entry = story.last(Purpose.ENTRY)
    story.later(1)
    filled_at = story.ms - 500
    story.snapshot(positions=(venue_position(qty=entry.qty, entry="100.05"),))

    story.fill(entry, price="100.05", fee="0.2", event_time_ms=filled_at)
    story.change(entry, OrderStatus.FILLED, filled=entry.qty)

    assert story.held() == entry.qty
    stop = story.last(Purpose.STOP)
    story.accept(stop)
    story.fill(stop, price=98)
    assert story.closed()[0].qty == entry.qty
    assert story.closed()[0].fees >= 0


def test_expired_entry_when_it_fills_late_is_adopted_and_protected(story):
    entry = story.last(Purpose.ENTRY)
    story.expire(entry)
    assert story.view().books[0].open_risk_ratio == 0
    story.jump(3_600_000)

    effects = story.fill(entry)

    stop, target = story.sent(effects=effects)
    assert (stop.purpose, target.purpose) == (Purpose.STOP, Purpose.TARGET)
    assert story.notices(AlarmNotice, lambda one: one.kind is AlarmKind.ADOPTED)
    assert story.held() == entry.qty


def test_expired_entry_when_a_snapshot_shows_it_is_adopted_with_its_own_stop(story):
    entry = story.last(Purpose.ENTRY)
    story.expire(entry)
    story.jump(600_000)

    story.snapshot(positions=(venue_position(qty=entry.qty),))

    assert story.last(Purpose.STOP).trigger_price == 98
    assert story.position().ours


def test_symbol_when_an_entry_is_given_up_takes_no_other_entry_for_a_day(story):
    story.expire(story.last(Purpose.ENTRY))

    refused = story.signal(setup())

    assert isinstance(refused, RiskRefused)
    assert refused.rule is Rule.BUSY_SYMBOL
    story.jump(86_400_000)
    assert story.view().books[0].unknown == 0


def test_entry_when_refused_as_a_duplicate_is_taken_as_unknown(story):
    story.reject(story.last(Purpose.ENTRY), -4116, "ClientOrderId is duplicated.")

    assert story.view().books[0].unknown == 1
    assert story.snapshots_asked() >= 1


def test_expired_entry_when_a_snapshot_had_shown_it_leaves_no_tombstone(story):
    entry = story.last(Purpose.ENTRY)
    story.later(1)
    story.snapshot(positions=(venue_position(qty=entry.qty),))
    story.accept(story.last(Purpose.STOP))
    story.expire(entry)
    story.later(5)

    story.fill(story.last(Purpose.STOP), price=98)
    story.change(story.last(Purpose.STOP), OrderStatus.FILLED, filled=entry.qty)
    story.change(story.last(Purpose.TARGET), OrderStatus.CANCELED)

    assert len(story.closed()) == 1
    assert story.view().books[0].unknown == 0
