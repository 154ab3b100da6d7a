from __future__ import annotations

import pytest

from engine.exchange.sim.matching import BookDepth
from tests.engine.exchange.sim.exchange_builders import OTHER, SYMBOL, Trader, dec, refused
from tests.engine.exchange.sim.shapes import assert_same_shape, client_fixture, official

DAY_MS = 86_400_000


def test_leverage_when_set_answers_with_its_cap_and_binds_less_margin() -> None:
    trader = Trader()
    reply = trader.call("set_leverage", symbol=SYMBOL, leverage=50)
    assert reply == {"leverage": 50, "maxNotionalValue": "25000", "symbol": SYMBOL}
    assert_same_shape(reply, client_fixture("jkorf_rest", "account_ChangeInitialLeverage"))
    trader.order("BUY", 10, 99)
    assert trader.call("account_v3")["totalOpenOrderInitialMargin"] == "19.80000000"


@pytest.mark.parametrize("leverage", ["0", "76", "-5", "ten", "2.5"])
def test_leverage_when_out_of_range_or_no_number_is_refused(leverage: str) -> None:
    with pytest.raises(Exception, match=r"-4028|-1130"):
        Trader().call("set_leverage", symbol=SYMBOL, leverage=leverage)


def test_leverage_when_raised_above_what_the_position_allows_is_refused() -> None:
    trader = Trader()
    trader.order("BUY", 300)
    refused(-2027, trader.call, "set_leverage", symbol=SYMBOL, leverage=50)
    trader.call("set_leverage", symbol=SYMBOL, leverage=25)
    assert trader.call("symbol_config", symbol=SYMBOL)[0]["leverage"] == 25


def test_leverage_when_lowered_in_cross_with_enough_margin_is_accepted() -> None:
    trader = Trader()
    trader.order("BUY", 10)
    trader.call("set_leverage", symbol=SYMBOL, leverage=1)
    assert trader.call("account_v3")["totalPositionInitialMargin"] == "1000.00000000"


def test_leverage_when_raised_under_an_isolated_position_is_accepted() -> None:
    trader = Trader()
    trader.call("set_margin_type", symbol=SYMBOL, marginType="ISOLATED")
    trader.order("BUY", 1)
    trader.call("set_leverage", symbol=SYMBOL, leverage=25)
    refused(-4161, trader.call, "set_leverage", symbol=SYMBOL, leverage=24)


def test_margin_type_when_set_is_per_symbol() -> None:
    trader = Trader()
    trader.order("BUY", 1, symbol=OTHER)
    reply = trader.call("set_margin_type", symbol=SYMBOL, marginType="ISOLATED")
    assert reply == client_fixture("jkorf_rest", "account_ChangeMarginType")
    types = {row["symbol"]: row["marginType"] for row in trader.call("symbol_config")}
    assert types == {SYMBOL: "ISOLATED", OTHER: "CROSSED"}
    refused(-1130, trader.call, "set_margin_type", symbol=SYMBOL, marginType="isolated")


def test_position_mode_when_switched_is_read_back() -> None:
    trader = Trader()
    assert trader.call("get_position_mode") == {"dualSidePosition": False}
    assert trader.call("set_position_mode", dualSidePosition="true")["code"] == 200
    assert trader.call("get_position_mode") == {"dualSidePosition": True}
    assert trader.call("account_config")["dualSidePosition"] is True


def test_multi_assets_when_switched_is_read_back() -> None:
    trader = Trader()
    theirs = client_fixture("jkorf_rest", "account_GetMultiAssetsMode")
    assert_same_shape(trader.call("get_multi_assets"), theirs)
    trader.call("set_multi_assets", multiAssetsMargin="true")
    assert trader.call("get_multi_assets") == {"multiAssetsMargin": True}
    refused(-4171, trader.call, "set_multi_assets", multiAssetsMargin="true")


def test_brackets_when_listed_have_the_official_shape() -> None:
    trader = Trader()
    rows = trader.call("leverage_brackets")
    # notionalCoef is sent only to accounts with a coefficient of their own.
    assert_same_shape(rows[0], official("rest_leverageBracket")[0], gone={"notionalCoef"})
    assert [row["symbol"] for row in rows] == [SYMBOL, OTHER]
    assert len(trader.call("leverage_brackets", symbol=OTHER)) == 1
    refused(-1121, trader.call, "leverage_brackets", symbol="NOTHERE")


def test_commission_rate_when_asked_is_vip_zero() -> None:
    reply = Trader().call("commission_rate", symbol=SYMBOL)
    assert (reply["makerCommissionRate"], reply["takerCommissionRate"]) == ("0.0002", "0.0005")


def test_trades_when_filtered_by_order_id_window_or_limit_are_the_right_ones() -> None:
    trader = Trader(depth=BookDepth(level_notional=dec(1_000), level_gap=dec("0.001")))
    first = trader.order("BUY", 25)
    trader.now_ms += 1000
    second = trader.order("SELL", 5)
    trader.order("SELL", 1, symbol=OTHER)

    def orders(**params: object) -> list[int]:
        rows = trader.call("user_trades", symbol=SYMBOL, **params)
        return [row["orderId"] for row in rows]

    a, b = first["orderId"], second["orderId"]
    assert orders() == [a, a, a, b]
    assert orders(orderId=b) == [b]
    assert orders(limit=2) == [a, b]
    assert orders(startTime=trader.now_ms) == [b]
    assert orders(endTime=trader.now_ms - 1) == [a, a, a]
    last = trader.call("user_trades", symbol=SYMBOL)[-1]["id"]
    assert orders(fromId=last) == [b]
    refused(-1102, trader.call, "user_trades")


def test_income_when_filtered_and_paged_is_oldest_first() -> None:
    trader = Trader()
    for _ in range(3):
        trader.now_ms += 1000
        trader.order("BUY", 1)
    rows = trader.call("income")
    assert [row["incomeType"] for row in rows] == ["COMMISSION"] * 3
    assert [row["time"] for row in rows] == sorted(row["time"] for row in rows)
    start = rows[0]["time"]
    assert trader.call("income", startTime=start, limit=2) == rows[:2]
    assert trader.call("income", startTime=start, limit=2, page=2) == rows[2:]
    assert trader.call("income", limit=1) == rows[2:]
    assert trader.call("income", incomeType="FUNDING_FEE") == []
    assert trader.call("income", symbol=OTHER) == []
    trader.now_ms += 8 * DAY_MS
    assert trader.call("income") == []


def test_countdown_when_armed_echoes_the_time_as_text() -> None:
    trader = Trader()
    reply = trader.call("countdown_cancel_all", symbol=SYMBOL, countdownTime=100_000)
    assert_same_shape(reply, official("rest_countdownCancelAll"))
    assert reply == {"symbol": SYMBOL, "countdownTime": "100000"}
    assert trader.account.countdowns == {SYMBOL: trader.now_ms + 100_000}
    trader.call("countdown_cancel_all", symbol=SYMBOL, countdownTime=0)
    assert trader.account.countdowns == {}


def test_positions_when_the_symbol_is_unknown_are_refused() -> None:
    trader = Trader()
    refused(-1121, trader.call, "position_risk_v3", symbol="NOTHERE")
    assert trader.call("position_risk_v3", symbol=SYMBOL) == []
    assert trader.call("balance_v3")[0]["balance"] == "10000.00000000"
