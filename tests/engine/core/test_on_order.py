"""Orders that find nothing to belong to, or come late."""

import pytest

from engine.core.trade import names_of
from engine.domain.effects import OrderSeen
from engine.domain.events import (
    CancelRefused,
    OrderChanged,
)
from engine.domain.notices import AlarmKind, AlarmNotice
from engine.domain.order import Book, OrderStatus, OrderType, Purpose
from tests.builders import d, leg_order, order, setup
from tests.stories.story import Story

OURS = names_of(4, Book.PAPER, "gone").next(Purpose.STOP)


@pytest.fixture
def story() -> Story:
    story = Story()
    story.start()
    return story


def test_order_when_foreign_is_not_even_journalled(story):
    assert story.feed(OrderChanged(Book.PAPER, leg_order("web_1", OrderType.STOP_MARKET))) == []


def test_order_of_ours_when_it_was_filled_unexpectedly_makes_us_look(story):
    story.wall += 4
    stray = leg_order(OURS, OrderType.STOP_MARKET)
    filled = order_of(stray, OrderStatus.FILLED, 1)

    assert story.snapshots_asked(story.feed(OrderChanged(Book.PAPER, filled))) == 1


def order_of(base, status, filled):
    from dataclasses import replace

    return replace(base, status=status, filled_qty=d(filled))


def test_ordinary_order_of_ours_when_it_appears_makes_us_look_and_cancels_nothing(story):
    from dataclasses import replace

    story.wall += 4
    stray = replace(leg_order(OURS, OrderType.LIMIT), conditional=False)

    effects = story.feed(OrderChanged(Book.PAPER, stray))

    assert story.snapshots_asked(effects) == 1
    assert story.cancels(effects) == []


def test_late_report_of_a_finished_trade_is_journalled_and_nothing_else(story):
    story.enter(setup())
    stop, target = story.last(Purpose.STOP), story.last(Purpose.TARGET)
    story.fill(stop, price=98)
    story.change(stop, OrderStatus.FILLED, filled=stop.qty)
    story.change(target, OrderStatus.CANCELED)
    story.wall += 10

    effects = story.feed(OrderChanged(Book.PAPER, order(stop, OrderStatus.FILLED)))

    assert len(story.entries(OrderSeen, effects)) == 1
    assert len(effects) == 1


def test_left_over_order_when_it_has_ended_frees_its_symbol(story):
    stray = leg_order(OURS, OrderType.STOP_MARKET)
    story.feed(OrderChanged(Book.PAPER, stray))
    assert story.feed(OrderChanged(Book.PAPER, stray))[1:] == []  # asked once
    story.feed(CancelRefused(Book.PAPER, OURS, "BTCUSDT", -2011))

    story.signal(setup())

    assert len(story.sent(Purpose.ENTRY)) == 1


def test_rejection_when_it_comes_after_the_end_changes_nothing(story):
    story.signal(setup())
    entry = story.last(Purpose.ENTRY)
    story.fill(entry)
    story.change(entry, OrderStatus.FILLED, filled=entry.qty)

    story.reject(entry, -2019)

    assert story.held() == entry.qty
    assert story.notices(AlarmNotice, lambda one: one.kind is AlarmKind.REJECTED) == []


def test_busy_entry_when_not_executed_is_no_strike_of_the_breaker(story):
    story.signal(setup())
    story.reject(story.last(Purpose.ENTRY), -1008)

    assert story.engine._state.books[Book.PAPER].breakers.rejects_ms == ()
    assert story.view().books[0].pending == 0


def test_expiry_when_the_exit_or_a_leg_is_meant_lets_it_be_sent_again(story):
    from engine.domain.commands import CloseAll

    story.enter(setup())
    stop = story.last(Purpose.STOP)
    assert len(story.sent(Purpose.STOP, story.expire(stop))) == 1
    story.command(CloseAll(command_id="c", requested_by="me"))

    effects = story.expire(story.last(Purpose.EXIT))

    assert len(story.sent(Purpose.EXIT, effects)) == 1
