from __future__ import annotations

from tests.engine.exchange.sim.exchange_builders import (
    OTHER,
    START_MS,
    SYMBOL,
    Trader,
    assert_books_balance,
    dec,
    refused,
    rules,
)

DAY_MS = 86_400_000


def test_good_till_date_when_it_comes_expires_both_families() -> None:
    trader = Trader()
    until = START_MS + 700_000
    gtd = {"timeInForce": "GTD", "goodTillDate": until}
    trader.order("BUY", 1, 99, **gtd)
    stop = trader.stop("BUY", 103, 1, reduceOnly=None, **gtd)
    trader.wait(699_999)
    assert len(trader.call("open_orders")) == 1
    trader.wait(1)
    assert trader.call("open_orders") == []
    assert trader.algo_status(stop) == "EXPIRED"


def test_countdown_when_it_runs_out_cancels_regular_orders_of_the_symbol_only() -> None:
    trader = Trader()
    trader.order("BUY", 1)
    trader.order("BUY", 1, 99)
    trader.order("BUY", 1, 99, symbol=OTHER)
    trader.stop("SELL", 95, 1)
    trader.call("countdown_cancel_all", symbol=SYMBOL, countdownTime=5_000)
    trader.wait(4_999)
    assert len(trader.call("open_orders")) == 2
    trader.call("countdown_cancel_all", symbol=SYMBOL, countdownTime=5_000)
    trader.wait(4_999)
    assert len(trader.call("open_orders")) == 2
    trader.wait(1)
    assert [o["symbol"] for o in trader.call("open_orders")] == [OTHER]
    assert len(trader.call("open_algos")) == 1
    assert trader.account.countdowns == {}


def test_countdown_when_told_to_take_stops_too_leaves_nothing() -> None:
    trader = Trader(countdown_cancels_algos=True)
    trader.order("BUY", 1)
    trader.stop("SELL", 95, 1)
    trader.call("countdown_cancel_all", symbol=SYMBOL, countdownTime=5_000)
    trader.wait(5_000)
    assert trader.call("open_algos") == []


def test_delisting_when_its_time_comes_settles_positions_and_ends_orders() -> None:
    trader = Trader(rules(delivery_ms=START_MS + 60_000), rules(OTHER))
    trader.order("BUY", 2)
    trader.order("BUY", 1, 99)
    stop = trader.stop("SELL", 95, 2)
    trader.move("104", after_ms=30_000)
    trader.wait(30_000)
    assert trader.held() == 0
    assert trader.call("open_orders") == []
    assert trader.algo_status(stop) == "EXPIRED"
    events = [e["o"] for e in trader.events("ORDER_TRADE_UPDATE")]
    assert [o["X"] for o in events if o["er"] == "7"] == ["EXPIRED"]
    settled = [o for o in events if o["c"].startswith("settlement_autoclose-")]
    assert (settled[-1]["X"], settled[-1]["L"]) == ("FILLED", "104.00")
    refused(-4140, trader.order, "BUY", 1)
    trader.order("BUY", 1, symbol=OTHER)
    assert_books_balance(trader)


def test_delisting_when_done_shows_in_exchange_info() -> None:
    trader = Trader(rules(delivery_ms=START_MS + 1), rules(OTHER))
    trader.wait(1)
    statuses = {row["symbol"]: row["status"] for row in trader.exchange.exchange_info(0)["symbols"]}
    assert statuses == {SYMBOL: "SETTLING", OTHER: "TRADING"}


def test_unfilled_ends_when_three_days_old_are_forgotten_and_fills_stay() -> None:
    trader = Trader()
    filled = trader.order("BUY", 1)
    gone = trader.order("BUY", 1, 99)
    trader.call("cancel_order", symbol=SYMBOL, orderId=gone["orderId"])
    resting = trader.order("BUY", 1, 98)
    stop = trader.stop("SELL", 95, 1)
    trader.call("cancel_algo", algoId=stop["algoId"])
    waiting = trader.stop("SELL", 95, 1)
    trader.wait(3 * DAY_MS + 1)
    refused(-2013, trader.call, "query_order", symbol=SYMBOL, orderId=gone["orderId"])
    refused(-2013, trader.call, "query_algo", algoId=stop["algoId"])
    for order in (filled, resting):
        trader.call("query_order", symbol=SYMBOL, orderId=order["orderId"])
    assert trader.algo_status(waiting) == "NEW"


def test_everything_ended_when_ninety_days_old_is_forgotten() -> None:
    trader = Trader()
    filled = trader.order("BUY", 1)
    trader.wait(90 * DAY_MS + 1)
    refused(-2013, trader.call, "query_order", symbol=SYMBOL, orderId=filled["orderId"])
    assert trader.account.trades == []
    assert trader.held() == dec(1)
