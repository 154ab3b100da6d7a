from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.exchange.sim.matching import BookDepth
from tests.engine.exchange.sim.exchange_builders import (
    OTHER,
    SYMBOL,
    Trader,
    assert_books_balance,
    dec,
    rules,
)

THIN = BookDepth(level_notional=dec(337), level_gap=dec("0.001"))


def test_round_trip_when_closed_books_profit_and_both_fees() -> None:
    trader = Trader()
    trader.order("BUY", 2)
    trader.move(110)
    trader.order("SELL", 2)
    account = trader.account
    fees = dec("100.1") * 2 * dec("0.0005") + dec("109.9") * 2 * dec("0.0005")
    assert account.wallet == 10_000 + dec("9.8") * 2 - fees
    assert [i.income_type for i in account.incomes] == ["COMMISSION", "REALIZED_PNL", "COMMISSION"]


def test_maker_when_filled_pays_the_maker_fee() -> None:
    trader = Trader()
    trader.order("BUY", 1, 99)
    trader.move("98.9")
    [trade] = trader.account.trades
    assert trade.maker
    assert trade.commission == dec("0.0198")


def test_position_when_enlarged_averages_and_when_cut_keeps_its_entry() -> None:
    trader = Trader()
    trader.order("SELL", 1)
    trader.move(110)
    trader.order("SELL", 3)
    position = trader.account.position(SYMBOL)
    average = (dec("99.9") + 3 * dec("109.9")) / 4
    assert position.entry_price == average
    trader.order("BUY", 2)
    assert position.entry_price == average
    assert position.qty == -2


def test_position_when_turned_over_starts_anew_at_the_fill() -> None:
    trader = Trader()
    trader.order("BUY", 1)
    trader.move(105)
    trader.order("SELL", 3)
    position = trader.account.position(SYMBOL)
    assert (position.qty, position.entry_price) == (-2, dec("104.9"))
    assert position.realised == dec("4.8")


def test_isolated_margin_when_opened_is_set_aside_and_when_closed_comes_back() -> None:
    trader = Trader()
    trader.call("set_margin_type", symbol=SYMBOL, marginType="ISOLATED")
    trader.call("set_leverage", symbol=SYMBOL, leverage=10)
    trader.order("BUY", 4)
    position = trader.account.position(SYMBOL)
    assert position.isolated_wallet == dec("40.04")
    trader.order("SELL", 1)
    assert position.isolated_wallet == dec("30.03")
    trader.order("SELL", 3)
    assert position.isolated_wallet == 0
    assert trader.account.cross_wallet == trader.account.wallet


def test_break_even_when_fees_were_paid_closes_without_loss_of_the_entry_fee() -> None:
    trader = Trader()
    trader.order("BUY", 2)
    position = trader.account.position(SYMBOL)
    assert position.unrealised(position.break_even_price) == position.fees_open
    trader.order("SELL", 1)
    assert position.fees_open == dec("0.1001") / 2


def test_bookings_when_prices_are_fine_are_rounded_to_the_ledgers_grain() -> None:
    fine = rules(
        tick_size=dec("0.00001"),
        step_size=dec("0.001"),
        market_step=dec("0.001"),
        price_precision=5,
        qty_precision=3,
    )
    trader = Trader(fine)
    trader.order("BUY", "77.777", "99.99997", timeInForce="GTC")
    trader.move("99.98")
    [commission] = [income.amount for income in trader.account.incomes]
    assert commission == dec("-1.55553953")
    assert_books_balance(trader)


def test_isolated_loss_when_beyond_its_margin_is_paid_by_the_insurance_fund() -> None:
    trader = Trader()
    trader.call("set_margin_type", symbol=SYMBOL, marginType="ISOLATED")
    trader.order("BUY", 10)
    trader.stop("SELL", 97, 10)
    trader.move(80)
    fees = sum((t.commission for t in trader.account.trades), Decimal(0))
    assert trader.held() == 0
    assert trader.account.wallet == 10_000 - dec("50.05") - fees
    [cleared] = trader.call("income", incomeType="INSURANCE_CLEAR")
    assert dec(cleared["income"]) == dec("202") - dec("50.05")


def test_cross_loss_when_beyond_the_wallet_ends_at_zero() -> None:
    trader = Trader(seed_balance=100)
    trader.order("BUY", 19)
    trader.stop("SELL", 97, 19)
    trader.move(80)
    assert trader.held() == 0
    assert trader.account.wallet == 0
    assert_books_balance(trader)


def test_cross_loss_when_another_position_could_fill_the_hole_is_owed() -> None:
    trader = Trader(seed_balance=100)
    trader.order("BUY", 1, symbol=OTHER)
    trader.order("BUY", 17)
    trader.stop("SELL", 97, 17)
    trader.move(80)
    assert trader.held() == 0
    assert trader.held(OTHER) == 1
    assert trader.account.wallet < 0
    assert_books_balance(trader)


steps = st.lists(
    st.tuples(st.sampled_from(["BUY", "SELL"]), st.integers(6, 400), st.integers(-20, 20)),
    min_size=1,
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(steps, st.sampled_from(["ISOLATED", "CROSSED"]))
def test_wallet_when_trading_at_random_equals_seed_plus_bookings_and_cash_flow(
    trades: list[tuple[str, int, int]], margin_type: str
) -> None:
    trader = Trader(seed_balance=1_000_000, depth=THIN)
    if margin_type == "ISOLATED":
        trader.call("set_margin_type", symbol=SYMBOL, marginType="ISOLATED")
    price = dec(100)
    for side, qty, drift in trades:
        price = max(dec(80), min(dec(120), price + drift * dec("0.1")))
        trader.move(price)
        trader.order(side, qty * dec("0.01"))
        assert_books_balance(trader)
    held = trader.held()
    if held:
        trader.order("SELL" if held > 0 else "BUY", abs(held), reduceOnly="true")
    # Flat again: the profit booked is what the trades paid and received, to the grain per fill.
    flow = sum(
        (t.price * t.qty * (-1 if t.side == "BUY" else 1) for t in trader.account.trades),
        Decimal(0),
    )
    booked = sum((t.realised for t in trader.account.trades), Decimal(0))
    assert trader.held() == 0
    assert abs(flow - booked) <= dec("0.00000001") * len(trader.account.trades)
    assert_books_balance(trader)
