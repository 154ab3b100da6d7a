"""Whose order is it: a newer start's, or one of our own?"""

from dataclasses import replace

import pytest

from engine.core.protection import Leg, LegState
from engine.core.rivals import fill_is_rivals, halt, is_rivals, notice_rival
from engine.core.trade import names_of
from engine.domain.order import Book, OrderStatus, OrderType, Purpose
from tests.builders import d, fill, leg_order
from tests.engine.core.samples import running, trade

NEWER = names_of(4, Book.PAPER, "x").next(Purpose.STOP)


def leg(story, client_id: str = NEWER, **fields):
    values = {"event_time_ms": story.ms, **fields}
    return replace(leg_order(client_id, OrderType.STOP_MARKET), **values)


@pytest.mark.parametrize(
    ("client_id", "rival"),
    [
        (NEWER, True),
        (names_of(0, Book.PAPER, "x").next(Purpose.STOP), False),
        ("web_1", False),
    ],
    ids=["newer start", "this start", "foreign"],
)
def test_order_when_new_is_a_rivals_by_the_number_in_its_name(client_id, rival):
    story, state, book = running()

    assert is_rivals(state, book, leg(story, client_id)) is rival
    one = fill(client_id=client_id, event_time_ms=story.ms)
    assert fill_is_rivals(state, None, one) is rival


def test_order_when_older_than_this_start_is_no_rivals():
    story, state, book = running()

    assert not is_rivals(state, book, leg(story, event_time_ms=state.started_ms - 1))


@pytest.mark.parametrize("status", [one for one in OrderStatus if one.is_final])
def test_order_when_it_has_ended_proves_nothing(status):
    story, state, book = running()

    assert not is_rivals(state, book, leg(story, status=status))


def test_order_when_known_to_us_is_no_rivals():
    one = trade()
    story, state, book = running(one)
    assert is_rivals(state, book, leg(story))
    one.protection.adopt(Leg(NEWER, Purpose.STOP, d(1), d(98), LegState.RESTING, 0.0))
    assert not is_rivals(state, book, leg(story))
    one.protection.forget(NEWER)
    assert not is_rivals(state, book, leg(story))
    del book.trades["BTCUSDT"]
    book.orphans[NEWER] = "BTCUSDT"
    assert not is_rivals(state, book, leg(story))


def test_halt_when_repeated_is_told_once():
    story, state, book = running()

    assert len(notice_rival(state, book, leg(story), story.now)) == 1
    assert state.outranked == 4
    assert halt(state, book, NEWER, story.now) == []


def test_own_order_when_noticed_halts_nothing():
    story, state, book = running()

    assert notice_rival(state, book, leg(story, "web_1"), story.now) == []
    assert state.outranked == 0
