"""Running an admitted order: it enters the book, takes what it may, rests or ends."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from engine.exchange.sim.algo_life import expire_orphans, finish_parent
from engine.exchange.sim.matching import Match, market_bound, sweep, trades_through
from engine.exchange.sim.orders import EXPIRED_IOC, EXPIRED_MARKET_REST, EXPIRED_REDUCE_ONLY
from engine.exchange.sim.settlement import settle, waiting_notionals
from engine.exchange.sim.user_events import order_trade_update

if TYPE_CHECKING:
    from engine.exchange.sim.account import Account
    from engine.exchange.sim.orders import Order
    from engine.exchange.sim.world import World

RESTING: Final = frozenset({"GTC", "GTX", "GTD"})


def tradable_qty(account: Account, order: Order) -> Decimal:
    """Return what the order may still trade now: a reducing one never more than the position."""
    if not account.reduces(
        order.symbol, order.side, order.position_side, reduce_only=order.reduce_only
    ):
        return order.remaining_qty
    closable = account.closable_qty(order.symbol, order.side, order.position_side)
    return min(order.remaining_qty, closable)


def taker_matches(world: World, account: Account, order: Order) -> list[Match]:
    """Return what the order would take from the book right now."""
    rules, tick = world.rules[order.symbol], world.tick_of(order.symbol)
    worst = order.price
    if order.order_type == "MARKET":
        worst = market_bound(rules, tick.mark, buy=order.is_buy)
    qty = tradable_qty(account, order)
    return sweep(rules, world.depth_of(order.symbol), tick, qty, buy=order.is_buy, worst=worst)


def enter(world: World, account: Account, order: Order, now_ms: int) -> None:
    """Give the order its number, make it open and announce it."""
    order.order_id = order.order_id or world.next_order_id()
    order.client_id = order.client_id or f"sim{order.order_id}"
    account.orders[order.order_id] = order
    account.open_orders[order.order_id] = order
    world.record(
        account,
        order.symbol,
        order.position_side,
        "order_placed",
        order.order_id,
        now_ms,
        label=order.client_id,
        qty=order.sign * order.qty,
        price=order.price,
    )
    _announce(world, account, order, "NEW", now_ms)


def take(world: World, account: Account, order: Order, now_ms: int) -> None:
    """Fill the order against the book, then let its rest stay or expire as its kind demands."""
    for match in taker_matches(world, account, order):
        fill(world, account, order, match, now_ms, maker=False)
    if not order.is_open:
        return
    if not tradable_qty(account, order):
        end(world, account, order, "EXPIRED", now_ms, EXPIRED_REDUCE_ONLY)
    elif order.order_type == "MARKET":
        end(world, account, order, "EXPIRED", now_ms, EXPIRED_MARKET_REST)
    elif order.time_in_force not in RESTING:
        end(world, account, order, "EXPIRED", now_ms, EXPIRED_IOC)


def fill(
    world: World,
    account: Account,
    order: Order,
    match: Match,
    now_ms: int,
    *,
    maker: bool,
    execution: str = "TRADE",
) -> None:
    """Book one execution and everything that follows from it at once."""
    sign_before = account.position(order.symbol, order.position_side).sign
    settle(world, account, order, match, now_ms, maker=maker, execution=execution)
    if not order.is_open:
        _close(world, account, order, now_ms)
    if account.position(order.symbol, order.position_side).sign != sign_before:
        _drop_reducers(world, account, order, now_ms)
        expire_orphans(world, account, order.symbol, order.position_side, now_ms)


def end(
    world: World, account: Account, order: Order, status: str, now_ms: int, reason: str = "0"
) -> None:
    """End an open order unfilled or half filled: CANCELED, or EXPIRED with its reason code."""
    order.status, order.expire_reason, order.updated_ms = status, reason, now_ms
    _close(world, account, order, now_ms, announce=True)


def _close(
    world: World, account: Account, order: Order, now_ms: int, *, announce: bool = False
) -> None:
    account.open_orders.pop(order.order_id, None)
    world.record(
        account,
        order.symbol,
        order.position_side,
        "order_done",
        order.order_id,
        now_ms,
        label=f"{order.status} {order.client_id}",
        qty=order.sign * order.executed_qty,
    )
    if announce:
        _announce(world, account, order, order.status, now_ms)
    finish_parent(world, account, order, now_ms)


def _drop_reducers(world: World, account: Account, cause: Order, now_ms: int) -> None:
    """Expire resting reduce-only orders that have nothing left to reduce."""
    for other in account.open_orders_of(cause.symbol):
        same_side = other.position_side == cause.position_side
        if other is not cause and same_side and not tradable_qty(account, other):
            end(world, account, other, "EXPIRED", now_ms, EXPIRED_REDUCE_ONLY)


def match_makers(world: World, account: Account, symbol: str, last: Decimal, now_ms: int) -> None:
    """Fill the orders a print at `last` went through, at their own price, best price first."""
    resting = account.open_orders_of(symbol)
    resting.sort(key=lambda o: (-o.sign * o.price, o.order_id))
    for order in resting:
        if order.is_open and trades_through(last, order.price, buy=order.is_buy):
            qty = tradable_qty(account, order)
            fill(world, account, order, Match(order.price, qty), now_ms, maker=True)
            if order.is_open:
                end(world, account, order, "EXPIRED", now_ms, EXPIRED_REDUCE_ONLY)


def _announce(world: World, account: Account, order: Order, execution: str, now_ms: int) -> None:
    waiting = waiting_notionals(account, order.symbol)
    event = order_trade_update(world.rules[order.symbol], order, execution, now_ms, waiting=waiting)
    world.send(account, event)
