"""What time alone brings about: expiries, countdowns, delistings and the venue's forgetting."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from engine.exchange.sim.algo_life import leave
from engine.exchange.sim.execution import end, enter, fill
from engine.exchange.sim.matching import Match
from engine.exchange.sim.orders import EXPIRED_DELISTED, Order

if TYPE_CHECKING:
    from engine.exchange.sim.account import Account, Position
    from engine.exchange.sim.algo_desk import AlgoDesk
    from engine.exchange.sim.order_desk import OrderDesk
    from engine.exchange.sim.world import World

DAY_MS: Final = 86_400_000
UNFILLED_KEPT_MS: Final = 3 * DAY_MS
KEPT_MS: Final = 90 * DAY_MS


def expire_good_till_date(world: World, now_ms: int) -> None:
    """Expire orders of both families whose goodTillDate has come."""
    for account in world.accounts.values():
        for order in account.open_orders_of():
            if order.good_till_ms and order.good_till_ms <= now_ms:
                end(world, account, order, "EXPIRED", now_ms)
        for algo in account.open_algos_of():
            due = algo.good_till_ms and algo.good_till_ms <= now_ms
            if due and algo.status == "NEW":
                leave(world, account, algo, "EXPIRED", now_ms)


def run_countdowns(world: World, orders: OrderDesk, algos: AlgoDesk, now_ms: int) -> None:
    """Cancel the open orders of symbols whose countdown has run out."""
    for account in world.accounts.values():
        due = [symbol for symbol, at_ms in account.countdowns.items() if at_ms <= now_ms]
        for symbol in due:
            del account.countdowns[symbol]
            orders.cancel_symbol(account, symbol, now_ms)
            if world.behaviour.countdown_cancels_algos:
                algos.cancel_symbol(account, symbol, now_ms)


def settle_delistings(world: World, now_ms: int) -> None:
    """End contracts whose delivery time has come: orders expire, positions close at mark."""
    for symbol, rules in list(world.rules.items()):
        if rules.delivery_ms > now_ms or rules.status != "TRADING":
            continue
        world.rules[symbol] = replace(rules, status="SETTLING")
        for account in world.accounts.values():
            _settle_account(world, account, symbol, now_ms)


def _settle_account(world: World, account: Account, symbol: str, now_ms: int) -> None:
    for order in account.open_orders_of(symbol):
        end(world, account, order, "EXPIRED", now_ms, EXPIRED_DELISTED)
    for algo in account.open_algos_of(symbol):
        leave(world, account, algo, "EXPIRED", now_ms)
    for position in list(account.live_positions(symbol)):
        _settle_position(world, account, position, now_ms)


def _settle_position(world: World, account: Account, position: Position, now_ms: int) -> None:
    rules, mark = world.rules[position.symbol], world.mark_of(position.symbol)
    price = round(mark / rules.tick_size) * rules.tick_size
    number = world.next_order_id()
    order = Order(
        order_id=number,
        client_id=f"settlement_autoclose-{number}",
        symbol=position.symbol,
        side="SELL" if position.qty > 0 else "BUY",
        order_type="MARKET",
        orig_type="MARKET",
        time_in_force="GTC",
        qty=abs(position.qty),
        price=price * 0,
        position_side=position.side,
        reduce_only=position.side == "BOTH",
        created_ms=now_ms,
        updated_ms=now_ms,
    )
    enter(world, account, order, now_ms)
    fill(world, account, order, Match(price, order.qty), now_ms, maker=False)


def forget_old(world: World, now_ms: int) -> None:
    """Drop what the venue forgets: unfilled ended orders after 3 days, everything after 90."""
    for account in world.accounts.values():
        for number, order in list(account.orders.items()):
            if not order.is_open and _forgotten(
                order.updated_ms, now_ms, traded=bool(order.executed_qty)
            ):
                del account.orders[number]
        for number, algo in list(account.algos.items()):
            if algo.has_ended and _forgotten(
                algo.updated_ms, now_ms, traded=algo.status == "FINISHED"
            ):
                del account.algos[number]
        horizon = now_ms - KEPT_MS
        account.trades[:] = [t for t in account.trades if t.at_ms > horizon]


def _forgotten(updated_ms: int, now_ms: int, *, traded: bool) -> bool:
    return now_ms - updated_ms > (KEPT_MS if traded else UNFILLED_KEPT_MS)
