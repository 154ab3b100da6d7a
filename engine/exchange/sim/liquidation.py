"""Taking over positions whose margin is used up, and warning before that."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from engine.exchange.sim.execution import end, enter, fill
from engine.exchange.sim.margin import (
    cross_positions,
    liquidation_price,
    position_maintenance,
    unrealised,
)
from engine.exchange.sim.matching import Match, sweep
from engine.exchange.sim.money import ZERO, money
from engine.exchange.sim.orders import EXPIRED_LIQUIDATION, Order
from engine.exchange.sim.user_events import account_update, margin_call

if TYPE_CHECKING:
    from engine.exchange.sim.account import Account, Position
    from engine.exchange.sim.world import World

CALL_RATIO: Final = Decimal("0.8")
"""Maintenance over margin balance from which MARGIN_CALL is sent once."""

_NO_FLOOR: Final = Decimal("0.00000001")
_NO_CAP: Final = Decimal(10**15)


def check_account(world: World, account: Account, symbol: str, now_ms: int) -> None:
    """Liquidate what a new mark price of `symbol` has ruined, warn about what it endangers."""
    if not any(True for _ in account.live_positions(symbol)):
        return
    if account.settings_of(symbol).isolated:
        for position in list(account.live_positions(symbol)):
            _check_isolated(world, account, position, now_ms)
    else:
        _check_cross(world, account, now_ms)


def _check_isolated(world: World, account: Account, position: Position, now_ms: int) -> None:
    mark = world.mark_of(position.symbol)
    equity = position.isolated_wallet + position.unrealised(mark)
    needed = position_maintenance(world, position)
    key = f"{position.symbol}/{position.side}"
    if equity <= needed:
        _take_over(world, account, position, now_ms)
    else:
        _warn(world, account, key, [position], needed / equity, now_ms)


def _check_cross(world: World, account: Account, now_ms: int) -> None:
    while positions := cross_positions(account):
        equity = account.cross_wallet + unrealised(world, positions)
        needed = sum((position_maintenance(world, p) for p in positions), ZERO)
        if equity > needed:
            _warn(world, account, "cross", positions, needed / equity, now_ms)
            return
        worst = min(positions, key=lambda p: (p.unrealised(world.mark_of(p.symbol)), p.symbol))
        _take_over(world, account, worst, now_ms)


def _warn(
    world: World,
    account: Account,
    key: str,
    positions: list[Position],
    ratio: Decimal,
    now_ms: int,
) -> None:
    if ratio < CALL_RATIO:
        account.margin_called.discard(key)
    elif key not in account.margin_called:
        account.margin_called.add(key)
        world.send(account, margin_call(world, account, positions, now_ms))


def _take_over(world: World, account: Account, position: Position, now_ms: int) -> None:
    """Cancel the symbol's orders, close the position into the book and charge the clearance fee."""
    symbol = position.symbol
    isolated = account.settings_of(symbol).isolated
    margin, wallet_before = position.isolated_wallet, account.wallet
    for order in account.open_orders_of(symbol):
        end(world, account, order, "EXPIRED", now_ms, EXPIRED_LIQUIDATION)
    order = _closing_order(world, account, position, now_ms)
    enter(world, account, order, now_ms)
    for match in _closing_matches(world, order):
        fill(world, account, order, match, now_ms, maker=False, execution="CALCULATED")
    if isolated:
        left = margin + account.wallet - wallet_before
    else:
        left = account.cross_wallet + unrealised(world, cross_positions(account))
    _clear(world, account, symbol, left, order.cum_quote, now_ms)
    account.margin_called.discard(f"{symbol}/{position.side}" if isolated else "cross")


def _closing_order(world: World, account: Account, position: Position, now_ms: int) -> Order:
    rules = world.rules[position.symbol]
    bankrupt = liquidation_price(world, account, position)
    price = max(rules.tick_size, bankrupt // rules.tick_size * rules.tick_size)
    number = world.next_order_id()
    return Order(
        order_id=number,
        client_id=f"autoclose-{number}",
        symbol=position.symbol,
        side="SELL" if position.qty > 0 else "BUY",
        order_type="LIMIT",
        orig_type="LIMIT",
        time_in_force="IOC",
        qty=abs(position.qty),
        price=price,
        position_side=position.side,
        reduce_only=position.side == "BOTH",
        created_ms=now_ms,
        updated_ms=now_ms,
    )


def _closing_matches(world: World, order: Order) -> list[Match]:
    """Match all of the quantity: what the levels do not hold goes at the last level's price."""
    rules, tick = world.rules[order.symbol], world.tick_of(order.symbol)
    worst = _NO_CAP if order.is_buy else _NO_FLOOR
    depth = world.depth_of(order.symbol)
    matches = sweep(rules, depth, tick, order.qty, buy=order.is_buy, worst=worst)
    rest = order.qty - sum((match.qty for match in matches), ZERO)
    if rest > 0:
        last = matches[-1]
        matches[-1] = Match(last.price, last.qty + rest)
    return matches


def _clear(
    world: World, account: Account, symbol: str, left: Decimal, notional: Decimal, now_ms: int
) -> None:
    """Charge the fee out of what margin is left; the insurance fund fills a hole."""
    fee = money(notional * world.rules[symbol].liquidation_fee)
    amount = -left if left < 0 else -min(fee, left)
    world.book_income(account, symbol, "INSURANCE_CLEAR", money(amount), now_ms)
    event = account_update(world, account, "INSURANCE_CLEAR", now_ms, balance_change=money(amount))
    world.send(account, event)
