"""The snapshot against belief, where stories do not reach."""

from dataclasses import replace

import pytest

from engine.core.protection import Leg, LegState
from engine.core.trade import names_of
from engine.domain.effects import CancelOrder
from engine.domain.notices import AlarmKind, AlarmNotice
from engine.domain.order import Book, OrderStatus, OrderType, Purpose
from engine.domain.position import ExitReason
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


def test_triggered_leg_when_found_is_adopted_as_triggered():
    story = Story(books=(Book.PAPER,))
    names = names_of(1, Book.PAPER, "old")
    stop = replace(
        leg_order(names.next(Purpose.STOP), OrderType.STOP_MARKET), status=OrderStatus.TRIGGERED
    )
    story.start(positions=(venue_position(),), conditionals=(stop,))

    assert story.position().protected
    assert len(story.sent(Purpose.EXIT, story.later(3.5))) == 1


def test_resting_ordinary_order_of_ours_when_nothing_is_open_is_cancelled_as_such(story):
    entry = names_of(1, Book.PAPER, "old").next(Purpose.ENTRY)
    stray = replace(leg_order(entry, OrderType.LIMIT), conditional=False)

    effects = story.snapshot(orders=(stray,))

    assert story.of(CancelOrder, effects)[0].conditional is False
    story.snapshot()
    story.signal(setup())
    assert len(story.sent(Purpose.ENTRY)) == 1


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


def test_leg_when_triggered_is_not_missed_in_the_snapshot():
    one = trade(1)
    one.protection.adopt(Leg("stop", Purpose.STOP, d(1), d(98), LegState.TRIGGERED, 1000.0))
    story, _, _ = running(one)
    one.protection.legs["stop"].since_s = story.wall

    story.snapshot(positions=(venue_position(),))

    assert "stop" in one.protection.legs
