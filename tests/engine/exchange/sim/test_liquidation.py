from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.exchange.sim.matching import BookDepth
from tests.engine.exchange.sim.exchange_builders import (
    OTHER,
    SYMBOL,
    Trader,
    assert_books_balance,
    dec,
)


def isolated(qty: object, *, side: str = "BUY", **kwargs: Any) -> Trader:
    trader = Trader(**kwargs)
    trader.call("set_margin_type", symbol=SYMBOL, marginType="ISOLATED")
    trader.order(side, qty)
    trader.events()
    return trader


def liquidation_fills(trader: Trader) -> list[dict[str, Any]]:
    orders = [e["o"] for e in trader.events("ORDER_TRADE_UPDATE")]
    return [o for o in orders if o["c"].startswith("autoclose-") and o["x"] == "CALCULATED"]


def incomes(trader: Trader, kind: str) -> list[Any]:
    return [i.amount for i in trader.account.incomes if i.income_type == kind]


@pytest.mark.parametrize(("side", "safe", "ruin"), [("BUY", 97, 96), ("SELL", 103, 104)])
def test_isolated_position_when_its_margin_is_used_up_is_taken_over(
    side: str, safe: int, ruin: int
) -> None:
    trader = isolated(10, side=side)
    trader.move(safe)
    assert trader.held() != 0
    trader.move(ruin)
    assert trader.held() == 0
    [fill] = liquidation_fills(trader)
    assert (fill["X"], fill["o"], fill["f"]) == ("FILLED", "LIMIT", "IOC")
    assert_books_balance(trader)


def test_isolated_position_when_liquidated_loses_no_more_than_its_margin() -> None:
    trader = isolated(10)
    opening_fee = dec("100.1") * 10 * dec("0.0005")
    trader.move(60)
    assert trader.held() == 0
    assert trader.account.wallet == 10_000 - opening_fee - dec("50.05")
    assert incomes(trader, "INSURANCE_CLEAR")[0] > 0
    assert trader.account.isolated_total == 0


def test_isolated_position_when_margin_is_left_pays_the_clearance_fee_out_of_it() -> None:
    trader = isolated(10)
    trader.move("96.1", mark=96)
    [fee] = incomes(trader, "INSURANCE_CLEAR")
    left = dec("50.05") + incomes(trader, "REALIZED_PNL")[0] + incomes(trader, "COMMISSION")[1]
    assert fee == -min(left, dec("96.0") * 10 * dec("0.0125"))
    assert fee < 0
    last = trader.events("ACCOUNT_UPDATE")[-1]["a"]
    assert (last["m"], dec(last["B"][0]["bc"])) == ("INSURANCE_CLEAR", fee)


def test_isolated_position_when_liquidated_leaves_other_symbols_alone() -> None:
    trader = isolated(10)
    trader.order("BUY", 1, symbol=OTHER)
    order = trader.order("BUY", 1, 90, symbol=OTHER)
    trader.order("BUY", 1, 95)
    trader.move(96)
    assert trader.held(OTHER) == 1
    assert [o["orderId"] for o in trader.call("open_orders")] == [order["orderId"]]
    ended = [e["o"] for e in trader.events("ORDER_TRADE_UPDATE") if e["o"]["er"] == "5"]
    assert [o["X"] for o in ended] == ["EXPIRED"]


def test_cross_account_when_ruined_loses_its_worst_position_first() -> None:
    trader = Trader(seed_balance=200_000)
    trader.call("set_leverage", symbol=SYMBOL, leverage=10)
    trader.order("BUY", 10_000, "100.2", timeInForce="IOC")
    trader.order("SELL", 15, symbol=OTHER)
    trader.move(105, symbol=OTHER)
    trader.move(83)
    assert trader.held() == 0
    assert trader.held(OTHER) == -15
    assert_books_balance(trader)


