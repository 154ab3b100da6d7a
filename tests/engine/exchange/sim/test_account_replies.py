from __future__ import annotations

from decimal import Decimal

from engine.exchange.sim.account_replies import shown_positions
from tests.engine.exchange.sim.exchange_builders import OTHER, SYMBOL, Trader, dec
from tests.engine.exchange.sim.shapes import assert_same_shape, client_fixture, official


def trader_in_position() -> Trader:
    trader = Trader()
    trader.order("BUY", 10)
    trader.order("BUY", 1, 98, symbol=OTHER)
    trader.move(102)
    return trader


def test_account_when_compared_with_a_client_fixture_has_its_shape() -> None:
    reply = trader_in_position().call("account_v3")
    theirs = client_fixture("jkorf_rest", "account_GetAccountInfoV3")
    assert_same_shape(reply, theirs)
    assert_same_shape(reply["assets"][0], theirs["assets"][0])
    assert_same_shape(reply["positions"][0], theirs["positions"][0])


def test_balance_when_compared_with_a_client_fixture_has_its_shape() -> None:
    [row] = trader_in_position().call("balance_v3")
    assert_same_shape(row, client_fixture("jkorf_rest", "account_GetBalances")[0])


def test_position_risk_when_compared_with_the_official_example_has_its_shape() -> None:
    rows = trader_in_position().call("position_risk_v3")
    for row in rows:
        assert_same_shape(row, official("rest_positionRisk_v3")[0])
    assert [row["symbol"] for row in rows] == [SYMBOL, OTHER]


def test_position_risk_when_a_position_stands_shows_its_numbers() -> None:
    [row] = trader_in_position().call("position_risk_v3", symbol=SYMBOL)
    assert (row["positionAmt"], row["entryPrice"]) == ("10.00", "100.10000")
    assert (row["unRealizedProfit"], row["notional"]) == ("19.00000000", "1020.00000000")
    assert row["markPrice"] == "102.00000000"
    assert (row["initialMargin"], row["maintMargin"]) == ("51.00000000", "10.20000000")
    assert row["isolatedMargin"] == row["isolatedWallet"] == "0"


def test_position_risk_when_orders_wait_too_adds_their_margin() -> None:
    trader = trader_in_position()
    trader.order("BUY", 1, 98)
    [row] = trader.call("position_risk_v3", symbol=SYMBOL)
    assert (row["positionInitialMargin"], row["openOrderInitialMargin"]) == (
        "51.00000000",
        "4.90000000",
    )
    assert row["initialMargin"] == "55.90000000"
    assert (row["bidNotional"], row["askNotional"]) == ("98", "0")


def test_position_risk_when_isolated_shows_the_margin_set_aside() -> None:
    trader = Trader()
    trader.call("set_margin_type", symbol=SYMBOL, marginType="ISOLATED")
    trader.order("SELL", 10)
    [row] = trader.call("position_risk_v3")
    assert row["isolatedWallet"] == "49.95000000"
    assert row["isolatedMargin"] == "48.95000000"
    assert row["positionAmt"] == "-10.00"
    assert Decimal(row["liquidationPrice"]) > 100


def test_positions_when_neither_held_nor_ordered_are_not_shown() -> None:
    trader = Trader()
    trader.order("BUY", 1)
    trader.order("SELL", 1)
    assert shown_positions(trader.account) == []
    trader.order("BUY", 1, 99)
    assert [p.symbol for p in shown_positions(trader.account)] == [SYMBOL]
    assert shown_positions(trader.account, OTHER) == []


def test_account_when_totals_are_read_agree_with_the_wallet() -> None:
    trader = trader_in_position()
    reply = trader.call("account_v3")
    wallet, profit = dec(reply["totalWalletBalance"]), dec(reply["totalUnrealizedProfit"])
    assert wallet == trader.account.wallet
    assert dec(reply["totalMarginBalance"]) == wallet + profit
    assert dec(reply["totalOpenOrderInitialMargin"]) == dec("4.9")
    assert dec(reply["availableBalance"]) == wallet + profit - dec("4.9") - dec(51)
    assert reply["assets"][0]["updateTime"] == trader.account.incomes[-1].at_ms


def test_account_when_new_is_empty() -> None:
    reply = Trader().call("account_v3")
    assert reply["positions"] == []
    assert reply["assets"][0]["updateTime"] == 0
    assert reply["availableBalance"] == "10000.00000000"


def test_settings_when_compared_with_the_official_examples_have_their_shape() -> None:
    trader = Trader()
    assert_same_shape(trader.call("account_config"), official("rest_accountConfig"))
    rows = trader.call("symbol_config")
    assert_same_shape(rows[0], official("rest_symbolConfig")[0])
    assert [row["symbol"] for row in rows] == [SYMBOL, OTHER]
    assert_same_shape(
        trader.call("commission_rate", symbol=SYMBOL), official("rest_commissionRate")
    )
