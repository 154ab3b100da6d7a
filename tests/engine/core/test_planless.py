"""Intents without a plan: which of them prove something, and what."""

import pytest

from engine.core.planless import requantize, take_intents
from engine.core.state import Claim
from engine.core.trade import SentState, names_of
from engine.domain.events import StateRestored
from engine.domain.order import Book, Intent, OrderRequest, OrderType, Purpose, Side
from engine.domain.setup import Direction
from tests.builders import START_MS, d, instrument
from tests.engine.core.samples import memory, running, trade
from tests.stories.story import Story


def intent(
    purpose: Purpose = Purpose.ENTRY,
    side: Side = Side.BUY,
    *,
    price: object = 100,
    trigger: object = None,
    **fields,
) -> Intent:
    request = OrderRequest(
        client_id=names_of(0, Book.PAPER, "lost").next(purpose),
        symbol="BTCUSDT",
        side=side,
        order_type=OrderType.LIMIT,
        qty=d(1),
        purpose=purpose,
        price=d(price) if price else None,
        trigger_price=d(trigger) if trigger else None,
    )
    values = {"book": Book.PAPER, "trade_key": "lost", "created_ms": START_MS}
    return Intent(request=request, **(values | fields))


def take(story: Story, *intents: Intent, trades=()):
    past = StateRestored({}, tuple(trades), intents, (), ())
    return take_intents(story.engine._state, past, story.now)


@pytest.mark.parametrize(
    ("side", "stop", "target"), [(Side.BUY, "98", "104"), (Side.SELL, "102", "96")]
)
def test_entry_when_its_plan_is_lost_is_looked_for_with_a_guessed_plan(side, stop, target):
    story, _, book = running()

    effects = take(story, intent(side=side))

    one = book.trades["BTCUSDT"]
    assert (one.protection.stop_price, one.protection.target_price) == (d(stop), d(target))
    assert one.held
    assert one.improvised
    assert one.memory.opened_ms == START_MS
    assert one.entry is not None
    assert (one.entry.state, one.entry.qty) == (SentState.UNKNOWN, 1)
    assert one.owns(one.entry.client_id)
    assert len(effects) == 2


def test_intent_when_its_plan_is_known_is_not_touched():
    story, _, book = running()

    assert take(story, intent(), trades=[memory(trade_key="lost")]) == []
    assert book.trades == {}


def test_intent_when_its_symbol_has_a_trade_already_adds_nothing():
    one = trade()
    story, _, book = running(one)

    assert take(story, intent()) == []
    assert book.trades == {"BTCUSDT": one}


def test_intent_when_its_book_is_not_connected_is_left_alone():
    story = Story(books=(Book.PAPER,))
    story.start()

    assert take(story, intent(book=Book.LIVE)) == []


@pytest.mark.parametrize(
    ("one", "claim"),
    [
        (
            intent(Purpose.STOP, Side.SELL, price=None, trigger=98),
            Claim(Direction.LONG, stop=d(98)),
        ),
        (
            intent(Purpose.TARGET, Side.BUY, price=None, trigger=96),
            Claim(Direction.SHORT, target=d(96)),
        ),
        (intent(Purpose.EXIT, Side.BUY, price=None), Claim(Direction.SHORT)),
        (intent(Purpose.ENTRY, Side.BUY, price=None), Claim(Direction.LONG)),
    ],
    ids=["stop", "target", "exit", "entry without a price"],
)
def test_closing_intent_when_its_plan_is_lost_claims_the_side_it_would_close(one, claim):
    story, _, book = running()

    assert take(story, one) == []
    assert book.claims == {"BTCUSDT": claim}
    assert book.trades == {}


def test_prices_when_guessed_without_a_grid_are_put_on_it_later():
    one = trade(0)
    _, _, book = running(one)
    one.improvised = True
    one.remember(stop_price=d("98.1234"), target_price=d("104.5678"))

    requantize(book, "BTCUSDT", instrument(tick_size=d("0.5")))

    assert (one.memory.stop_price, one.memory.target_price) == (d(98), d("104.5"))
    assert (one.protection.stop_price, one.protection.target_price) == (d(98), d("104.5"))


def test_prices_when_they_were_planned_are_not_moved():
    one = trade(0)
    _, _, book = running(one)

    requantize(book, "BTCUSDT", instrument(tick_size=d(5)))
    requantize(book, "ETHUSDT", instrument("ETHUSDT", tick_size=d(5)))

    assert one.protection.stop_price == 98
