"""The snapshot as a whole."""

import pytest

from engine.domain.notices import AlarmKind, AlarmNotice
from engine.domain.order import OrderStatus, Purpose
from tests.builders import d, setup, venue_position
from tests.stories.story import Story


@pytest.fixture
def story() -> Story:
    story = Story()
    story.start()
    return story


def test_snapshot_when_older_than_a_close_does_not_revive_the_position(story):
    entry = story.enter(setup())
    stop = story.last(Purpose.STOP)
    taken = story.ms
    story.ms += 300
    story.fill(stop, price=98)
    story.change(stop, OrderStatus.FILLED, filled=stop.qty)
    story.change(story.last(Purpose.TARGET), OrderStatus.CANCELED)

    story.snapshot(taken_ms=taken, positions=(venue_position(qty=entry.qty),))

    assert story.view().positions == ()
    assert story.notices(AlarmNotice, lambda one: one.kind is AlarmKind.FOREIGN_POSITION) == []


def test_account_when_it_may_not_trade_is_told_once_and_blocks(story):
    story.snapshot(can_trade=False)
    story.snapshot(can_trade=False)

    told = story.notices(AlarmNotice, lambda one: one.kind is AlarmKind.ACCOUNT)
    assert len(told) == 1
    story.snapshot()
    story.signal(setup())
    assert len(story.sent(Purpose.ENTRY)) == 1


def test_wallet_when_the_snapshot_tells_it_is_taken(story):
    story.snapshot(wallet=d(4321))

    assert story.view().books[0].wallet == 4321
