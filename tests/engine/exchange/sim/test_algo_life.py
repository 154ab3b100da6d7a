from __future__ import annotations

from decimal import Decimal

from engine.exchange.sim.algo_life import WHATEVER_IS_HELD, expire_orphans
from tests.engine.exchange.sim.exchange_builders import SYMBOL, Trader, dec, refused


def kinds_of(trader: Trader) -> list[tuple[str, Decimal]]:
    wanted = {"stop_confirmed", "stop_gone"}
    return [(f.kind, f.qty) for f in trader.exchange.ledger.facts if f.kind in wanted]


def holding(qty: object = 2) -> Trader:
    trader = Trader()
    trader.order("BUY", qty)
    return trader


def test_stop_when_confirmed_and_cancelled_is_in_the_history_with_its_side() -> None:
    trader = holding()
    stop = trader.stop("SELL", 95, 2)
    trader.call("cancel_algo", algoId=stop["algoId"])
    assert kinds_of(trader) == [("stop_confirmed", dec(-2)), ("stop_gone", dec(0))]


def test_stop_when_closing_whatever_is_held_is_recorded_without_a_size() -> None:
    trader = holding()
    trader.stop("SELL", 95, closePosition="true")
    assert kinds_of(trader) == [("stop_confirmed", -WHATEVER_IS_HELD)]


def test_target_when_confirmed_is_no_protection() -> None:
    trader = holding()
    trader.stop("SELL", 105, 2, type="TAKE_PROFIT_MARKET")
    trader.stop("BUY", 105, 2, reduceOnly=None)
    assert kinds_of(trader) == []


def test_trailing_stop_when_activated_becomes_protection() -> None:
    trader = holding()
    params = {"type": "TRAILING_STOP_MARKET", "callbackRate": 1, "activatePrice": 103}
    trader.stop("SELL", None, 2, **params)
    assert kinds_of(trader) == []
    trader.move(104)
    assert kinds_of(trader) == [("stop_confirmed", dec(-2))]


def test_close_position_orders_when_the_position_closes_expire_and_others_stay() -> None:
    trader = holding()
    whole = trader.stop("SELL", 95, closePosition="true")
    target = trader.stop("SELL", 105, closePosition="true", type="TAKE_PROFIT_MARKET")
    sized = trader.stop("SELL", 94, 2)
    trader.order("SELL", 2)
    assert trader.algo_status(whole) == trader.algo_status(target) == "EXPIRED"
    assert trader.algo_status(sized) == "NEW"
    assert [row["algoId"] for row in trader.call("open_algos")] == [sized["algoId"]]


def test_close_position_order_when_the_position_turns_expires() -> None:
    trader = holding()
    stop = trader.stop("SELL", 95, closePosition="true")
    trader.order("SELL", 3)
    assert trader.algo_status(stop) == "EXPIRED"


def test_orphans_when_something_is_still_held_stay() -> None:
    trader = holding()
    stop = trader.stop("SELL", 95, closePosition="true")
    trader.order("SELL", 1)
    expire_orphans(trader.world, trader.account, SYMBOL, "BOTH", trader.now_ms)
    assert trader.algo_status(stop) == "NEW"


def test_limit_child_when_it_rests_keeps_its_parent_triggered_until_done() -> None:
    trader = holding()
    stop = trader.stop("SELL", 98, 2, type="STOP", price="99.5")
    trader.move("97.9")
    assert trader.algo_status(stop) == "TRIGGERED"
    [child] = trader.call("open_orders")
    assert child["clientOrderId"] == stop["clientAlgoId"]
    trader.move("99.6")
    assert trader.algo_status(stop) == "FINISHED"
    assert trader.held() == 0


def test_limit_child_when_cancelled_finishes_its_parent_unfilled() -> None:
    trader = holding()
    stop = trader.stop("SELL", 98, 2, type="STOP", price="99.5")
    trader.move("97.9")
    trader.call("cancel_order", symbol=SYMBOL, origClientOrderId=stop["clientAlgoId"])
    last = trader.events("ALGO_UPDATE")[-1]["o"]
    assert (last["X"], last["aq"]) == ("FINISHED", "0.00")
    refused(-2011, trader.call, "cancel_algo", algoId=stop["algoId"])
