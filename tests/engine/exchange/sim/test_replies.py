from __future__ import annotations

from typing import Any

from engine.exchange.sim.replies import acknowledged, order_reply
from tests.engine.exchange.sim.exchange_builders import SYMBOL, Trader, rules
from tests.engine.exchange.sim.shapes import (
    assert_same_shape,
    client_fixture,
    official,
    sample,
)

# Documented for the old conditional types of this endpoint only, which left it in 2025-12.
OLD_TRAILING = {"activatePrice", "priceRate"}


def finished_stop() -> tuple[Trader, dict[str, Any]]:
    trader = Trader()
    trader.order("BUY", 1)
    stop = trader.stop("SELL", 95, 1, clientAlgoId="guard")
    trader.move(94)
    return trader, trader.call("query_algo", algoId=stop["algoId"])


def test_place_reply_when_compared_with_the_official_example_lost_two_fields() -> None:
    reply = Trader().order("BUY", 1, 99)
    assert_same_shape(reply, official("rest_order_new"), gone={"avgPrice", "cumQuote"})


def test_place_reply_when_compared_with_the_ws_api_example_lost_two_fields() -> None:
    theirs = sample("official_docs_2026-05/wsapi_order.place.json")["examples"][-1]["result"]
    assert_same_shape(Trader().order("BUY", 1, 99), theirs, gone={"avgPrice", "cumQuote"})


def test_cancel_reply_when_compared_with_a_client_fixture_has_its_shape() -> None:
    trader = Trader()
    order = trader.order("BUY", 1, 99)
    reply = trader.call("cancel_order", symbol=SYMBOL, orderId=order["orderId"])
    theirs = client_fixture("jkorf_rest", "trading_CancelOrder")
    assert_same_shape(reply, theirs, gone=OLD_TRAILING | {"cumQuote"})
    assert reply["status"] == "CANCELED"


def test_query_reply_when_compared_with_a_client_fixture_keeps_the_average() -> None:
    trader = Trader()
    order = trader.order("BUY", 2)
    row = trader.call("query_order", symbol=SYMBOL, orderId=order["orderId"])
    theirs = client_fixture("jkorf_rest", "trading_GetOrder")
    assert_same_shape(row, theirs, gone=OLD_TRAILING)
    assert row["avgPrice"] == "100.10000"
    assert row["cumQuote"] == "200.2000"
    assert row["executedQty"] == "2.00"


def test_ack_reply_when_the_order_filled_still_shows_it_new() -> None:
    trader = Trader()
    reply = trader.order("BUY", 1, newOrderRespType="ACK")
    assert (reply["status"], reply["executedQty"], reply["cumQty"]) == ("NEW", "0.00", "0.00")
    order = trader.account.orders[reply["orderId"]]
    assert order_reply(rules(), order)["status"] == "FILLED"
    assert acknowledged(order_reply(rules(), order), rules()) == reply


def test_algo_reply_when_compared_with_the_official_example_has_its_shape() -> None:
    trader = Trader()
    trader.order("BUY", 1)
    assert_same_shape(trader.stop("SELL", 95, 1), official("rest_algoOrder_new"))


def test_algo_reply_when_trailing_shows_callback_and_activation() -> None:
    trader = Trader()
    trader.order("BUY", 1)
    params = {"type": "TRAILING_STOP_MARKET", "callbackRate": "1.5", "activatePrice": "110"}
    reply = trader.stop("SELL", None, 1, **params)
    assert (reply["callbackRate"], reply["activatePrice"]) == ("1.5", "110.00")


def test_algo_row_when_waiting_compared_with_the_official_example_has_its_shape() -> None:
    trader = Trader()
    trader.order("BUY", 1)
    trader.stop("SELL", 95, 1)
    [row] = trader.call("open_algos")
    assert_same_shape(row, official("rest_openAlgoOrders")[0])
    assert_same_shape(row, official("rest_algoOrder_query"))


def test_algo_row_when_finished_compared_with_a_live_row_has_its_shape() -> None:
    _, row = finished_stop()
    assert_same_shape(row, client_fixture("jkorf_rest", "trading_GetConditionalOrder"))
    assert row["algoStatus"] == "FINISHED"
    assert (row["actualPrice"], row["actualQty"], row["actualType"]) == (
        "93.90000",
        "1.00",
        "MARKET",
    )


def test_trade_rows_when_compared_with_the_official_example_have_its_shape() -> None:
    trader, _ = finished_stop()
    rows = trader.call("user_trades", symbol=SYMBOL)
    for row in rows:
        assert_same_shape(row, official("rest_userTrades")[0])
    assert [row["side"] for row in rows] == ["BUY", "SELL"]
    assert rows[1]["realizedPnl"] == "-6.20000000"
    assert rows[1]["quoteQty"] == "93.9000"


def test_income_rows_when_compared_with_a_client_fixture_have_its_shape() -> None:
    trader, _ = finished_stop()
    theirs = client_fixture("jkorf_rest", "account_GetIncomeHistory")[0]
    for row in trader.call("income"):
        # The fixture writes tranId as text, the venue's own examples write a number.
        assert_same_shape(row, theirs, other_type={"tranId"})
        assert isinstance(row["tranId"], int)


def test_cancel_replies_when_compared_with_the_official_examples_have_their_shape() -> None:
    trader = Trader()
    trader.order("BUY", 1)
    stop = trader.stop("SELL", 95, 1)
    reply = trader.call("cancel_algo", algoId=stop["algoId"])
    assert_same_shape(reply, official("rest_algoOrder_cancel"))
    assert (reply["code"], reply["msg"]) == ("200", "success")
    theirs = client_fixture("jkorf_rest", "trading_CancelAllConditionalOrders")
    assert trader.call("cancel_all_algos", symbol=SYMBOL) == theirs
    assert trader.call("cancel_all_orders", symbol=SYMBOL) == theirs
