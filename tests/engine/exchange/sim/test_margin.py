from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.exchange.sim.margin import (
    Exposure,
    available_balance,
    exposure_of,
    liquidation_price,
    open_order_margin,
    order_margin,
    position_maintenance,
    position_margin,
    unrealised,
)
from tests.engine.exchange.sim.exchange_builders import OTHER, SYMBOL, Trader, dec, refused, tick

notionals = st.integers(0, 10_000).map(Decimal)


@given(st.integers(-10_000, 10_000).map(Decimal), notionals, notionals)
def test_worst_exposure_when_orders_may_fill_is_no_smaller_than_any_outcome(
    held: Decimal, bid: Decimal, ask: Decimal
) -> None:
    worst = Exposure(held, bid, ask).worst
    assert worst >= max(abs(held), abs(held + bid), abs(held - ask))
    assert Exposure(held, bid, ask).plus(Decimal(1), buy=True).worst >= worst


def test_order_margin_when_orders_rest_on_both_sides_binds_the_larger_only() -> None:
    trader = Trader()
    trader.order("BUY", 10, 99)
    trader.order("SELL", 4, 101)
    assert order_margin(trader.world, trader.account, SYMBOL) == dec(990) / 20
    assert open_order_margin(trader.world, trader.account) == dec("49.5")


def test_order_margin_when_the_order_closes_is_nothing() -> None:
    trader = Trader()
    trader.order("BUY", 10)
    trader.order("SELL", 5, 103, reduceOnly="true")
    trader.order("SELL", 4, 104)
    exposure = exposure_of(trader.world, trader.account, SYMBOL)
    assert (exposure.bid, exposure.ask) == (0, 416)
    assert order_margin(trader.world, trader.account, SYMBOL) == 0


def test_available_when_a_position_stands_in_cross_counts_its_profit() -> None:
    trader = Trader(seed_balance=1_000)
    trader.order("BUY", 10)
    trader.move(110)
    account = trader.account
    [position] = account.live_positions()
    bound = position_margin(trader.world, account, position)
    profit = unrealised(trader.world, [position])
    assert (bound, profit) == (55, 99)
    assert available_balance(trader.world, account) == account.wallet + profit - bound


def test_available_when_isolated_sets_the_margin_aside_and_ignores_profit() -> None:
    trader = Trader(seed_balance=1_000)
    trader.call("set_margin_type", symbol=SYMBOL, marginType="ISOLATED")
    trader.order("BUY", 10)
    before = available_balance(trader.world, trader.account)
    trader.move(110)
    assert available_balance(trader.world, trader.account) == before
    assert before == trader.account.wallet - dec("100.1") * 10 / 20


def test_available_when_losses_exceed_the_wallet_is_zero_not_negative() -> None:
    trader = Trader(seed_balance=100)
    trader.order("BUY", 15)
    trader.exchange.quote(SYMBOL, tick(50))
    assert available_balance(trader.world, trader.account) == 0


def test_margin_check_when_just_enough_passes_and_a_step_more_is_refused() -> None:
    trader = Trader(seed_balance=100)
    refused(-2019, trader.order, "BUY", "20.21", 99)
    trader.order("BUY", "20.2", 99)
    assert available_balance(trader.world, trader.account) == dec(100) - dec("1999.8") / 20


def test_margin_check_when_the_limit_is_above_the_mark_charges_the_open_loss() -> None:
    trader = Trader(seed_balance=100)
    trader.exchange.quote(SYMBOL, tick(100, mark=97))
    refused(-2019, trader.order, "BUY", 13, 100)
    trader.order("BUY", 12, 100)


def test_maintenance_when_the_mark_moves_follows_the_bracket() -> None:
    trader = Trader()
    trader.order("BUY", 10)
    [position] = trader.account.live_positions()
    assert position_maintenance(trader.world, position) == 10
    position.qty = dec(0)
    assert position_maintenance(trader.world, position) == 0


@pytest.mark.parametrize("side", ["BUY", "SELL"])
@pytest.mark.parametrize("margin_type", ["ISOLATED", "CROSSED"])
@pytest.mark.parametrize(("qty", "seed"), [(30, 400), (300, 4_000)])
def test_liquidation_price_when_reached_leaves_exactly_the_maintenance(
    side: str, margin_type: str, qty: int, seed: int
) -> None:
    trader = Trader(seed_balance=seed)
    trader.order("BUY", 5, symbol=OTHER)
    if margin_type == "ISOLATED":
        trader.call("set_margin_type", symbol=SYMBOL, marginType="ISOLATED")
    trader.order(side, qty)
    world, account = trader.world, trader.account
    position = account.position(SYMBOL)
    price = liquidation_price(world, account, position)
    assert price > 0
    trader.exchange.quote(SYMBOL, tick(100, mark=price))
    if margin_type == "ISOLATED":
        equity = position.isolated_wallet + position.unrealised(price)
        needed = position_maintenance(world, position)
    else:
        both = list(account.live_positions())
        equity = account.cross_wallet + unrealised(world, both)
        needed = sum(position_maintenance(world, p) for p in both)
    assert abs(equity - needed) < dec("0.000001")


def test_liquidation_price_when_flat_or_out_of_reach_is_zero() -> None:
    trader = Trader()
    assert liquidation_price(trader.world, trader.account, trader.account.position(SYMBOL)) == 0
    trader.order("BUY", 1)
    assert liquidation_price(trader.world, trader.account, trader.account.position(SYMBOL)) == 0
