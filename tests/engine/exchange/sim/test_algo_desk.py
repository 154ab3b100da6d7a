from __future__ import annotations

from typing import Any

import pytest

from engine.exchange.sim.matching import BookDepth
from tests.engine.exchange.sim.exchange_builders import OTHER, SYMBOL, Trader, dec, refused, tick


def holding(qty: object = 2, **kwargs: Any) -> Trader:
    trader = Trader(**kwargs)
    trader.order("BUY", qty)
    trader.events()
    return trader


def last_reason(trader: Trader) -> tuple[str, str]:
    event = trader.events("ALGO_UPDATE")[-1]["o"]
    return event["X"], event.get("rm", "")


def test_stop_when_the_market_gaps_through_fills_at_the_worse_price() -> None:
    trader = holding()
    stop = trader.stop("SELL", 95, 2)
    trader.move(91)
    row = trader.call("query_algo", algoId=stop["algoId"])
    assert (row["algoStatus"], row["actualPrice"]) == ("FINISHED", "90.90000")
    assert row["triggerTime"] == trader.now_ms
    assert trader.held() == 0


def test_stop_when_the_path_dips_and_recovers_has_fired_at_the_dip() -> None:
    trader = holding()
    trader.stop("SELL", 95, 2)
    trader.move(99, path=(98, "94.8", 99))
    assert trader.held() == 0
    assert trader.account.trades[-1].price == dec("94.7")


def test_stop_when_watching_the_mark_ignores_the_last_price() -> None:
    trader = holding()
    stop = trader.stop("SELL", 95, 2, workingType="MARK_PRICE")
    trader.move(94, mark=97)
    assert trader.algo_status(stop) == "NEW"
    trader.move(97, mark=95)
    assert trader.algo_status(stop) == "FINISHED"


def test_target_when_reached_takes_profit() -> None:
    trader = holding()
    target = trader.stop("SELL", 104, 2, type="TAKE_PROFIT_MARKET")
    trader.move("103.9")
    assert trader.algo_status(target) == "NEW"
    trader.move(104)
    assert trader.algo_status(target) == "FINISHED"
    assert trader.account.trades[-1].realised > 0


def test_entry_stop_when_reached_opens_a_position() -> None:
    trader = Trader()
    trader.stop("BUY", 102, 2, reduceOnly=None)
    trader.move(103)
    assert trader.held() == 2


def test_reduce_only_stop_when_the_position_is_gone_is_rejected_at_the_trigger() -> None:
    trader = holding()
    stop = trader.stop("SELL", 95, 2)
    trader.order("SELL", 2)
    assert trader.algo_status(stop) == "NEW"
    trader.move(94)
    assert last_reason(trader) == ("REJECTED", "Reduce Only reject")
    assert trader.held() == 0


def test_reduce_only_stop_when_larger_than_the_position_never_turns_it() -> None:
    trader = holding()
    stop = trader.stop("SELL", 95, 2)
    trader.order("SELL", "1.5")
    trader.move(94)
    row = trader.call("query_algo", algoId=stop["algoId"])
    assert (row["algoStatus"], row["actualQty"]) == ("FINISHED", "0.50")
    assert trader.held() == 0


def test_two_stops_when_both_fire_close_once_and_the_second_is_rejected() -> None:
    trader = holding()
    first, second = trader.stop("SELL", 95, 2), trader.stop("SELL", 96, 2)
    trader.move(90)
    assert trader.held() == 0
    assert [trader.algo_status(a) for a in (first, second)] == ["FINISHED", "REJECTED"]


def test_stop_when_replaced_may_stand_beside_its_successor() -> None:
    trader = holding()
    old = trader.stop("SELL", 95, 2)
    trader.stop("SELL", 96, 2)
    trader.call("cancel_algo", algoId=old["algoId"])
    assert [row["triggerPrice"] for row in trader.call("open_algos")] == ["96.00"]


def test_close_position_pair_when_of_different_kinds_may_coexist() -> None:
    trader = holding()
    trader.stop("SELL", 95, closePosition="true")
    trader.stop("SELL", 105, closePosition="true", type="TAKE_PROFIT_MARKET")
    refused(-4130, trader.stop, "SELL", 106, closePosition="true", type="TAKE_PROFIT_MARKET")
    trader.stop("SELL", 94, 2)


def test_close_position_stop_when_fired_closes_whatever_is_held_then() -> None:
    trader = holding()
    stop = trader.stop("SELL", 95, closePosition="true")
    trader.order("BUY", 3)
    trader.move(94)
    row = trader.call("query_algo", algoId=stop["algoId"])
    assert (row["algoStatus"], row["actualQty"], row["quantity"]) == ("FINISHED", "5.00", "0.00")
    child = next(o for o in trader.call("all_orders") if o["clientOrderId"] == stop["clientAlgoId"])
    assert (child["closePosition"], child["origType"]) == (True, "STOP_MARKET")


def test_entry_stop_when_margin_is_gone_at_the_trigger_is_rejected_with_the_reason() -> None:
    trader = Trader(seed_balance=100)
    trader.stop("BUY", 102, 15, reduceOnly=None)
    trader.order("BUY", 15, 99)
    trader.move(103)
    assert last_reason(trader) == ("REJECTED", "Margin is insufficient.")


def test_stop_when_the_book_ran_away_from_the_mark_is_rejected() -> None:
    trader = holding()
    trader.stop("SELL", 95, 2)
    trader.move(90, mark=99)
    status, reason = last_reason(trader)
    assert status == "REJECTED"
    assert "PERCENT_PRICE" in reason
    assert trader.held() == 2


