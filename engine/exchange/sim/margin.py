"""Margin arithmetic: what positions and orders bind, what is left, where a position is liquidated.

Pure functions of account and world; nothing here changes either.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.exchange.sim.brackets import bracket_for, maintenance_margin, max_notional
from engine.exchange.sim.errors import refusal
from engine.exchange.sim.money import ZERO

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.exchange.sim.account import Account, Position
    from engine.exchange.sim.orders import Order
    from engine.exchange.sim.world import World


@dataclass(frozen=True, slots=True)
class Exposure:
    """Signed notional of a position and the notionals its open orders would add on either side."""

    held: Decimal
    bid: Decimal
    ask: Decimal

    @property
    def worst(self) -> Decimal:
        """Largest unsigned notional the fills could lead to."""
        return max(abs(self.held), abs(self.held + self.bid), abs(self.held - self.ask))

    def plus(self, notional: Decimal, *, buy: bool) -> Exposure:
        """Return the exposure with one more order."""
        if buy:
            return Exposure(self.held, self.bid + notional, self.ask)
        return Exposure(self.held, self.bid, self.ask + notional)


def exposure_of(world: World, account: Account, symbol: str, side: str = "BOTH") -> Exposure:
    """Return the exposure of a symbol and position side; orders that only reduce add nothing."""
    held = account.held_qty(symbol, side) * world.mark_of(symbol)
    bid = ask = ZERO
    for order in account.open_orders_of(symbol):
        if order.position_side != side or _only_reduces(account, order):
            continue
        notional = order.remaining_qty * order.price
        bid, ask = (bid + notional, ask) if order.is_buy else (bid, ask + notional)
    return Exposure(held, bid, ask)


def _only_reduces(account: Account, order: Order) -> bool:
    return account.reduces(
        order.symbol, order.side, order.position_side, reduce_only=order.reduce_only
    )


def order_margin(world: World, account: Account, symbol: str, side: str = "BOTH") -> Decimal:
    """Return the initial margin the open orders of a symbol bind on top of the position's."""
    exposure = exposure_of(world, account, symbol, side)
    leverage = account.settings_of(symbol).leverage
    return (exposure.worst - abs(exposure.held)) / leverage


def position_margin(world: World, account: Account, position: Position) -> Decimal:
    """Return a position's initial margin at the mark price."""
    leverage = account.settings_of(position.symbol).leverage
    return abs(position.qty) * world.mark_of(position.symbol) / leverage


def position_maintenance(world: World, position: Position) -> Decimal:
    """Return a position's maintenance margin at the mark price."""
    notional = abs(position.qty) * world.mark_of(position.symbol)
    return maintenance_margin(world.brackets[position.symbol], notional) if notional else ZERO


def cross_positions(account: Account) -> list[Position]:
    """Return the live positions that share the cross wallet."""
    return [p for p in account.live_positions() if not account.settings_of(p.symbol).isolated]


def unrealised(world: World, positions: Iterable[Position]) -> Decimal:
    """Return the sum of unrealised profits at the mark prices."""
    return sum((p.unrealised(world.mark_of(p.symbol)) for p in positions), ZERO)


def open_order_margin(world: World, account: Account) -> Decimal:
    """Return the margin bound by all open orders."""
    keys = {(o.symbol, o.position_side) for o in account.open_orders.values()}
    return sum((order_margin(world, account, *key) for key in sorted(keys)), ZERO)


def available_balance(world: World, account: Account) -> Decimal:
    """Return what new orders may bind: cross equity less initial margins, never below zero."""
    positions = cross_positions(account)
    bound = sum((position_margin(world, account, p) for p in positions), ZERO)
    free = account.cross_wallet + unrealised(world, positions) - bound
    return max(ZERO, free - open_order_margin(world, account))


def check_margin(
    world: World,
    account: Account,
    order: Order,
    *,
    price: Decimal,
    qty: Decimal,
    fee: Decimal,
) -> None:
    """Refuse an opening order the account cannot carry.

    Args:
        world: the exchange's state.
        account: who orders.
        order: the order, not yet among the open ones.
        price: price it is expected to trade at.
        qty: base quantity it is expected to trade or rest with.
        fee: commission expected at once.

    Raises:
        ApiError: -2027 beyond the bracket of the leverage, -2019 beyond the available balance.
    """
    before = exposure_of(world, account, order.symbol, order.position_side)
    after = before.plus(qty * price, buy=order.is_buy)
    leverage = account.settings_of(order.symbol).leverage
    added = after.worst - before.worst
    if added <= 0:
        return
    if after.worst > max_notional(world.brackets[order.symbol], leverage):
        raise refusal(-2027)
    adverse = max(ZERO, order.sign * (price - world.mark_of(order.symbol))) * qty
    if added / leverage + adverse + fee > available_balance(world, account):
        raise refusal(-2019)


def liquidation_price(world: World, account: Account, position: Position) -> Decimal:
    """Return the mark price at which the position would be liquidated, zero when none is reachable.

    Solves wallet + other unrealised - other maintenance + profit(P) = maintenance(P) for P with the
    bracket of the present notional, the venue's published formula for one contract.
    """
    if not position.qty:
        return ZERO
    mark = world.mark_of(position.symbol)
    size = abs(position.qty)
    bracket = bracket_for(world.brackets[position.symbol], size * mark)
    wallet = position.isolated_wallet
    if not account.settings_of(position.symbol).isolated:
        others = [p for p in cross_positions(account) if p is not position]
        wallet = account.cross_wallet + unrealised(world, others)
        wallet -= sum((position_maintenance(world, p) for p in others), ZERO)
    divisor = size * bracket.maint_ratio - position.qty
    price = (wallet + bracket.cum - position.sign * position.cost) / divisor
    return max(ZERO, price)
