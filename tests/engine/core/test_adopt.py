"""Positions of ours without a plan."""

import pytest

from engine.core.adopt import revive, revive_symbol, take_over
from engine.core.state import Tombstone
from engine.domain.order import Purpose
from engine.domain.setup import Direction
from tests.builders import d
from tests.engine.core.samples import running, trade


def buried(symbol: str = "BTCUSDT"):
    story, state, book = running()
    one = trade(0, symbol=symbol)
    one.held = True
    book.tombstones[one.names.digest] = Tombstone(one, story.ms + 1000)
    return story, state, book, one


def test_revive_when_the_order_names_a_tombstone_runs_it_again():
    story, _, book, one = buried()

    got, told = revive(book, one.names.next(Purpose.ENTRY), story.now)

    assert got is one
    assert not one.held
    assert book.trades == {"BTCUSDT": one}
    assert book.tombstones == {}
    assert len(told) == 1


def test_revive_when_another_trade_runs_or_nothing_is_buried_does_nothing():
    story, _, book, one = buried()
    book.trades["BTCUSDT"] = trade(trade_key="other")

    assert revive(book, one.names.next(Purpose.ENTRY), story.now) == (None, [])
    assert revive(book, "web_1", story.now) == (None, [])


@pytest.mark.parametrize(
    ("symbol", "direction", "found"),
    [
        ("BTCUSDT", Direction.LONG, True),
        ("BTCUSDT", Direction.SHORT, False),
        ("ETHUSDT", Direction.LONG, False),
    ],
)
def test_revive_when_a_position_appears_wants_symbol_and_direction(symbol, direction, found):
    story, _, book, one = buried()

    got, _ = revive_symbol(book, symbol, direction, story.now)

    assert (got is one) is found


@pytest.mark.parametrize(
    ("direction", "stop", "target"), [(Direction.LONG, 98, 104), (Direction.SHORT, 102, 96)]
)
def test_take_over_when_nothing_rests_uses_the_default_distance(direction, stop, target):
    story, state, book = running()

    got, told = take_over(state, book, "BTCUSDT", direction, d(100), story.now)

    assert got is not None
    assert (got.protection.stop_price, got.protection.target_price) == (stop, target)
    assert book.trades["BTCUSDT"] is got
    assert len(told) == 1


def test_take_over_when_the_instrument_is_unknown_tells_the_operator():
    story, state, book = running()

    got, told = take_over(state, book, "NOPEUSDT", Direction.LONG, d(1), story.now)

    assert got is None
    assert len(told) == 1
    assert book.trades == {}


def test_take_over_when_a_stop_rests_needs_no_instrument():
    story, state, book = running()

    got, _ = take_over(state, book, "NOPEUSDT", Direction.LONG, d(1), story.now, stop=d("0.9"))

    assert got is not None
    assert got.protection.stop_price == d("0.9")
    assert got.protection.target_price == d("1.2")
