from contextlib import suppress
from decimal import Decimal

import orjson
import pytest
from hypothesis import given

from engine.domain.errors import MalformedMessage
from engine.domain.order import OrderStatus, OrderType, Side
from engine.exchange.binance.codec_orders import (
    decode_conditional,
    decode_conditionals,
    decode_order,
    decode_orders,
    decode_trades,
    is_bare_acknowledgement,
    trade_order_ids,
)
from tests.engine.exchange.binance.frames import (
    ALGO_REPLY,
    ANY_JSON,
    MINUTE,
    ORDER_REPLY,
    TRADE_ROW,
)
from tests.shared import shared_path


def test_order_when_reply_has_no_average_price_leaves_it_zero() -> None:
    order = decode_order(ORDER_REPLY)
    assert order.client_id == "smc1-E-aaaaaaaaaaaaaa-0"
    assert order.venue_id == "325078477"
    assert (order.side, order.order_type) == (Side.BUY, OrderType.LIMIT)
    assert order.status is OrderStatus.FILLED
    assert (order.qty, order.filled_qty) == (Decimal("0.010"), Decimal("0.010"))
    assert order.average_price == 0
    assert order.event_time_ms == MINUTE + 40
    assert not order.conditional


def test_order_when_query_tells_the_average_price_keeps_it() -> None:
    assert decode_order({**ORDER_REPLY, "avgPrice": "100.4"}).average_price == Decimal("100.4")


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "SLEEPING"},
        {"side": "HOLD"},
        {"origQty": "NaN"},
        {"executedQty": None},
        {"orderId": "x"},
        {"clientOrderId": 5},
        {"reduceOnly": "maybe"},
        {"updateTime": None},
    ],
)
def test_order_when_a_field_is_impossible_is_malformed(changes: dict[str, object]) -> None:
    with pytest.raises(MalformedMessage):
        decode_order({**ORDER_REPLY, **changes})


def test_orders_when_coin_margined_rows_arrive_drops_them() -> None:
    rows = [ORDER_REPLY, {**ORDER_REPLY, "symbol": "BTCUSD_PERP"}]
    assert [order.symbol for order in decode_orders(rows)] == ["BTCUSDT"]


def test_conditional_when_resting_is_marked_and_keyed_by_our_id() -> None:
    order = decode_conditional(ALGO_REPLY)
    assert order.conditional
    assert order.client_id == "smc1-S-aaaaaaaaaaaaaa-0"
    assert order.venue_id == "2146760"
    assert order.order_type is OrderType.STOP_MARKET
    assert order.trigger_price == Decimal("99.000")
    assert order.reduce_only
    assert (order.status, order.filled_qty) == (OrderStatus.NEW, 0)


def test_conditional_when_finished_and_filled_tells_quantity_and_price() -> None:
    finished = {
        **ALGO_REPLY,
        "algoStatus": "FINISHED",
        "actualQty": "0.010",
        "actualPrice": "98.9",
        "actualOrderId": "974828356187",
    }
    order = decode_conditional(finished)
    assert order.status is OrderStatus.FILLED
    assert (order.filled_qty, order.average_price) == (Decimal("0.010"), Decimal("98.9"))


def test_conditional_when_it_closes_the_position_counts_as_reduce_only() -> None:
    row = {**ALGO_REPLY, "reduceOnly": False, "closePosition": True, "quantity": ""}
    order = decode_conditional(row)
    assert order.reduce_only
    assert order.qty == 0


def test_conditionals_when_other_algos_rest_keeps_only_ours_kind() -> None:
    rows = [ALGO_REPLY, {**ALGO_REPLY, "algoType": "TWAP"}, {**ALGO_REPLY, "symbol": "BTCUSD_PERP"}]
    assert len(decode_conditionals(rows)) == 1


def test_bare_acknowledgement_when_reply_names_no_state_is_recognised() -> None:
    bare = {"algoId": 1, "clientAlgoId": "c", "code": "200", "msg": "success"}
    assert is_bare_acknowledgement(bare)
    assert not is_bare_acknowledgement(ALGO_REPLY)
    assert not is_bare_acknowledgement([])


def test_trades_when_read_carry_our_id_and_are_sorted() -> None:
    later = {**TRADE_ROW, "id": 556, "time": MINUTE + 99, "orderId": 7}
    fills = decode_trades([later, TRADE_ROW], {"325078477": "mine"})
    assert [fill.trade_id for fill in fills] == [555, 556]
    assert [fill.client_id for fill in fills] == ["mine", ""]
    assert (fills[0].fee, fills[0].fee_asset) == (Decimal("0.0002"), "USDT")
    assert trade_order_ids([later, TRADE_ROW, TRADE_ROW]) == ("7", "325078477")


@pytest.mark.parametrize("changes", [{"qty": "0"}, {"price": "-1"}, {"id": None}, {"maker": 1}])
def test_trades_when_a_row_is_impossible_are_malformed(changes: dict[str, object]) -> None:
    with pytest.raises(MalformedMessage):
        decode_trades([{**TRADE_ROW, **changes}], {})


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("rest_order_new", decode_order),
        ("rest_order_query", decode_order),
        ("rest_algoOrder_new", decode_conditional),
        ("rest_algoOrder_query", decode_conditional),
        ("rest_openAlgoOrders", decode_conditionals),
        ("rest_userTrades", lambda body: decode_trades(body, {})),
    ],
)
def test_readers_when_given_documented_examples_read_them(name: str, read: object) -> None:
    path = shared_path(f"samples/binance/official_docs_2026-05/{name}.json")
    for example in orjson.loads(path.read_bytes())["examples"]:
        assert callable(read)
        assert read(example)


@given(ANY_JSON)
def test_readers_when_fed_anything_raise_nothing_but_malformed(body: object) -> None:
    for read in (decode_order, decode_orders, decode_conditional, decode_conditionals):
        with suppress(MalformedMessage):
            read(body)
    with suppress(MalformedMessage):
        decode_trades(body, {})
    with suppress(MalformedMessage):
        trade_order_ids(body)