def test_cross_account_when_other_profits_cover_the_hole_pays_the_fee_and_keeps_them() -> None:
    trader = Trader(seed_balance=200_000)
    trader.call("set_leverage", symbol=SYMBOL, leverage=10)
    trader.order("BUY", 10_000, "100.2", timeInForce="IOC")
    trader.order("BUY", 1_000, symbol=OTHER)
    trader.move(200, symbol=OTHER)
    trader.move(73)
    assert trader.held() == 0
    assert trader.held(OTHER) == 1_000
    assert incomes(trader, "INSURANCE_CLEAR") == [-dec("72.9") * 10_000 * dec("0.0125")]
    assert trader.account.wallet < 0
    assert_books_balance(trader)


def test_cross_account_when_the_gap_eats_everything_ends_at_zero_not_below() -> None:
    trader = Trader(seed_balance=100)
    trader.order("BUY", 19)
    trader.move(50)
    assert trader.held() == 0
    assert trader.account.wallet == 0
    assert_books_balance(trader)


def test_hedge_positions_when_isolated_are_judged_apart() -> None:
    trader = Trader()
    trader.call("set_margin_type", symbol=SYMBOL, marginType="ISOLATED")
    trader.call("set_position_mode", dualSidePosition="true")
    trader.order("BUY", 10, positionSide="LONG")
    trader.order("SELL", 10, positionSide="SHORT")
    trader.move(96)
    assert (trader.held(side="LONG"), trader.held(side="SHORT")) == (0, -10)


def test_close_position_stop_when_the_position_is_liquidated_expires() -> None:
    trader = isolated(10)
    stop = trader.stop("SELL", 80, closePosition="true", workingType="MARK_PRICE")
    trader.move(96)
    assert trader.algo_status(stop) == "EXPIRED"


def test_stop_when_reached_by_the_same_price_as_the_liquidation_goes_first() -> None:
    trader = isolated(10)
    stop = trader.stop("SELL", 97, 10)
    trader.move(95)
    assert trader.algo_status(stop) == "FINISHED"
    assert liquidation_fills(trader) == []


def test_liquidation_when_the_book_is_too_thin_still_closes_everything() -> None:
    trader = isolated(10)
    trader.world.behaviour.depth_by_symbol[SYMBOL] = BookDepth(dec(1), dec("0.0001"))
    trader.move(90)
    fills = liquidation_fills(trader)
    assert len(fills) > 1
    assert trader.held() == 0
    assert_books_balance(trader)


def test_margin_call_when_the_ratio_stays_high_is_sent_once_until_it_recovers() -> None:
    trader = Trader(seed_balance=100)
    trader.order("BUY", 15)
    for price in ("94.5", "94.6", "94.5", 100, "94.5"):
        trader.move(price)
    assert len(trader.events("MARGIN_CALL")) == 2


def test_liquidation_when_counted_in_the_history_is_told_apart() -> None:
    trader = isolated(10)
    trader.move(90)
    assert trader.exchange.ledger.summary()["liquidations"] == 1


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 600),
    st.integers(40, 160),
    st.sampled_from(["BUY", "SELL"]),
    st.sampled_from(["ISOLATED", "CROSSED"]),
    st.integers(2, 40),
)
def test_wallet_when_any_gap_ruins_any_position_is_never_negative(
    qty: int, price: int, side: str, margin_type: str, leverage: int
) -> None:
    trader = Trader(seed_balance=1_000)
    trader.call("set_leverage", symbol=SYMBOL, leverage=leverage)
    if margin_type == "ISOLATED":
        trader.call("set_margin_type", symbol=SYMBOL, marginType="ISOLATED")
    try:
        trader.order(side, qty)
    except Exception as error:  # noqa: BLE001
        assert getattr(error, "code", 0) in {-2019, -2027}  # noqa: PT017
        return
    trader.move(price)
    trader.move(price)
    assert trader.account.wallet >= 0
    assert_books_balance(trader)
