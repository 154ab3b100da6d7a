from __future__ import annotations

import pytest

from tests.engine.exchange.sim.exchange_builders import OTHER, SYMBOL, Trader, dec


def charge(trader: Trader, rate: str = "0.0001", mark: object = 110, symbol: str = SYMBOL) -> None:
    trader.exchange.apply_funding(symbol, dec(rate), dec(mark), trader.now_ms)


@pytest.mark.parametrize(("side", "paid"), [("BUY", "-0.022"), ("SELL", "0.022")])
def test_funding_when_the_rate_is_positive_is_paid_by_longs(side: str, paid: str) -> None:
    trader = Trader()
    trader.order(side, 2)
    before = trader.account.wallet
    charge(trader)
    assert trader.account.wallet - before == dec(paid)
    [income] = trader.call("income", incomeType="FUNDING_FEE")
    assert dec(income["income"]) == dec(paid)
    assert (income["symbol"], income["tradeId"]) == (SYMBOL, "")


def test_funding_when_cross_tells_the_balance_and_the_symbol_only() -> None:
    trader = Trader()
    trader.order("BUY", 2)
    trader.events()
    charge(trader)
    [event] = trader.events()
    assert event["a"]["m"] == "FUNDING_FEE"
    assert event["a"]["P"] == []
    assert event["a"]["S"] == SYMBOL
    assert dec(event["a"]["B"][0]["bc"]) == dec("-0.022")


def test_funding_when_isolated_comes_out_of_the_positions_margin() -> None:
    trader = Trader()
    trader.call("set_margin_type", symbol=SYMBOL, marginType="ISOLATED")
    trader.order("BUY", 2)
    trader.events()
    cross = trader.account.cross_wallet
    charge(trader)
    assert trader.account.cross_wallet == cross
    assert trader.account.position(SYMBOL).isolated_wallet == dec("10.01") - dec("0.022")
    [event] = trader.events()
    assert dec(event["a"]["P"][0]["iw"]) == dec("9.988")


def test_funding_when_nothing_is_held_charges_nobody() -> None:
    trader = Trader()
    trader.order("BUY", 2, symbol=OTHER)
    trader.events()
    charge(trader)
    assert trader.events() == []
    assert trader.call("income", incomeType="FUNDING_FEE") == []


def test_funding_when_the_rate_is_zero_books_nothing() -> None:
    trader = Trader()
    trader.order("BUY", 2)
    charge(trader, "0")
    assert trader.call("income", incomeType="FUNDING_FEE") == []


def test_funding_when_summed_by_the_history_agrees() -> None:
    trader = Trader()
    trader.order("BUY", 2)
    charge(trader)
    charge(trader, "-0.0003")
    assert trader.exchange.ledger.summary()["funding"] == "0.044"
