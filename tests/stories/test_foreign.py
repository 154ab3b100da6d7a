"""Positions and orders that are not ours are shown once and never touched."""

import pytest

from engine.core.trade import names_of
from engine.domain.events import OrderChanged, OrderFilled, PositionReported
from engine.domain.notices import AlarmKind, AlarmNotice
from engine.domain.order import Book, OrderStatus, OrderType, Purpose, Side
from engine.domain.signal import RiskRefused, Rule
from tests.builders import fill, leg_order, setup, venue_position
from tests.stories.story import Story


@pytest.fixture
def story() -> Story:
    story = Story()
    story.start()
    return story


def foreign(story: Story) -> list[AlarmNotice]:
    return story.notices(AlarmNotice, lambda one: one.kind is AlarmKind.FOREIGN_POSITION)


def test_foreign_position_when_found_is_told_once_and_left_alone(story):
    for _ in range(3):
        story.later(4)
        story.snapshot(positions=(venue_position(qty=3),))

    assert len(foreign(story)) == 1
    assert story.sent() == []
    [view] = story.view().positions
    assert not view.ours
    assert view.qty == 3


def test_foreign_position_when_open_blocks_entries_in_its_symbol_only(story):
    story.snapshot(positions=(venue_position(qty=3),))

    refused = story.signal(setup())
    assert isinstance(refused, RiskRefused)
    assert refused.rule is Rule.BUSY_SYMBOL
    story.signal(setup("ETHUSDT"))
    assert [one.symbol for one in story.sent(Purpose.ENTRY)] == ["ETHUSDT"]


def test_foreign_position_when_closed_frees_the_symbol(story):
    story.snapshot(positions=(venue_position(qty=3),))
    story.feed(PositionReported(Book.PAPER, venue_position(qty=0), story.ms))

    assert story.view().positions == ()
    story.signal(setup())
    assert len(story.sent(Purpose.ENTRY)) == 1


def test_foreign_fill_when_no_trade_is_open_makes_us_look(story):
    story.wall += 4

    effects = story.feed(
        OrderFilled(Book.PAPER, fill(3, client_id="web_1", trade_id=77, event_time_ms=story.ms))
    )

    assert story.snapshots_asked(effects) == 1
    assert story.held() == 0


def test_pushed_position_when_unexpected_makes_us_look(story):
    story.wall += 4

    effects = story.feed(PositionReported(Book.PAPER, venue_position(qty=2), story.ms))

    assert story.snapshots_asked(effects) == 1


def test_pushed_position_when_fills_do_not_explain_it_makes_us_look(story):
    entry = story.enter(setup())
    story.later(4)
    story.feed(PositionReported(Book.PAPER, venue_position(qty=entry.qty * 2), story.ms))

    assert story.snapshots_asked(story.later(2.5)) == 0
    assert story.snapshots_asked(story.later(1)) == 1


def test_position_when_somebody_adds_to_it_is_protected_as_a_whole(story):
    entry = story.enter(setup())

    effects = story.feed(
        OrderFilled(
            Book.PAPER, fill(1, 100, client_id="web_2", trade_id=500, event_time_ms=story.ms)
        )
    )

    [stop] = story.sent(Purpose.STOP, effects)
    assert stop.qty == entry.qty + 1


def test_position_when_somebody_flips_it_ends_ours_and_shows_theirs(story):
    entry = story.enter(setup())
    story.feed(
        OrderFilled(
            Book.PAPER,
            fill(
                entry.qty + 2,
                99,
                Side.SELL,
                client_id="web_3",
                trade_id=501,
                event_time_ms=story.ms,
            ),
        )
    )
    assert len(story.closed()) == 1
    for leg in (Purpose.STOP, Purpose.TARGET):
        story.change(story.last(leg), OrderStatus.CANCELED)
    story.later(4)

    story.snapshot(positions=(venue_position(qty=-2),))

    assert len(foreign(story)) == 1
    assert story.sent(Purpose.EXIT) == []


