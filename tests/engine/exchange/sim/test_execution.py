from __future__ import annotations

from engine.exchange.sim.execution import tradable_qty
from engine.exchange.sim.matching import BookDepth
from tests.engine.exchange.sim.exchange_builders import SYMBOL, Trader, dec, tick

THIN = BookDepth(level_notional=dec(1_000), level_gap=dec("0.001"))


def test_market_order_when_the_book_is_thin_fills_in_parts_at_worse_prices() -> None:
    trader = Trader(depth=THIN)
    reply = trader.order("BUY", 25)
    fills = [e["o"] for e in trader.events("ORDER_TRADE_UPDATE") if e["o"]["x"] == "TRADE"]
    assert [f["L"] for f in fills] == ["100.10", "100.30", "100.40"]
    assert [f["X"] for f in fills] == ["PARTIALLY_FILLED", "PARTIALLY_FILLED", "FILLED"]
    assert reply["status"] == "FILLED"


def test_market_order_when_beyond_the_take_bound_expires_with_reason_nine() -> None:
    trader = Trader(depth=BookDepth(level_notional=dec(1_000), level_gap=dec("0.02")))
    reply = trader.order("BUY", 100)
    assert (reply["status"], reply["executedQty"]) == ("EXPIRED", "29.36")
    assert trader.events("ORDER_TRADE_UPDATE")[-1]["o"]["er"] == "9"


def test_limit_order_when_it_does_not_cross_rests() -> None:
    trader = Trader()
    reply = trader.order("BUY", 1, 100)
    assert reply["status"] == "NEW"
    assert [o["orderId"] for o in trader.call("open_orders")] == [reply["orderId"]]


def test_limit_order_when_it_crosses_takes_up_to_its_price_and_rests_with_the_rest() -> None:
    trader = Trader(depth=THIN)
    reply = trader.order("BUY", 25, "100.3")
    assert (reply["status"], reply["executedQty"]) == ("PARTIALLY_FILLED", "19.96")
    trader.move("100.2")
    assert trader.call("query_order", symbol=SYMBOL, orderId=reply["orderId"])["status"] == "FILLED"


def test_resting_order_when_only_touched_waits_and_when_traded_through_fills_at_its_price() -> None:
    trader = Trader()
    order = trader.order("BUY", 1, 99)
    trader.move(99)
    assert trader.held() == 0
    trader.move(98)
    row = trader.call("query_order", symbol=SYMBOL, orderId=order["orderId"])
    assert (row["status"], row["avgPrice"]) == ("FILLED", "99.00000")


def test_resting_orders_when_several_are_reached_fill_best_price_first() -> None:
    trader = Trader()
    trader.order("BUY", 1, 98, newClientOrderId="low")
    trader.order("BUY", 1, 99, newClientOrderId="high")
    trader.events()
    trader.move(97)
    fills = [e["o"]["c"] for e in trader.events("ORDER_TRADE_UPDATE")]
    assert fills == ["high", "low"]


def test_ioc_when_not_filled_at_once_expires_with_reason_two() -> None:
    trader = Trader(depth=THIN)
    reply = trader.order("BUY", 25, "100.1", timeInForce="IOC")
    assert (reply["status"], reply["executedQty"]) == ("EXPIRED", "9.99")
    last = trader.events("ORDER_TRADE_UPDATE")[-1]["o"]
    assert (last["x"], last["X"], last["er"]) == ("EXPIRED", "EXPIRED", "2")
    assert trader.order("BUY", 1, 99, timeInForce="IOC")["status"] == "EXPIRED"


def test_fok_when_the_book_holds_enough_fills_whole() -> None:
    trader = Trader(depth=THIN)
    assert trader.order("BUY", 25, "100.4", timeInForce="FOK")["status"] == "FILLED"


def test_gtx_when_it_does_not_take_rests() -> None:
    assert Trader().order("BUY", 1, 100, timeInForce="GTX")["status"] == "NEW"


def test_reduce_only_market_when_larger_than_the_position_fills_the_position_only() -> None:
    trader = Trader()
    trader.order("BUY", 2)
    reply = trader.order("SELL", 5, reduceOnly="true")
    assert (reply["status"], reply["executedQty"]) == ("EXPIRED", "2.00")
    assert trader.events("ORDER_TRADE_UPDATE")[-1]["o"]["er"] == "4"
    assert trader.held() == 0


def test_resting_reduce_only_order_when_the_position_is_gone_expires_with_reason_four() -> None:
    trader = Trader()
    trader.order("BUY", 2)
    exit_order = trader.order("SELL", 2, 103, reduceOnly="true")
    plain = trader.order("SELL", 1, 104)
    trader.order("SELL", 2, "99.5", timeInForce="IOC")
    row = trader.call("query_order", symbol=SYMBOL, orderId=exit_order["orderId"])
    assert row["status"] == "EXPIRED"
    assert [o["orderId"] for o in trader.call("open_orders")] == [plain["orderId"]]


def test_resting_reduce_only_order_when_the_position_shrank_fills_what_is_left() -> None:
    trader = Trader()
    trader.order("BUY", 2)
    trader.order("SELL", 2, 103, reduceOnly="true")
    trader.order("SELL", "1.5")
    trader.move("103.1")
    assert trader.held() == 0
    assert trader.call("open_orders") == []


def test_tradable_when_reducing_is_capped_by_the_position() -> None:
    trader = Trader()
    trader.order("BUY", 1)
    trader.order("SELL", 3, 103, reduceOnly="true")
    [order] = trader.account.open_orders_of()
    assert tradable_qty(trader.account, order) == 1


def test_hedge_mode_when_both_sides_are_held_keeps_them_apart() -> None:
    trader = Trader()
    trader.call("set_position_mode", dualSidePosition="true")
    trader.order("BUY", 2, positionSide="LONG")
    trader.order("SELL", 3, positionSide="SHORT")
    assert (trader.held(side="LONG"), trader.held(side="SHORT")) == (2, -3)
    reply = trader.order("SELL", 5, positionSide="LONG")
    assert reply["executedQty"] == "2.00"
    assert (trader.held(side="LONG"), trader.held(side="SHORT")) == (0, -3)


def test_cancelled_order_when_partly_filled_keeps_its_fills() -> None:
    trader = Trader(depth=THIN)
    order = trader.order("BUY", 25, "100.1")
    reply = trader.call("cancel_order", symbol=SYMBOL, orderId=order["orderId"])
    assert (reply["status"], reply["executedQty"]) == ("CANCELED", "9.99")
    event = trader.events("ORDER_TRADE_UPDATE")[-1]["o"]
    assert (event["x"], event["X"], event["z"]) == ("CANCELED", "CANCELED", "9.99")
    trader.move(90)
    assert trader.held() == dec("9.99")


def test_order_without_client_id_when_entered_gets_one() -> None:
    trader = Trader()
    reply = trader.order("BUY", 1, 99)
    assert reply["clientOrderId"] == f"sim{reply['orderId']}"


def test_market_order_when_the_quote_moved_fills_at_the_quote() -> None:
    trader = Trader()
    trader.exchange.quote(SYMBOL, tick(102))
    trader.order("SELL", 1)
    assert trader.account.trades[-1].price == dec("101.9")
