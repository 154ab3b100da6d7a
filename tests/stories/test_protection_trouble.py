"""Stops that are refused, unconfirmed, dropped, or triggered without a fill."""

import pytest

from engine.domain.notices import AlarmKind, AlarmNotice, ProtectionNotice
from engine.domain.order import OrderStatus, OrderType, Purpose
from engine.domain.position import ExitReason
from tests.builders import setup
from tests.stories.story import Story


@pytest.fixture
def story() -> Story:
    story = Story()
    story.start()
    story.signal(setup())
    entry = story.last(Purpose.ENTRY)
    story.fill(entry)
    story.change(entry, OrderStatus.FILLED, filled=entry.qty)
    return story


def test_stop_when_never_confirmed_is_resent_at_2_and_5_and_closed_at_7_seconds(story):
    sent_at = []
    closed_at = None
    for quarter in range(1, 41):
        effects = story.later(0.25)
        sent_at += [quarter / 4] * len(story.sent(Purpose.STOP, effects))
        if closed_at is None and story.sent(Purpose.EXIT, effects):
            closed_at = quarter / 4

    assert sent_at == [2.0, 5.0, 7.0, 9.0]  # the last because the exit is unanswered too
    assert closed_at == 7.0
    exit_ = story.sent(Purpose.EXIT)[0]
    assert exit_.order_type is OrderType.MARKET
    assert exit_.reduce_only
    ids = [one.client_id for one in story.sent(Purpose.STOP)]
    assert len(set(ids)) == 5


def test_exit_when_the_venue_is_busy_as_often_as_the_stops_gets_through_within_10_seconds(story):
    """Chaos: stop and exit requests failed one after another, and 1 s and 2 s were waited."""
    story.later(7)
    exits_at, refused = [7.0], ""
    for tick in range(1, 13):
        newest = story.last(Purpose.EXIT)
        if newest.client_id != refused:
            refused = newest.client_id
            story.reject(newest, -1008)
        exits_at += [7 + tick / 4] * len(story.sent(Purpose.EXIT, story.later(0.25)))

    assert exits_at == [7.0, 7.5, 8.0, 8.5, 9.0, 9.5, 10.0]


def test_exit_when_unanswered_while_naked_is_sent_again_after_a_second(story):
    story.later(7)

    assert story.sent(Purpose.EXIT, story.later(0.75)) == []
    [again] = story.sent(Purpose.EXIT, story.later(0.25))
    assert again.reduce_only


def test_stop_when_the_loop_was_stalled_is_sent_once_not_once_for_each_attempt_missed(story):
    """Property test: two attempts whose time had passed went out with two events."""
    story.wall += 5.5

    assert len(story.sent(Purpose.STOP, story.later(0.5))) == 1


def test_unprotected_position_when_closed_is_told_and_booked_as_unprotected(story):
    story.later(7)
    story.fill(story.last(Purpose.EXIT))

    assert story.closed()[0].reason is ExitReason.UNPROTECTED
    assert story.notices(AlarmNotice, lambda one: one.kind is AlarmKind.UNPROTECTED)
    assert [one.confirmed for one in story.notices(ProtectionNotice)] == [False]


@pytest.mark.parametrize("code", [-2021, -4120, -4142, -2010, -4045])
def test_stop_when_refused_for_good_closes_at_market_at_once(story, code):
    effects = story.reject(story.last(Purpose.STOP), code)

    assert [one.purpose for one in story.sent(effects=effects)] == [Purpose.EXIT]
    assert story.notices(AlarmNotice, lambda one: one.kind is AlarmKind.UNPROTECTED)


@pytest.mark.parametrize("code", [0, -1008, -1003, -1015])
def test_stop_when_not_executed_is_sent_again_on_schedule(story, code):
    first = story.last(Purpose.STOP)

    assert story.sent(effects=story.reject(first, code)) == []
    effects = story.later(2)

    [again] = story.sent(Purpose.STOP, effects)
    assert again.client_id != first.client_id
    story.accept(again)
    assert story.position().protected


def test_stop_when_its_outcome_is_unknown_is_sent_again_and_the_twin_cancelled(story):
    first = story.last(Purpose.STOP)
    story.unknown(first)
    story.later(2)
    second = story.last(Purpose.STOP)
    story.accept(second)
    assert story.position().protected

    effects = story.accept(first)

    assert len(story.cancels(effects)) + len(story.cancels()) >= 1
    assert story.position().protected


@pytest.mark.parametrize("status", [OrderStatus.CANCELED, OrderStatus.EXPIRED])
def test_stop_when_dropped_behind_our_back_is_placed_again_at_once(story, status):
    stop = story.last(Purpose.STOP)
    story.accept(stop)

    effects = story.change(stop, status)

    [again] = story.sent(Purpose.STOP, effects)
    assert again.qty == stop.qty
    assert again.trigger_price == stop.trigger_price


def test_stop_when_dropped_again_and_again_closes_at_market(story):
    for _ in range(5):
        stop = story.last(Purpose.STOP)
        story.accept(stop)
        story.change(stop, OrderStatus.CANCELED)

    assert len(story.sent(Purpose.EXIT)) == 1


def test_stop_when_rejected_at_its_trigger_closes_at_market(story):
    stop = story.last(Purpose.STOP)
    story.accept(stop)
    story.change(stop, OrderStatus.TRIGGERED)

    effects = story.change(stop, OrderStatus.REJECTED, reason="ReduceOnly reject")

    assert [one.purpose for one in story.sent(effects=effects)] == [Purpose.EXIT]
    story.fill(story.last(Purpose.EXIT), price=97)
    assert story.closed()[0].reason is ExitReason.STOP


def test_stop_when_triggered_but_not_filled_within_3_seconds_closes_at_market(story):
    stop = story.last(Purpose.STOP)
    story.accept(stop)
    story.change(stop, OrderStatus.TRIGGERED)

    assert story.sent(Purpose.EXIT, story.later(2.75)) == []
    assert len(story.sent(Purpose.EXIT, story.later(0.5))) == 1


def test_child_order_when_it_appears_counts_as_the_trigger(story):
    stop = story.last(Purpose.STOP)
    story.accept(stop)

    story.change(stop, OrderStatus.NEW, conditional=False)

    assert len(story.sent(Purpose.EXIT, story.later(3.5))) == 1


def test_target_when_refused_as_passed_takes_the_profit_at_market(story):
    story.accept(story.last(Purpose.STOP))

    effects = story.reject(story.last(Purpose.TARGET), -2021)

    assert [one.purpose for one in story.sent(effects=effects)] == [Purpose.EXIT]
    story.fill(story.last(Purpose.EXIT), price=104)
    assert story.closed()[0].reason is ExitReason.TARGET


def test_target_when_refused_otherwise_leaves_the_position_to_its_stop(story):
    story.accept(story.last(Purpose.STOP))
    story.reject(story.last(Purpose.TARGET), -4045)

    assert story.sent(Purpose.EXIT) == []
    effects = story.later(2)
    assert len(story.sent(Purpose.TARGET, effects)) == 1


def test_stop_when_told_nothing_to_reduce_asks_the_venue(story):
    story.wall += 4

    effects = story.reject(story.last(Purpose.STOP), -2022)

    assert story.snapshots_asked(effects) == 1
    assert story.sent(Purpose.EXIT, effects) == []
