"""Orders, statuses and intents."""

import pytest

from engine.domain.order import Book, Intent, OrderRequest, OrderStatus, OrderType, Purpose, Side
from tests.builders import d


def request(purpose: Purpose, order_type: OrderType) -> OrderRequest:
    return OrderRequest(
        client_id="i",
        symbol="BTCUSDT",
        side=Side.BUY,
        order_type=order_type,
        qty=d(1),
        purpose=purpose,
    )


def test_side_when_opposed_changes_its_sign():
    assert Side.BUY.opposite is Side.SELL
    assert Side.SELL.opposite is Side.BUY
    assert [side.sign for side in Side] == [1, -1]


@pytest.mark.parametrize("status", list(OrderStatus))
def test_status_when_final_is_one_of_the_four_ends(status):
    ends = {"FILLED", "CANCELED", "EXPIRED", "REJECTED"}
    assert status.is_final == (status.value in ends)


@pytest.mark.parametrize("order_type", list(OrderType))
def test_request_when_it_has_a_trigger_is_conditional(order_type):
    assert request(Purpose.STOP, order_type).is_conditional == (
        "MARKET" in order_type.value[3:] and order_type is not OrderType.MARKET
    )


def test_intent_when_it_is_an_entry_has_a_unique_key_per_book():
    keys = {
        Intent(
            book=book, trade_key="k", request=request(Purpose.ENTRY, OrderType.LIMIT), created_ms=0
        ).signal_key
        for book in Book
    }
    assert keys == {"paper:k", "live:k"}


def test_intent_when_it_may_be_sent_again_has_no_key():
    stop = request(Purpose.STOP, OrderType.STOP_MARKET)
    assert Intent(book=Book.LIVE, trade_key="k", request=stop, created_ms=0).signal_key is None
