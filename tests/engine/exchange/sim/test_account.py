from __future__ import annotations

from decimal import Decimal

import pytest

from engine.exchange.sim.account import DEFAULT_LEVERAGE, Account, Position
from tests.engine.exchange.sim.exchange_builders import OTHER, SYMBOL, Trader, dec


def position(qty: object, cost: object, **changes: object) -> Position:
    return Position(SYMBOL, "BOTH", qty=dec(qty), cost=dec(cost), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("qty", "cost", "mark", "profit"), [(2, 200, 110, 20), (-2, 200, 110, -20), (0, 0, 110, 0)]
)
def test_unrealised_when_the_mark_moves_follows_the_side(
    qty: int, cost: int, mark: int, profit: int
) -> None:
    assert position(qty, cost).unrealised(Decimal(mark)) == profit


def test_entry_price_when_flat_is_zero() -> None:
    assert position(0, 0).entry_price == 0
    assert position(0, 0).break_even_price == 0
    assert position(-4, 200).entry_price == 50


@pytest.mark.parametrize(("qty", "break_even"), [(2, "100.05"), (-2, "99.95")])
def test_break_even_when_fees_were_paid_lies_on_the_costly_side(qty: int, break_even: str) -> None:
    assert position(qty, 200, fees_open=dec("0.1")).break_even_price == dec(break_even)


def test_settings_when_nobody_chose_are_the_venues() -> None:
    settings = Account("a", dec(1)).settings_of(SYMBOL)
    assert settings.leverage == DEFAULT_LEVERAGE
    assert not settings.isolated


def test_wallets_when_margin_is_isolated_split_without_loss() -> None:
    account = Account("a", dec(100))
    account.position(SYMBOL).isolated_wallet = dec(30)
    account.position(OTHER).isolated_wallet = dec(5)
    assert account.isolated_total == 35
    assert account.cross_wallet == 65


def test_reduces_when_in_hedge_mode_depends_on_the_side() -> None:
    account = Account("a", dec(1))
    assert account.reduces(SYMBOL, "SELL", "LONG", reduce_only=False)
    assert not account.reduces(SYMBOL, "SELL", "SHORT", reduce_only=False)
    assert account.reduces(SYMBOL, "SELL", "BOTH", reduce_only=True)
    assert not account.reduces(SYMBOL, "SELL", "BOTH", reduce_only=False)


def test_closable_when_the_side_is_wrong_is_zero() -> None:
    account = Account("a", dec(1))
    account.position(SYMBOL).qty = dec(-3)
    assert account.closable_qty(SYMBOL, "BUY", "BOTH") == 3
    assert account.closable_qty(SYMBOL, "SELL", "BOTH") == 0
    assert account.closable_qty(OTHER, "SELL", "BOTH") == 0


def test_listings_when_filtered_by_symbol_keep_only_it() -> None:
    trader = Trader()
    trader.order("BUY", 1, 99)
    trader.order("BUY", 1, 99, symbol=OTHER)
    trader.order("BUY", 1)
    trader.stop("SELL", 95, 1)
    account = trader.account
    assert [o.symbol for o in account.open_orders_of()] == [SYMBOL, OTHER]
    assert [o.symbol for o in account.open_orders_of(OTHER)] == [OTHER]
    assert [p.symbol for p in account.live_positions()] == [SYMBOL]
    assert list(account.live_positions(OTHER)) == []
    assert account.open_algos_of(OTHER) == []
    assert len(account.open_algos_of(SYMBOL)) == 1
    assert account.held_qty(OTHER) == 0
