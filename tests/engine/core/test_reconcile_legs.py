"""Legs against the snapshot."""

from dataclasses import replace

import pytest

from engine.core.protection import Leg, LegState
from engine.core.trade import names_of
from engine.domain.order import Book, OrderStatus, OrderType, Purpose
from tests.builders import d, leg_order, order, setup, venue_position
from tests.engine.core.samples import running, trade
from tests.stories.story import Story


@pytest.fixture
def story() -> Story:
    story = Story()
    story.start()
    return story


def legs(story: Story) -> tuple:
    return (order(story.last(Purpose.STOP)), order(story.last(Purpose.TARGET)))


def test_stop_when_missing_in_a_snapshot_is_placed_again_in_the_same_step(story):
    entry = story.enter(setup())
    story.later(1)

    effects = story.snapshot(
        positions=(venue_position(qty=entry.qty),), conditionals=legs(story)[1:]
    )

    [stop] = story.sent(Purpose.STOP, effects)
    assert stop.qty == entry.qty


def test_stop_when_sent_after_the_snapshot_was_taken_is_not_judged_by_it(story):
    story.signal(setup())
    entry = story.last(Purpose.ENTRY)
    story.fill(entry)
    story.change(entry, OrderStatus.FILLED, filled=entry.qty)
    story.later(2.5)  # the stop is sent a second time
    [_, second] = story.sent(Purpose.STOP)
    story.accept(second)

    effects = story.snapshot(taken_ms=story.ms - 600, positions=(venue_position(qty=entry.qty),))

    assert story.sent(Purpose.STOP, effects) == []
    assert story.position().protected


def test_triggered_leg_when_found_is_adopted_as_triggered():
    story = Story(books=(Book.PAPER,))
    names = names_of(1, Book.PAPER, "old")
    stop = replace(
        leg_order(names.next(Purpose.STOP), OrderType.STOP_MARKET), status=OrderStatus.TRIGGERED
    )
    story.start(positions=(venue_position(),), conditionals=(stop,))

    assert story.position().protected
    assert len(story.sent(Purpose.EXIT, story.later(3.5))) == 1


def test_leg_when_triggered_is_not_missed_in_the_snapshot():
    one = trade(1)
    one.protection.adopt(Leg("stop", Purpose.STOP, d(1), d(98), LegState.TRIGGERED, 1000.0))
    story, _, _ = running(one)
    one.protection.legs["stop"].since_s = story.wall

    story.snapshot(positions=(venue_position(),))

    assert "stop" in one.protection.legs
