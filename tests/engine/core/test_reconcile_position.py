"""Positions against the snapshot."""

import pytest

from engine.domain.notices import AlarmKind, AlarmNotice
from engine.domain.order import Purpose
from engine.domain.position import ExitReason
from tests.builders import order, setup, venue_position
from tests.engine.core.samples import running, trade
from tests.stories.story import Story


@pytest.fixture
def story() -> Story:
    story = Story()
    story.start()
    return story


def legs(story: Story) -> tuple:
    return (order(story.last(Purpose.STOP)), order(story.last(Purpose.TARGET)))


def test_position_when_part_was_closed_by_hand_is_followed_after_two_snapshots(story):
    entry = story.enter(setup())
    rest = entry.qty - 5
    for _ in range(2):
        story.later(4)
        story.snapshot(positions=(venue_position(qty=rest),), conditionals=legs(story))

    assert story.held() == rest
    assert story.closed() == []
    assert story.notices(AlarmNotice, lambda one: one.kind is AlarmKind.ACCOUNT)
    story.later(4)
    story.fill(story.last(Purpose.STOP), rest, 98)
    assert story.closed()[0].qty == entry.qty


def test_position_when_turned_round_by_hand_ends_ours(story):
    story.enter(setup())
    for _ in range(2):
        story.later(4)
        story.snapshot(positions=(venue_position(qty=-3),))

    assert [one.reason for one in story.closed()] == [ExitReason.EXTERNAL]


def test_position_when_more_is_open_than_filled_keeps_the_clocks_of_the_trade():
    one = trade(1)
    story, _, _ = running(one)
    story.later(4)
    opened_ms = one.memory.opened_ms

    story.snapshot(positions=(venue_position(qty=2),))

    assert one.qty == 2
    assert one.memory.opened_ms == opened_ms
    story.later(1.5)
    assert story.last(Purpose.STOP).qty == 2
