"""May this order enter the book? The filters, the position and the margin decide, in this order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.exchange.sim.errors import refusal
from engine.exchange.sim.execution import taker_matches, tradable_qty
from engine.exchange.sim.filters import (
    check_counterparty,
    check_notional,
    check_order_count,
    check_percent_price,
    check_price,
    check_quantity,
)
from engine.exchange.sim.margin import check_margin
from engine.exchange.sim.matching import best_opposite, crosses
from engine.exchange.sim.money import ZERO

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.exchange.sim.account import Account
    from engine.exchange.sim.matching import Match
    from engine.exchange.sim.orders import Order
    from engine.exchange.sim.world import World


def admit(world: World, account: Account, order: Order) -> None:
    """Judge a new order of the regular book by everything but its parameters.

    Raises:
        ApiError: a filter's code (see `filters`), -2022 or -4118 when it cannot reduce, -5021 or
            -5022 when its time in force cannot be met, -2027 or -2019 when the account cannot carry
            it.
    """
    rules, tick = world.rules[order.symbol], world.tick_of(order.symbol)
    market = order.order_type == "MARKET"
    check_quantity(rules, order.qty, market=market)
    if not market:
        check_price(rules, order.price)
        check_percent_price(rules, order.price, tick.mark, buy=order.is_buy)
    check_order_count(rules, len(account.open_orders_of(order.symbol)))
    admit_to_book(world, account, order)


def admit_to_book(world: World, account: Account, order: Order) -> None:
    """Judge what depends on the moment: position, book and margin.

    Triggered orders pass only this.
    """
    rules, tick = world.rules[order.symbol], world.tick_of(order.symbol)
    market = order.order_type == "MARKET"
    reduces = account.reduces(
        order.symbol, order.side, order.position_side, reduce_only=order.reduce_only
    )
    if reduces:
        check_reduce(account, order)
    else:
        check_notional(rules, order.qty, tick.mark if market else order.price)
    if market:
        check_counterparty(
            rules, best_opposite(tick, buy=order.is_buy), tick.mark, buy=order.is_buy
        )
    matches = taker_matches(world, account, order)
    _check_time_in_force(world, account, order, matches)
    if not reduces:
        _check_margin(world, account, order, matches)


def check_reduce(account: Account, order: Order) -> None:
    """Refuse an order that may only reduce but cannot.

    -2022 when nothing is held against it, or when resting reduce-only orders already claim all of
    it (a market order goes before those). -4118 when plain orders resting on the same side would,
    together with it, more than close the position; the venue refuses only when margin is short
    then, here always.
    """
    closable = account.closable_qty(order.symbol, order.side, order.position_side)
    if not closable:
        raise refusal(-2022)
    claimed = plain = ZERO
    for other in account.open_orders_of(order.symbol):
        if (other.side, other.position_side) != (order.side, order.position_side):
            continue
        if account.reduces(
            other.symbol, other.side, other.position_side, reduce_only=other.reduce_only
        ):
            claimed += other.remaining_qty
        else:
            plain += other.remaining_qty
    if order.order_type != "MARKET" and claimed >= closable:
        raise refusal(-2022)
    if plain and plain + order.qty > closable:
        raise refusal(-4118)


def _check_time_in_force(
    world: World, account: Account, order: Order, matches: list[Match]
) -> None:
    taken = sum((match.qty for match in matches), ZERO)
    if order.time_in_force == "FOK" and taken < tradable_qty(account, order):
        raise refusal(-5021)
    tick = world.tick_of(order.symbol)
    if order.time_in_force == "GTX" and crosses(tick, order.price, buy=order.is_buy):
        raise refusal(-5022)


def _check_margin(world: World, account: Account, order: Order, matches: list[Match]) -> None:
    taken = sum((match.qty for match in matches), ZERO)
    cost = sum((match.qty * match.price for match in matches), ZERO)
    price = _expected_price(world, order, cost, taken)
    qty = taken if order.order_type == "MARKET" else order.qty
    check_margin(world, account, order, price=price, qty=qty, fee=cost * world.fees.taker)


def _expected_price(world: World, order: Order, cost: Decimal, taken: Decimal) -> Decimal:
    if order.order_type == "MARKET":
        return cost / taken if taken else ZERO
    bid = world.tick_of(order.symbol).bid
    return order.price if order.is_buy else max(order.price, bid)