def test_foreign_orders_when_resting_are_never_cancelled(story):
    theirs = leg_order("my-own-stop", OrderType.STOP_MARKET)

    story.snapshot(conditionals=(theirs,))
    story.feed(OrderChanged(Book.PAPER, theirs))

    assert story.cancels() == []


def test_left_over_order_of_ours_when_it_reports_is_cancelled_and_blocks_entries(story):
    names = names_of(3, Book.PAPER, "old")
    ours = leg_order(names.next(Purpose.STOP), OrderType.STOP_MARKET)

    story.feed(OrderChanged(Book.PAPER, ours))

    assert story.cancels() == [ours.client_id]
    refused = story.signal(setup())
    assert isinstance(refused, RiskRefused)
    assert "left-over" in refused.detail


def test_entry_fill_of_ours_when_its_plan_is_lost_is_protected_with_a_default_stop(story):
    names = names_of(0, Book.PAPER, "forgotten")

    story.feed(
        OrderFilled(
            Book.PAPER,
            fill(2, 100, client_id=names.next(Purpose.ENTRY), trade_id=600, event_time_ms=story.ms),
        )
    )

    assert story.held() == 2
    assert story.last(Purpose.STOP).trigger_price == 98
    assert story.last(Purpose.TARGET).trigger_price == 104
    assert story.notices(AlarmNotice, lambda one: one.kind is AlarmKind.ADOPTED)


def test_account_when_in_hedge_mode_takes_no_entries(story):
    story.later(1)
    story.snapshot(hedge_mode=True)

    refused = story.signal(setup())

    assert isinstance(refused, RiskRefused)
    assert refused.rule is Rule.NOT_READY
    assert "hedge" in refused.detail


def test_account_when_deaf_takes_no_entries_until_a_snapshot_agrees(story):
    from engine.domain.events import AccountDeaf, AccountHeard

    story.feed(AccountDeaf(Book.PAPER, "closed 1006"))
    first = story.signal(setup())
    assert isinstance(first, RiskRefused)
    assert first.rule is Rule.NOT_READY

    assert story.snapshots_asked(story.feed(AccountHeard(Book.PAPER))) == 1
    second = story.signal(setup())
    assert isinstance(second, RiskRefused)
    assert second.rule is Rule.NOT_READY
    story.snapshot()
    story.signal(setup())
    assert len(story.sent(Purpose.ENTRY)) == 1


def test_foreign_position_when_its_size_changes_is_not_told_again(story):
    story.snapshot(positions=(venue_position(qty=3),))
    story.later(4)
    story.snapshot(positions=(venue_position(qty=4),))

    assert len(foreign(story)) == 1
    assert story.view().positions[0].qty == 4


def test_foreign_position_when_gone_from_the_snapshot_frees_the_symbol(story):
    story.snapshot(positions=(venue_position(qty=3),))
    story.later(4)
    story.snapshot()

    assert story.view().positions == ()


def test_foreign_fill_when_its_position_is_shown_already_changes_nothing(story):
    story.snapshot(positions=(venue_position(qty=3),))
    story.later(4)
    more = fill(1, client_id="web_9", trade_id=79, event_time_ms=story.ms)

    assert story.snapshots_asked(story.feed(OrderFilled(Book.PAPER, more))) == 0


def test_foreign_position_when_opened_the_other_way_before_our_legs_are_gone_ends_ours_once(story):
    """Each pair of snapshots booked the finished trade again, with a quantity of nothing."""
    story.enter(setup())
    story.fill(story.last(Purpose.STOP), price=98)
    assert len(story.closed()) == 1
    target = leg_order(story.last(Purpose.TARGET).client_id, OrderType.TAKE_PROFIT_MARKET)
    for _ in range(4):
        story.later(4)
        story.snapshot(positions=(venue_position(qty=-2),), conditionals=(target,))
    assert len(story.closed()) == 1

    story.change(story.last(Purpose.TARGET), OrderStatus.CANCELED)
    story.later(4)
    story.snapshot(positions=(venue_position(qty=-2),))

    assert len(story.closed()) == 1
    assert len(foreign(story)) == 1
