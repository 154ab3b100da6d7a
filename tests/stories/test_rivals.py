"""Two instances on one account: the older one stops entering and keeps its hands off."""

from dataclasses import replace

import pytest

from engine.core.trade import names_of
from engine.domain.events import OrderChanged, OrderFilled
from engine.domain.notices import AlarmKind, AlarmNotice, Priority
from engine.domain.order import Book, Order, OrderStatus, OrderType, Purpose
from engine.domain.signal import RiskRefused, Rule
from tests.builders import fill, leg_order, setup, venue_position
from tests.stories.story import Story

NEWER = names_of(9, Book.PAPER, "theirs")
THEIR_STOP = NEWER.next(Purpose.STOP)
THEIR_ENTRY = NEWER.next(Purpose.ENTRY)


@pytest.fixture
def story() -> Story:
    story = Story(epoch=5)
    story.start()
    story.later(4)
    return story


def their_stop(story: Story, *, age_ms: int = 0) -> Order:

    leg = leg_order(THEIR_STOP, OrderType.STOP_MARKET)
    return replace(leg, event_time_ms=story.ms - age_ms)


def halts(story: Story) -> list[AlarmNotice]:
    return story.notices(AlarmNotice, lambda one: "another instance" in one.text)


def refused(story: Story, symbol: str) -> str:
    verdict = story.signal(setup(symbol))
    assert isinstance(verdict, RiskRefused)
    assert verdict.rule is Rule.NOT_READY
    return verdict.detail


def test_newer_instance_when_its_order_is_reported_halts_entries_and_is_told_once(story):
    """A newer order was taken for a left-over of our own: its stop was cancelled."""
    for _ in range(3):
        story.feed(OrderChanged(Book.PAPER, their_stop(story)))

    [alarm] = halts(story)
    assert alarm.kind is AlarmKind.ACCOUNT
    assert alarm.priority is Priority.CRITICAL
    assert "start 9" in alarm.text
    assert story.cancels() == []
    assert "newer instance" in refused(story, "ETHUSDT")
    assert story.sent() == []


def test_newer_instance_when_its_order_is_in_the_snapshot_halts_and_is_left_alone(story):
    story.snapshot(positions=(venue_position(),), conditionals=(their_stop(story),))

    assert len(halts(story)) == 1
    assert story.cancels() == []
    assert story.sent() == []
    assert [one.ours for one in story.view().positions] == [False]
    assert "newer instance" in refused(story, "ETHUSDT")


def test_newer_instance_when_its_entry_is_filled_is_not_taken_over(story):
    bought = fill(1, 100, client_id=THEIR_ENTRY, trade_id=900, event_time_ms=story.ms)

    effects = story.feed(OrderFilled(Book.PAPER, bought))

    assert len(halts(story)) == 1
    assert story.held() == 0
    assert story.sent(effects=effects) == []


def test_own_position_when_a_newer_instance_trades_stays_protected(story):
    story.enter(setup())
    story.feed(OrderChanged(Book.PAPER, their_stop(story)))
    stop = story.last(Purpose.STOP)

    effects = story.change(stop, OrderStatus.CANCELED)

    assert [one.purpose for one in story.sent(effects=effects)] == [Purpose.STOP]
    assert len(halts(story)) == 1


def test_stop_of_a_newer_instance_when_it_guards_our_trade_too_is_not_cancelled_as_a_twin(story):
    entry = story.enter(setup())

    same_trade = entry.client_id.split("-")[2]
    twin = their_stop(story)
    twin = replace(twin, client_id=f"smc9-S-{same_trade}-0", qty=entry.qty)
    ours = story.last(Purpose.STOP)
    resting = leg_order(ours.client_id, OrderType.STOP_MARKET, qty=ours.qty)
    target = story.last(Purpose.TARGET)
    goal = leg_order(target.client_id, OrderType.TAKE_PROFIT_MARKET, qty=target.qty, trigger=104)
    story.ms += 1000

    story.snapshot(positions=(venue_position(qty=entry.qty),), conditionals=(resting, goal, twin))

    assert story.cancels() == []
    assert len(halts(story)) == 1


def test_newer_number_when_the_order_is_older_than_this_start_is_a_lost_database(story):
    """Starts are counted in the database; without it the count begins anew, the legs remain."""
    leg = their_stop(story, age_ms=3_600_000)

    story.snapshot(positions=(venue_position(),), conditionals=(leg,))

    assert halts(story) == []
    assert story.position().ours
    assert story.position().protected


def test_leg_of_a_lost_database_when_it_triggers_later_is_no_newer_instance(story):
    leg = their_stop(story, age_ms=3_600_000)
    story.snapshot(positions=(venue_position(),), conditionals=(leg,))

    child = replace(leg, conditional=False, event_time_ms=story.ms + 1)
    story.feed(OrderChanged(Book.PAPER, child))
    closing = fill(1, 98, leg.side, client_id=THEIR_STOP, trade_id=901, event_time_ms=story.ms + 1)
    story.feed(OrderFilled(Book.PAPER, closing))
    story.feed(
        OrderChanged(
            Book.PAPER,
            replace(child, status=OrderStatus.FILLED, event_time_ms=story.ms + 2),
        )
    )

    assert halts(story) == []
    assert len(story.closed()) == 1


def test_left_over_of_a_lost_database_when_swept_is_no_newer_instance(story):
    leg = their_stop(story, age_ms=3_600_000)
    story.snapshot(conditionals=(leg,))

    assert story.cancels() == [THEIR_STOP]
    story.feed(OrderChanged(Book.PAPER, replace(leg, event_time_ms=story.ms + 1)))

    assert halts(story) == []


def test_order_of_a_newer_instance_when_it_guards_nothing_we_see_is_not_swept(story):
    """Its position may be younger than the snapshot."""
    story.snapshot(conditionals=(their_stop(story),))

    assert story.cancels() == []
    assert len(halts(story)) == 1
