"""The same fill, status, command or snapshot twice has no second effect."""

import pytest

from engine.domain.commands import ClosePosition, Pause
from engine.domain.effects import Acknowledge, FillSeen
from engine.domain.events import CommandGiven, OrderFilled, SnapshotTaken, StateRestored
from engine.domain.order import OrderStatus, Purpose, Side
from tests.builders import fill, order, setup, venue_position, venue_snapshot
from tests.stories.story import Story


@pytest.fixture
def story() -> Story:
    story = Story()
    story.start()
    return story


def test_fill_when_redelivered_changes_nothing(story):
    story.signal(setup())
    entry = story.last(Purpose.ENTRY)
    one = story.execution(entry)
    story.feed(OrderFilled(story.book, one))
    before = len(story.sent())

    effects = story.feed(OrderFilled(story.book, one))

    assert effects == []
    assert story.held() == entry.qty
    assert len(story.sent()) == before
    assert len(story.entries(FillSeen)) == 1
    assert story.view().counters.fills == 1


def test_fill_when_redelivered_after_the_close_opens_nothing(story):
    entry = story.enter(setup())
    stop = story.last(Purpose.STOP)
    out = story.execution(stop, price=98)
    story.feed(OrderFilled(story.book, out))

    assert story.feed(OrderFilled(story.book, out)) == []
    assert story.held() == 0
    assert len(story.closed()) == 1
    assert story.closed()[0].qty == entry.qty


def test_statuses_when_redelivered_and_shuffled_change_nothing(story):
    entry = story.enter(setup())
    stop = story.last(Purpose.STOP)
    before = (story.held(), len(story.sent()), len(story.cancels()))

    story.change(entry, OrderStatus.NEW)
    story.change(entry, OrderStatus.FILLED, filled=entry.qty)
    story.accept(stop)
    story.change(stop, OrderStatus.NEW)

    assert (story.held(), len(story.sent()), len(story.cancels())) == before


def test_command_when_redelivered_gets_the_same_receipt_and_no_second_effect(story):
    story.enter(setup())
    command = ClosePosition(command_id="7", requested_by="me", symbol="BTCUSDT")
    first = story.command(command)

    effects = story.feed(CommandGiven(command))

    assert effects == [Acknowledge(first)]
    assert len(story.sent(Purpose.EXIT)) == 1


def test_pause_when_redelivered_after_resume_does_not_pause_again(story):
    from engine.domain.commands import Resume

    pause = Pause(command_id="p", requested_by="me")
    story.command(pause)
    story.command(Resume(command_id="r", requested_by="me"))

    story.command(pause)

    assert story.view().paused == ""


def test_snapshot_when_repeated_changes_nothing(story):
    entry = story.enter(setup())
    story.later(1)
    truth = SnapshotTaken(
        story.book,
        venue_snapshot(
            story.ms,
            positions=(venue_position(qty=entry.qty),),
            conditionals=(order(story.last(Purpose.STOP)), order(story.last(Purpose.TARGET))),
        ),
    )

    for _ in range(3):
        effects = story.feed(truth)
        assert story.sent(effects=effects) == []
        assert story.cancels(effects) == []
    assert story.position().protected


def test_snapshot_when_older_than_the_last_fill_decides_nothing(story):
    story.enter(setup())
    taken = story.ms - 1

    effects = story.snapshot(taken_ms=taken)

    assert story.held() > 0
    assert story.sent(effects=effects) == []
    assert story.closed() == []


def test_position_when_missing_in_one_snapshot_only_is_kept(story):
    entry = story.enter(setup())
    legs = (order(story.last(Purpose.STOP)), order(story.last(Purpose.TARGET)))
    story.later(1)
    story.snapshot(conditionals=legs)
    assert story.held() == entry.qty
    story.later(4)

    story.snapshot(positions=(venue_position(qty=entry.qty),), conditionals=legs)

    assert story.held() == entry.qty
    assert story.closed() == []


def test_position_when_missing_in_two_snapshots_is_closed_as_external(story):
    from engine.domain.position import ExitReason

    story.enter(setup())
    story.later(1)
    story.snapshot()
    story.later(4)

    story.snapshot()

    assert [one.reason for one in story.closed()] == [ExitReason.EXTERNAL]


def test_fill_of_an_earlier_trade_when_told_again_after_a_restart_opens_nothing():
    first = Story()
    first.start()
    entry = first.enter(setup())
    bought = first.entries(FillSeen)[0].fill
    first.fill(first.last(Purpose.STOP), price=98)
    [closed] = first.closed()

    second = Story()
    second.ms = first.ms + 1000
    second.start(restored=StateRestored({}, (), (), (), (closed,)))
    effects = second.feed(OrderFilled(second.book, bought))

    assert bought.client_id == entry.client_id
    assert second.held() == 0
    assert second.sent(effects=effects) == []


def test_fill_of_an_earlier_trade_when_another_holds_the_symbol_does_not_touch_it():
    from engine.core.trade import names_of

    story = Story()
    story.start()
    entry = story.enter(setup())
    old = names_of(1, story.book, "old").next(Purpose.STOP)
    late = fill(5, 99, Side.SELL, trade_id=800, client_id=old, event_time_ms=story.ms - 10**6)

    story.feed(OrderFilled(story.book, late))

    assert story.held() == entry.qty


def test_old_entry_fill_when_its_plan_is_lost_makes_us_look_instead_of_adopting():
    from engine.core.trade import names_of

    story = Story()
    story.start()
    story.wall += 4
    lost = names_of(1, story.book, "lost").next(Purpose.ENTRY)
    old = fill(5, 99, trade_id=801, client_id=lost, event_time_ms=story.ms - 61_000)

    effects = story.feed(OrderFilled(story.book, old))

    assert story.held() == 0
    assert story.snapshots_asked(effects) == 1
