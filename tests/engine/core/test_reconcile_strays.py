"""Left-overs in the snapshot."""

from dataclasses import replace

import pytest

from engine.core.trade import names_of
from engine.domain.effects import CancelOrder
from engine.domain.order import Book, OrderType, Purpose
from tests.builders import leg_order, order, setup, venue_position
from tests.stories.story import Story


@pytest.fixture
def story() -> Story:
    story = Story()
    story.start()
    return story


def legs(story: Story) -> tuple:
    return (order(story.last(Purpose.STOP)), order(story.last(Purpose.TARGET)))


def test_leg_of_an_earlier_trade_when_the_position_is_protected_is_swept(story):
    entry = story.enter(setup())
    old = leg_order(names_of(1, Book.PAPER, "old").next(Purpose.STOP), OrderType.STOP_MARKET)
    story.later(1)

    effects = story.snapshot(
        positions=(venue_position(qty=entry.qty),), conditionals=(*legs(story), old)
    )

    assert story.cancels(effects) == [old.client_id]


def test_leg_of_an_earlier_trade_when_the_position_is_naked_stays_for_now(story):
    story.signal(setup())
    entry = story.last(Purpose.ENTRY)
    story.fill(entry)
    old = leg_order(names_of(1, Book.PAPER, "old").next(Purpose.STOP), OrderType.STOP_MARKET)
    story.ms += 100

    effects = story.snapshot(positions=(venue_position(qty=entry.qty),), conditionals=(old,))

    assert story.cancels(effects) == []


def test_resting_ordinary_order_of_ours_when_nothing_is_open_is_cancelled_as_such(story):
    entry = names_of(1, Book.PAPER, "old").next(Purpose.ENTRY)
    stray = replace(leg_order(entry, OrderType.LIMIT), conditional=False)

    effects = story.snapshot(orders=(stray,))

    assert story.of(CancelOrder, effects)[0].conditional is False
    story.snapshot()
    story.signal(setup())
    assert len(story.sent(Purpose.ENTRY)) == 1
