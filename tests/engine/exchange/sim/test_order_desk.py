from __future__ import annotations

from tests.engine.exchange.sim.exchange_builders import OTHER, SYMBOL, Trader, refused

DAY_MS = 86_400_000


def test_cancel_when_named_by_client_id_cancels_that_order() -> None:
    trader = Trader()
    trader.order("BUY", 1, 99, newClientOrderId="a")
    trader.order("BUY", 1, 98, newClientOrderId="b")
    trader.call("cancel_order", symbol=SYMBOL, origClientOrderId="a")
    assert [o["clientOrderId"] for o in trader.call("open_orders")] == ["b"]
    refused(-2011, trader.call, "cancel_order", symbol=SYMBOL, origClientOrderId="a")


def test_cancel_when_the_symbol_is_another_does_not_know_the_order() -> None:
    trader = Trader()
    order = trader.order("BUY", 1, 99)
    refused(-2011, trader.call, "cancel_order", symbol=OTHER, orderId=order["orderId"])
    refused(-2013, trader.call, "query_order", symbol=OTHER, orderId=order["orderId"])
    refused(-1102, trader.call, "cancel_order", symbol=SYMBOL)


def test_client_id_when_its_order_is_done_may_be_used_again_and_means_the_newest() -> None:
    trader = Trader()
    first = trader.order("BUY", 1, 99, newClientOrderId="a")
    trader.call("cancel_order", symbol=SYMBOL, origClientOrderId="a")
    second = trader.order("BUY", 1, 99, newClientOrderId="a")
    row = trader.call("query_order", symbol=SYMBOL, origClientOrderId="a")
    assert row["orderId"] == second["orderId"] != first["orderId"]


def test_cancel_all_when_called_spares_other_symbols_and_conditional_orders() -> None:
    trader = Trader()
    trader.order("BUY", 1)
    trader.order("BUY", 1, 99)
    trader.order("BUY", 1, 98)
    trader.order("BUY", 1, 99, symbol=OTHER)
    trader.stop("SELL", 95, 1)
    reply = trader.call("cancel_all_orders", symbol=SYMBOL)
    assert reply["code"] == 200
    assert [o["symbol"] for o in trader.call("open_orders")] == [OTHER]
    assert trader.call("open_orders", symbol=SYMBOL) == []
    assert len(trader.call("open_algos")) == 1


def test_open_orders_when_listed_never_include_conditional_ones() -> None:
    trader = Trader()
    trader.order("BUY", 1)
    trader.stop("SELL", 95, 1)
    assert trader.call("open_orders") == []
    refused(-1121, trader.call, "open_orders", symbol="NOTHERE")


def test_all_orders_when_asked_by_window_or_id_returns_them_oldest_first() -> None:
    trader = Trader()
    first = trader.order("BUY", 1, 99)
    start = trader.now_ms
    trader.now_ms += 1000
    second = trader.order("BUY", 1)
    trader.order("BUY", 1, symbol=OTHER)

    def ids(**params: object) -> list[int]:
        return [row["orderId"] for row in trader.call("all_orders", symbol=SYMBOL, **params)]

    both = [first["orderId"], second["orderId"]]
    assert ids() == both
    assert ids(limit=1) == both[1:]
    assert ids(startTime=start, limit=1) == both[:1]
    assert ids(endTime=start) == both[:1]
    assert ids(orderId=second["orderId"]) == both[1:]
    assert len(trader.call("all_orders")) == 3
    refused(-4165, trader.call, "all_orders", startTime=0, endTime=8 * DAY_MS)


def test_place_when_accounts_differ_keeps_them_apart() -> None:
    trader = Trader()
    trader.order("BUY", 1, 99, newClientOrderId="same")
    trader.name = "bob"
    trader.order("BUY", 1, 99, newClientOrderId="same")
    assert len(trader.call("open_orders")) == 1
    trader.call("cancel_all_orders", symbol=SYMBOL)
    trader.name = "alice"
    assert len(trader.call("open_orders")) == 1


def test_events_when_accounts_differ_carry_their_owner() -> None:
    trader = Trader()
    trader.order("BUY", 1, 99)
    trader.name = "bob"
    trader.order("BUY", 1, 99)
    assert [name for name, _ in trader.exchange.drain_events()] == ["alice", "bob"]
    assert trader.exchange.drain_events() == []
