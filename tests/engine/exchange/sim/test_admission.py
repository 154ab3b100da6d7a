from __future__ import annotations

from engine.exchange.sim.admission import check_reduce
from engine.exchange.sim.matching import BookDepth
from tests.engine.exchange.sim.exchange_builders import SYMBOL, Trader, dec, refused


def holding(qty: object = 1, **kwargs: object) -> Trader:
    trader = Trader(**kwargs)  # type: ignore[arg-type]
    trader.order("BUY", qty)
    return trader


def test_reduce_only_when_flat_or_on_the_same_side_is_refused() -> None:
    refused(-2022, Trader().order, "SELL", 1, reduceOnly="true")
    refused(-2022, holding().order, "BUY", 1, reduceOnly="true")


def test_reduce_only_limit_when_others_claim_everything_is_refused() -> None:
    trader = holding()
    trader.order("SELL", 1, 103, reduceOnly="true")
    refused(-2022, trader.order, "SELL", 1, 104, reduceOnly="true")


def test_reduce_only_market_when_limits_claim_everything_goes_before_them() -> None:
    trader = holding()
    trader.order("SELL", 1, 103, reduceOnly="true")
    assert trader.order("SELL", 1, reduceOnly="true")["status"] == "FILLED"
    assert trader.call("open_orders") == []


def test_reduce_only_when_plain_exits_rest_fits_beside_them_or_is_refused() -> None:
    trader = holding(2)
    trader.order("SELL", 1, 104)
    refused(-4118, trader.order, "SELL", "1.01", reduceOnly="true")
    assert trader.order("SELL", 1, reduceOnly="true")["status"] == "FILLED"


def test_notional_when_reducing_is_not_asked_for() -> None:
    trader = holding()
    assert trader.order("SELL", "0.01", reduceOnly="true")["status"] == "FILLED"
    refused(-4164, trader.order, "SELL", "0.01")


def test_plain_order_when_it_closes_needs_no_margin() -> None:
    trader = holding(19, seed_balance=100)
    refused(-2019, trader.order, "BUY", 5)
    trader.order("SELL", 19)
    assert trader.held() == 0


def test_plain_order_when_it_turns_the_position_over_needs_margin_for_the_rest() -> None:
    trader = holding(15, seed_balance=100)
    refused(-2019, trader.order, "SELL", 40)
    trader.order("SELL", 25)
    assert trader.held() == -10


def test_market_order_when_the_book_is_thin_is_judged_at_what_it_would_pay() -> None:
    gap = BookDepth(level_notional=dec(1_000), level_gap=dec("0.04"))
    refused(-2019, Trader(seed_balance=142, depth=gap).order, "BUY", "19.6")
    Trader(seed_balance=143, depth=gap).order("BUY", "19.6")


def test_market_order_when_the_book_ends_needs_margin_for_what_it_takes_only() -> None:
    ends = BookDepth(level_notional=dec(1_000), level_gap=dec("0.02"))
    reply = Trader(seed_balance=230, depth=ends).order("BUY", 100)
    assert (reply["status"], reply["executedQty"]) == ("EXPIRED", "29.36")


def test_crossing_sell_when_its_limit_is_far_below_is_judged_at_the_bid() -> None:
    trader = Trader(seed_balance=100)
    assert trader.order("SELL", 18, 96)["status"] == "FILLED"


def test_hedge_close_when_nothing_is_held_is_refused() -> None:
    trader = Trader()
    trader.call("set_position_mode", dualSidePosition="true")
    refused(-2022, trader.order, "SELL", 1, positionSide="LONG")
    trader.order("BUY", 1, positionSide="LONG")
    trader.order("SELL", 1, 104, positionSide="LONG")
    refused(-2022, trader.order, "SELL", 1, 103, positionSide="LONG")


def test_check_reduce_when_other_symbols_or_sides_rest_ignores_them() -> None:
    trader = holding()
    trader.order("BUY", 1, 99)
    trader.order("SELL", 1, 103, reduceOnly="true")
    [_, order] = trader.account.open_orders_of(SYMBOL)
    trader.call("cancel_order", symbol=SYMBOL, orderId=order.order_id)
    check_reduce(trader.account, order)
