"""Driving a trade twice sends nothing twice; wishes only grow stronger."""

import pytest

from engine.core.protection import Leg, LegState
from engine.core.trade import SentState, Trade, TradePhase
from engine.core.trades import drive, exit_refused, settle_exit, want_flat
from engine.domain.effects import Notify, SubmitOrder, TakeSnapshot
from engine.domain.events import Instant
from engine.domain.order import Purpose
from engine.domain.position import ExitReason
from tests.builders import d
from tests.engine.core.samples import running, trade


def test_drive_when_called_again_sends_nothing_more():
    one = trade()
    story, state, book = running(one)

    first = drive(state, book, one, story.now)
    assert [e.intent.request.purpose for e in story.of(SubmitOrder, first)] == [
        Purpose.STOP,
        Purpose.TARGET,
    ]
    assert drive(state, book, one, story.now) == []


def test_drive_when_the_trade_is_held_back_sends_nothing():
    one = trade()
    one.held = True
    story, state, book = running(one)

    assert drive(state, book, one, story.now) == []


def test_wish_when_partial_never_weakens_a_full_close():
    one = trade(10)
    want_flat(one, ExitReason.OPERATOR)
    want_flat(one, ExitReason.TIME, d(5))

    assert one.exit_plan is not None
    assert (one.exit_plan.reason, one.exit_plan.keep_qty) == (ExitReason.OPERATOR, 0)


def test_wish_when_full_overrides_a_partial_one():
    one = trade(10)
    want_flat(one, ExitReason.OPERATOR, d(5))
    want_flat(one, ExitReason.TIME)

    assert one.exit_plan is not None
    assert one.exit_plan.keep_qty == 0


@pytest.mark.parametrize(("code", "longest"), [(-1008, 2.0), (0, 2.0), (-4131, 30.0)])
def test_refused_exit_when_refused_often_waits_no_longer_than_allowed(code, longest):
    one = trade()
    one.protection.adopt(Leg("stop", Purpose.STOP, d(1), d(98), LegState.RESTING, 0.0))
    story, _, book = running(one)
    waits = []
    for _ in range(8):
        exit_refused(book, one, code, "no", story.now)
        waits.append(one.exit_retry_at_s - story.wall)

    assert waits[0] == 1.0
    assert waits == sorted(waits)
    assert waits[-1] == longest


def test_refused_exit_when_nothing_protects_is_tried_again_at_once():
    one = trade()
    story, _, book = running(one)
    for _ in range(3):
        exit_refused(book, one, -1008, "busy", story.now)
        assert one.exit_retry_at_s - story.wall == 0.5


def test_exit_when_ended_is_forgotten_only_with_all_its_fills():
    one = trade()
    story, state, book = running(one)
    want_flat(one, ExitReason.TIME)
    drive(state, book, one, story.now)
    sent = one.exit
    assert sent is not None
    sent.state, sent.expected = sent.state.__class__.ENDED, d(1)

    settle_exit(one)
    assert one.exit is sent
    one.filled[sent.client_id] = d(1)
    settle_exit(one)
    assert one.exit is None


def test_trade_when_over_leaves_the_book():
    one = trade(0)
    story, state, book = running(one)
    assert one.phase is TradePhase.DONE

    drive(state, book, one, Instant(story.ms, story.wall))

    assert book.trades == {}
    assert book.is_finished(one.names.next(Purpose.STOP))


def test_exit_when_it_ended_without_a_fill_keeps_the_count_of_its_failures():
    one = trade()
    story, state, book = running(one)
    want_flat(one, ExitReason.TIME)
    drive(state, book, one, story.now)
    assert one.exit is not None
    one.exit_failures = 3
    one.exit.state, one.exit.expected = SentState.ENDED, d(0)

    settle_exit(one)

    assert one.exit is None
    assert one.exit_failures == 3


def later(now: Instant, seconds: float) -> Instant:
    """Return a moment so many wall seconds later."""
    return Instant(now.exchange_ms + round(seconds * 1000), now.wall_s + seconds)


def resting(**fields: object) -> Trade:
    """Return a trade of one at rest between its stop and its target, told and settled."""
    one = trade(1, **fields)
    one.told_protected = True
    for purpose, trigger in (
        (Purpose.STOP, one.protection.stop_price),
        (Purpose.TARGET, one.protection.target_price),
    ):
        leg = Leg(purpose.value, purpose, d(1), trigger, LegState.RESTING, 0.0)
        one.protection.adopt(leg)
    return one


def test_drive_when_the_trade_is_at_rest_does_nothing_however_late():
    one = resting()
    story, state, book = running(one)
    for _ in range(3):
        assert drive(state, book, one, later(story.now, 1000.0)) == []
    assert book.trades


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda one: want_flat(one, ExitReason.TIME), SubmitOrder),
        (lambda one: setattr(one, "confirm_by_snapshot", True), TakeSnapshot),
        (lambda one: setattr(one.protection, "needs_snapshot", True), TakeSnapshot),
        (lambda one: one.protection.move_stop(d(99)), SubmitOrder),
        (lambda one: one.protection.forget("T"), SubmitOrder),
        (lambda one: setattr(one, "told_protected", False), Notify),
    ],
)
def test_drive_when_something_is_wanted_of_a_resting_trade_does_it(change, kind):
    one = resting()
    story, state, book = running(one)
    change(one)
    effects = drive(state, book, one, later(story.now, 100.0))
    assert kind in {type(effect) for effect in effects}
