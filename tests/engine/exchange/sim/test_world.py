from __future__ import annotations

from decimal import Decimal

from tests.engine.exchange.sim.exchange_builders import OTHER, SYMBOL, Trader, dec, refused


def test_account_when_new_opens_with_the_seed_balance() -> None:
    world = Trader(seed_balance=123).world
    assert world.account("new").wallet == 123
    assert world.account("new") is world.account("new")


def test_income_when_booked_changes_wallet_history_and_ledger_alike() -> None:
    world = Trader().world
    account = world.account("alice")
    world.book_income(account, SYMBOL, "COMMISSION", dec("-0.5"), 5, 77)
    world.book_income(account, SYMBOL, "COMMISSION", dec("-0.5"), 6)
    assert account.wallet == 9_999
    assert [i.trade_id for i in account.incomes] == [77, 0]
    assert account.incomes[0].tran_id < account.incomes[1].tran_id
    assert [f.qty for f in world.ledger.facts] == [dec("-0.5")] * 2


def test_income_when_zero_is_not_booked() -> None:
    world = Trader().world
    world.book_income(world.account("alice"), SYMBOL, "REALIZED_PNL", Decimal(0), 5)
    assert world.account("alice").incomes == []
    assert world.ledger.facts == ()


def test_lookups_when_unknown_are_refused() -> None:
    world = Trader().world
    refused(-1121, world.rules_of, "NOTHERE")
    world.quotes.pop(SYMBOL)
    refused(-1112, world.tick_of, SYMBOL)
    assert world.mark_of(SYMBOL) == 0


def test_numbers_when_given_out_never_repeat() -> None:
    world = Trader().world
    numbers = [world.next_order_id() for _ in range(3)]
    assert numbers == sorted(set(numbers))
    assert world.next_algo_id() < world.next_algo_id()
    assert world.next_trade_id() < world.next_trade_id()


def test_interest_when_an_account_orders_waits_or_holds_includes_it() -> None:
    trader = Trader()
    world = trader.world
    world.account("bystander")

    def interested(symbol: str) -> list[str]:
        return [account.name for account in world.interested_accounts(symbol)]

    assert interested(SYMBOL) == []
    trader.order("BUY", 1, 99)
    assert interested(SYMBOL) == ["alice"]
    trader.call("cancel_all_orders", symbol=SYMBOL)
    trader.order("BUY", 1)
    assert interested(SYMBOL) == ["alice"]
    assert interested(OTHER) == []
    trader.stop("BUY", 101, 1, symbol=OTHER, reduceOnly=None)
    assert interested(OTHER) == ["alice"]


def test_depth_when_set_for_a_symbol_is_used_for_it_alone() -> None:
    from engine.exchange.sim.matching import BookDepth

    thin = BookDepth(level_notional=dec(1))
    world = Trader(depth_by_symbol={SYMBOL: thin}).world
    assert world.depth_of(SYMBOL) is thin
    assert world.depth_of(OTHER) is world.behaviour.depth
