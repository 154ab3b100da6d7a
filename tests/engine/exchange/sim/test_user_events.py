from __future__ import annotations

from typing import Any

from tests.engine.exchange.sim.exchange_builders import SYMBOL, Trader
from tests.engine.exchange.sim.shapes import assert_same_shape, official, sample

# Sent for old trailing stops only; the trailing stop's child is a plain market order.
TRAILING_ONLY = {"AP", "cr"}


def stopped_out() -> dict[str, list[dict[str, Any]]]:
    """Every event of one position opened, protected and stopped out, by kind."""
    trader = Trader()
    trader.order("BUY", 1, newClientOrderId="entry")
    trader.stop("SELL", 95, 1, clientAlgoId="guard")
    trader.move(94)
    kinds: dict[str, list[dict[str, Any]]] = {}
    for event in trader.events():
        kinds.setdefault(event["e"], []).append(event)
    return kinds


def test_order_event_when_filled_has_the_official_shape() -> None:
    new, traded = stopped_out()["ORDER_TRADE_UPDATE"][:2]
    theirs = official("ORDER_TRADE_UPDATE")
    assert_same_shape(traded, theirs)
    assert_same_shape(traded["o"], theirs["o"], gone=TRAILING_ONLY)
    assert_same_shape(new["o"], theirs["o"], gone=TRAILING_ONLY | {"n", "N"})
    assert (new["o"]["x"], new["o"]["X"]) == ("NEW", "NEW")
    assert (traded["o"]["x"], traded["o"]["X"]) == ("TRADE", "FILLED")


def test_order_event_when_filled_tells_price_fee_and_profit() -> None:
    order = stopped_out()["ORDER_TRADE_UPDATE"][-1]["o"]
    assert (order["L"], order["l"], order["z"], order["ap"]) == ("93.90", "1.00", "1.00", "93.9")
    assert (order["n"], order["N"], order["rp"]) == ("0.04695000", "USDT", "-6.20000000")
    assert (order["m"], order["R"], order["er"]) == (False, True, "0")


def test_child_order_event_when_triggered_keeps_the_client_id_under_a_new_number() -> None:
    events = stopped_out()
    child = events["ORDER_TRADE_UPDATE"][-1]["o"]
    entry = events["ORDER_TRADE_UPDATE"][0]["o"]
    triggered = events["ALGO_UPDATE"][-2]["o"]
    assert child["c"] == "guard"
    assert str(child["i"]) == triggered["ai"]
    assert child["i"] != entry["i"]
    assert (child["o"], child["ot"], child["sp"]) == ("MARKET", "STOP_MARKET", "95.00")


def test_trade_lite_when_filled_has_the_official_shape_and_the_same_trade() -> None:
    events = stopped_out()
    assert_same_shape(events["TRADE_LITE"][0], official("TRADE_LITE"))
    traded = [e["o"]["t"] for e in events["ORDER_TRADE_UPDATE"] if e["o"]["x"] == "TRADE"]
    assert [e["t"] for e in events["TRADE_LITE"]] == traded


def test_account_event_when_filled_has_the_official_shape() -> None:
    event = stopped_out()["ACCOUNT_UPDATE"][0]
    theirs = official("ACCOUNT_UPDATE")
    assert_same_shape(event, theirs)
    assert_same_shape(event["a"], theirs["a"])
    assert_same_shape(event["a"]["B"][0], theirs["a"]["B"][0])
    assert_same_shape(event["a"]["P"][0], theirs["a"]["P"][0])
    assert (event["a"]["m"], event["a"]["B"][0]["bc"]) == ("ORDER", "0")
    assert event["a"]["P"][0]["pa"] == "1"


def test_events_when_a_fill_happens_come_in_the_venues_order() -> None:
    trader = Trader()
    trader.order("BUY", 1)
    kinds = [e["e"] for e in trader.events()]
    assert kinds == ["ORDER_TRADE_UPDATE", "TRADE_LITE", "ACCOUNT_UPDATE", "ORDER_TRADE_UPDATE"]


def test_algo_events_when_stopped_out_walk_through_the_four_states() -> None:
    events = [e["o"] for e in stopped_out()["ALGO_UPDATE"]]
    assert [o["X"] for o in events] == ["NEW", "TRIGGERING", "TRIGGERED", "FINISHED"]
    new, triggering, triggered, finished = events
    assert (triggering["ai"], "ap" in triggering, "aq" in triggering) == ("", False, False)
    assert triggered["ai"] == finished["ai"] != ""
    assert (triggered["aq"], finished["aq"], finished["ap"]) == ("0.00", "1.00", "93.90000")
    assert (new["act"], finished["act"], new["tt"]) == ("0", "MARKET", 0)
    assert "rm" not in finished


def test_algo_event_when_new_has_the_official_shape() -> None:
    event = stopped_out()["ALGO_UPDATE"][0]
    theirs = official("ALGO_UPDATE")
    assert_same_shape(event, theirs)
    assert_same_shape(event["o"], theirs["o"], gone={"rm"})
    fixture = sample("jkorf_ws/stream_AlgoOrderUpdate.json")["messages"][-1]["data"]
    assert_same_shape(event["o"], fixture["o"])


def test_algo_event_when_trailing_tells_whether_it_is_activated() -> None:
    trader = Trader()
    trader.order("BUY", 1)
    trader.events()
    params = {"type": "TRAILING_STOP_MARKET", "callbackRate": 1, "activatePrice": 103}
    trader.stop("SELL", None, 1, **params)
    trader.move(104)
    first, second = trader.events("ALGO_UPDATE")
    assert (first["o"]["X"], first["o"]["ia"]) == ("NEW", False)
    assert (second["o"]["X"], second["o"]["ia"]) == ("NEW", True)


def test_config_events_when_settings_change_have_the_official_shape() -> None:
    trader = Trader()
    trader.call("set_leverage", symbol=SYMBOL, leverage=7)
    trader.call("set_multi_assets", multiAssetsMargin="true")
    leverage, assets = trader.events("ACCOUNT_CONFIG_UPDATE")
    by_leverage, by_assets = sample("official_docs_2026-05/ACCOUNT_CONFIG_UPDATE.json")["examples"]
    assert_same_shape(leverage, by_leverage)
    assert leverage["ac"] == {"s": SYMBOL, "l": 7}
    assert_same_shape(assets, by_assets)
    assert assets["ai"] == {"j": True}


def test_margin_call_when_sent_has_the_official_shape() -> None:
    trader = Trader(seed_balance=100)
    trader.order("BUY", 15)
    trader.move("94.5")
    [event] = trader.events("MARGIN_CALL")
    theirs = official("MARGIN_CALL")
    assert_same_shape(event, theirs)
    assert_same_shape(event["p"][0], theirs["p"][0])
    assert event["p"][0]["mt"] == "CROSSED"
