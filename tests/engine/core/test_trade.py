"""The phase of a trade is computed from its facts."""

import pytest

from engine.core.protection import Leg, LegState
from engine.core.trade import ExitPlan, OrderNames, SentOrder, SentState, TradePhase, names_of
from engine.domain.order import Book, Purpose, Side
from engine.domain.position import ExitReason
from tests.builders import d
from tests.engine.core.samples import trade


def test_phase_when_nothing_is_filled_yet_is_entering():
    assert trade(0, entered=False).phase is TradePhase.ENTERING


def test_phase_when_held_is_open_and_with_a_plan_exiting():
    one = trade()
    assert one.phase is TradePhase.OPEN
    one.exit_plan = ExitPlan(ExitReason.TIME)
    assert one.phase is TradePhase.EXITING


def test_phase_when_partly_filled_is_entering_until_the_entry_ends():
    assert trade(1, entered=False).phase is TradePhase.ENTERING


def test_phase_when_flat_is_cleaning_until_every_leg_is_gone():
    one = trade(0)
    assert one.phase is TradePhase.DONE
    one.protection.legs["S"] = Leg("S", Purpose.STOP, d(1), d(98), LegState.CANCELLING, 0.0)
    assert one.phase is TradePhase.CLEANING
    one.protection.legs.clear()
    one.confirm_by_snapshot = True
    assert one.phase is TradePhase.CLEANING


@pytest.mark.parametrize(
    ("state", "expected", "filled", "settled"),
    [
        (SentState.PENDING, None, 0, False),
        (SentState.UNKNOWN, None, 1, False),
        (SentState.ENDED, 1, 0, False),
        (SentState.ENDED, 1, 1, True),
        (SentState.ENDED, 0, 0, True),
        (SentState.ENDED, None, 0, True),
    ],
)
def test_entry_when_ended_is_settled_once_its_fills_are_known(state, expected, filled, settled):
    one = trade(0, entered=False)
    one.entry = SentOrder("E", d(1), 0.0, state, None if expected is None else d(expected))
    one.filled["E"] = d(filled)

    assert one.entry_settled is settled


def test_names_when_asked_again_count_up_and_differ_between_books():
    paper, live = names_of(3, Book.PAPER, "k"), names_of(3, Book.LIVE, "k")
    ids = [paper.next(Purpose.STOP), paper.next(Purpose.STOP), paper.next(Purpose.TARGET)]

    assert len({*ids, live.next(Purpose.STOP)}) == 4
    assert OrderNames(3, "paper:k").next(Purpose.STOP) == ids[0]


def test_trade_when_asked_for_an_order_knows_its_own_and_adopted_ones():
    one = trade()
    assert one.owns(one.names.next(Purpose.STOP))
    assert not one.owns("web_1")
    other = names_of(1, Book.PAPER, "other").next(Purpose.STOP)
    assert not one.owns(other)
    one.protection.adopt(Leg(other, Purpose.STOP, d(1), d(98), LegState.RESTING, 0.0))
    assert one.owns(other)


def test_trade_when_short_enters_by_selling():
    assert trade(0, direction=-1).entry_side is Side.SELL
    assert trade(0).entry_price == 100.0
