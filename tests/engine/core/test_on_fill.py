"""Executions that come twice, late, or out of the blue."""

import pytest

from engine.core.trade import names_of
from engine.domain.effects import FillSeen
from engine.domain.events import OrderFilled
from engine.domain.order import Book, Purpose, Side
from tests.builders import fill, setup, venue_position
from tests.stories.story import Story

ENTRY = names_of(1, Book.PAPER, "gone").next(Purpose.ENTRY)
EXIT = names_of(1, Book.PAPER, "gone").next(Purpose.EXIT)


@pytest.fixture
def story() -> Story:
    story = Story(epoch=8)
    story.start()
    story.wall += 4
    return story


def feed(story: Story, **fields: object):
    values = {"trade_id": 900, "event_time_ms": story.ms, **fields}
    return story.feed(OrderFilled(Book.PAPER, fill(**values)))


def test_execution_when_told_twice_counts_once(story):
    story.signal(setup())
    entry = story.last(Purpose.ENTRY)
    once = OrderFilled(Book.PAPER, story.execution(entry))

    story.feed(once)

    assert story.feed(once) == []
    assert story.held() == entry.qty


def test_execution_when_of_a_finished_trade_is_journalled_and_nothing_else(story):
    story.enter(setup())
    stop = story.last(Purpose.STOP)
    story.fill(stop, price=98)

    effects = story.fill(stop, 1, 98)

    assert len(story.entries(FillSeen, effects)) == len(effects) == 1


def test_execution_when_older_than_the_running_trade_leaves_it_as_it_is(story):
    entry = story.enter(setup())

    effects = feed(story, side=Side.SELL, event_time_ms=story.ms - 3_600_000)

    assert story.held() == entry.qty
    assert len(effects) == 1


def test_entry_of_ours_when_fresh_and_unplanned_is_taken_over_and_protected(story):
    effects = feed(story, client_id=ENTRY, qty=2)

    assert story.held() == 2
    assert len(story.sent(Purpose.STOP, effects)) == 1


def test_entry_of_ours_when_old_and_unplanned_is_left_to_the_snapshot(story):
    effects = feed(story, client_id=ENTRY, event_time_ms=story.ms - 61_000)

    assert story.snapshots_asked(effects) == 1
    assert story.view().positions == ()
    story.snapshot(positions=(venue_position(qty=1),))
    assert story.position().ours  # its fill was the evidence


@pytest.mark.parametrize("client_id", ["web_1", EXIT])
def test_execution_when_no_entry_of_ours_makes_us_look(story, client_id):
    assert story.snapshots_asked(feed(story, client_id=client_id)) == 1


def test_execution_when_of_a_known_foreign_position_does_not_make_us_look(story):
    story.snapshot(positions=(venue_position(qty=3),))

    assert story.snapshots_asked(feed(story, client_id="web_1")) == 0