def test_protected_stop_when_contract_and_mark_are_far_apart_expires() -> None:
    trader = holding()
    guarded = trader.stop("SELL", 96, 2, priceProtect="true")
    trader.move(94, mark=100)
    assert trader.algo_status(guarded) == "EXPIRED"
    assert trader.held() == 2


def test_fault_when_armed_rejects_the_next_trigger_of_its_symbol_only() -> None:
    trader = holding()
    trader.order("BUY", 1, symbol=OTHER)
    trader.exchange.reject_next_trigger(SYMBOL, "planted")
    other = trader.stop("SELL", 95, 1, symbol=OTHER)
    mine = trader.stop("SELL", 95, 1)
    again = trader.stop("SELL", 94, 1)
    trader.move(95, symbol=OTHER)
    trader.move(95)
    assert last_reason(trader) == ("REJECTED", "planted")
    trader.move(94)
    statuses = [trader.algo_status(a) for a in (other, mine, again)]
    assert statuses == ["FINISHED", "REJECTED", "FINISHED"]


def test_delayed_trigger_when_time_passes_fires_at_the_price_of_then() -> None:
    trader = holding(trigger_delay_ms=500)
    stop = trader.stop("SELL", 95, 2)
    trader.move(94)
    assert trader.algo_status(stop) == "TRIGGERING"
    trader.wait(499)
    assert trader.held() == 2
    trader.move(92, after_ms=0)
    trader.wait(1)
    assert trader.algo_status(stop) == "FINISHED"
    assert trader.account.trades[-1].price == dec("91.9")


def test_trailing_stop_when_the_market_turns_fires_behind_its_best() -> None:
    trader = holding()
    params = {"type": "TRAILING_STOP_MARKET", "callbackRate": 2}
    stop = trader.stop("SELL", None, 2, **params)
    trader.move(110)
    trader.move("107.9")
    assert trader.algo_status(stop) == "NEW"
    trader.move("107.8")
    assert trader.algo_status(stop) == "FINISHED"


@pytest.mark.parametrize(("side", "bad", "good"), [("SELL", 100, 101), ("BUY", 100, 99)])
def test_trailing_stop_when_its_activation_is_already_reached_is_refused(
    side: str, bad: int, good: int
) -> None:
    trader = Trader()
    params = {"type": "TRAILING_STOP_MARKET", "callbackRate": 1, "reduceOnly": None}
    refused(-2021, trader.stop, side, None, 1, activatePrice=bad, **params)
    trader.stop(side, None, 1, activatePrice=good, **params)


def test_client_id_when_taken_by_an_open_conditional_order_is_refused_until_it_is_done() -> None:
    trader = holding()
    trader.stop("SELL", 95, 1, clientAlgoId="guard")
    refused(-4116, trader.stop, "SELL", 94, 1, clientAlgoId="guard")
    trader.call("cancel_algo", clientAlgoId="guard")
    again = trader.stop("SELL", 94, 1, clientAlgoId="guard")
    assert trader.call("query_algo", clientAlgoId="guard")["algoId"] == again["algoId"]


def test_cancel_all_when_called_spares_regular_orders_and_other_symbols() -> None:
    trader = holding()
    trader.order("BUY", 1, 99)
    trader.order("BUY", 1, symbol=OTHER)
    trader.stop("SELL", 95, 1)
    trader.stop("SELL", 95, 1, symbol=OTHER)
    trader.call("cancel_all_algos", symbol=SYMBOL)
    assert [row["symbol"] for row in trader.call("open_algos")] == [OTHER]
    assert trader.call("open_algos", symbol=SYMBOL) == []
    assert len(trader.call("open_orders")) == 1


def test_all_algos_when_listed_include_the_ended_ones() -> None:
    trader = holding()
    first = trader.stop("SELL", 95, 1)
    trader.call("cancel_algo", algoId=first["algoId"])
    second = trader.stop("SELL", 94, 1)
    rows = trader.call("all_algos", symbol=SYMBOL)
    assert [row["algoStatus"] for row in rows] == ["CANCELED", "NEW"]
    assert len(trader.call("all_algos", symbol=SYMBOL, algoId=second["algoId"])) == 1
    assert trader.call("all_algos", symbol=OTHER) == []


def test_margin_when_a_conditional_order_waits_is_not_bound() -> None:
    trader = Trader(seed_balance=100)
    before = trader.call("account_v3")["availableBalance"]
    trader.stop("BUY", 102, 500, reduceOnly=None)
    assert trader.call("account_v3")["availableBalance"] == before


def test_partly_filled_stop_when_the_book_ends_finishes_with_what_it_got() -> None:
    trader = holding(20)
    trader.world.behaviour.depth_by_symbol[SYMBOL] = BookDepth(dec(500), dec("0.03"))
    stop = trader.stop("SELL", 95, 20)
    trader.move(95)
    row = trader.call("query_algo", algoId=stop["algoId"])
    assert row["algoStatus"] == "FINISHED"
    assert 0 < dec(row["actualQty"]) < 20
    assert trader.held() == 20 - dec(row["actualQty"])


def test_trigger_when_only_the_quote_moved_fires_on_the_mark_but_fills_no_maker() -> None:
    trader = holding()
    stop = trader.stop("SELL", 95, 2, workingType="MARK_PRICE")
    trader.order("BUY", 1, 99)
    trader.exchange.on_tick(SYMBOL, tick(95, path=()), trader.now_ms)
    assert trader.algo_status(stop) == "FINISHED"
    assert len(trader.call("open_orders")) == 1
