"""What one execution does to an account: position, isolated margin, wallet, history and events."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from engine.exchange.sim.account import Trade
from engine.exchange.sim.money import ZERO, money
from engine.exchange.sim.user_events import (
    FillDetails,
    account_update,
    order_trade_update,
    trade_lite,
)

if TYPE_CHECKING:
    from engine.exchange.sim.account import Account, Position
    from engine.exchange.sim.matching import Match
    from engine.exchange.sim.orders import Order
    from engine.exchange.sim.world import World


def settle(
    world: World,
    account: Account,
    order: Order,
    match: Match,
    now_ms: int,
    *,
    maker: bool,
    execution: str = "TRADE",
) -> None:
    """Book one execution and send TRADE_LITE, ACCOUNT_UPDATE and ORDER_TRADE_UPDATE, in this order.

    The quantity must not exceed what the order may still trade. Profit and commission are booked
    rounded to 1e-8, so the wallet equals the seed plus the bookings exactly.
    """
    position = account.position(order.symbol, order.position_side)
    margin_before = position.isolated_wallet
    trade_id = world.next_trade_id()
    rate = world.fees.maker if maker else world.fees.taker
    commission = money(match.price * match.qty * rate)
    realised = _move_position(account, position, order, match, commission)
    position.updated_ms = now_ms
    world.book_income(account, order.symbol, "REALIZED_PNL", realised, now_ms, trade_id)
    world.book_income(account, order.symbol, "COMMISSION", -commission, now_ms, trade_id)
    if realised < 0:
        hole = _uncovered(account, position, realised, margin_before - position.isolated_wallet)
        world.book_income(account, order.symbol, "INSURANCE_CLEAR", hole, now_ms, trade_id)
    order.executed_qty += match.qty
    order.cum_quote += match.price * match.qty
    order.status = "PARTIALLY_FILLED" if order.remaining_qty else "FILLED"
    order.updated_ms = now_ms
    fill = FillDetails(trade_id, match.price, match.qty, commission, realised, maker)
    _keep(world, account, order, fill, now_ms)
    _tell(world, account, order, position, fill, now_ms, execution)


def _uncovered(
    account: Account, position: Position, realised: Decimal, released: Decimal
) -> Decimal:
    """Return the part of a loss that the customer does not owe: the insurance fund pays it.

    An isolated position cannot lose more than its margin. A shared wallet cannot end below zero
    once no position is left whose profit could still fill it.
    """
    if account.settings_of(position.symbol).isolated:
        return max(ZERO, -(realised + released))
    if any(not account.settings_of(p.symbol).isolated for p in account.live_positions()):
        return ZERO
    return max(ZERO, -account.cross_wallet)


def _move_position(
    account: Account, position: Position, order: Order, match: Match, commission: Decimal
) -> Decimal:
    closing = min(match.qty, abs(position.qty)) if position.sign == -order.sign else ZERO
    opening = match.qty - closing
    realised = _close_part(position, closing, match.price) if closing else ZERO
    if opening:
        leverage = account.settings_of(order.symbol).leverage
        position.qty += order.sign * opening
        position.cost += opening * match.price
        position.fees_open += commission * opening / match.qty
        if account.settings_of(order.symbol).isolated:
            position.isolated_wallet += money(opening * match.price / leverage)
    return realised


def _close_part(position: Position, qty: Decimal, price: Decimal) -> Decimal:
    """Take `qty` out of the position and return the profit it books."""
    sign, held = position.sign, abs(position.qty)
    whole = qty == held
    cost = position.cost if whole else money(position.cost * qty / held)
    realised = money(sign * (qty * price - cost))
    margin = position.isolated_wallet if whole else money(position.isolated_wallet * qty / held)
    position.qty -= sign * qty
    position.cost -= cost
    position.isolated_wallet -= margin
    position.fees_open = ZERO if whole else position.fees_open * (held - qty) / held
    position.realised += realised
    return realised


def _keep(world: World, account: Account, order: Order, fill: FillDetails, now_ms: int) -> None:
    account.trades.append(
        Trade(
            trade_id=fill.trade_id,
            order_id=order.order_id,
            symbol=order.symbol,
            side=order.side,
            position_side=order.position_side,
            price=fill.price,
            qty=fill.qty,
            realised=fill.realised,
            commission=fill.commission,
            maker=fill.maker,
            at_ms=now_ms,
        )
    )
    world.record(
        account,
        order.symbol,
        order.position_side,
        "fill",
        order.order_id,
        now_ms,
        label=order.client_id,
        qty=order.sign * fill.qty,
        price=fill.price,
    )


def _tell(
    world: World,
    account: Account,
    order: Order,
    position: Position,
    fill: FillDetails,
    now_ms: int,
    execution: str,
) -> None:
    rules = world.rules[order.symbol]
    world.send(account, trade_lite(rules, order, fill, now_ms))
    world.send(account, account_update(world, account, "ORDER", now_ms, positions=[position]))
    waiting = waiting_notionals(account, order.symbol)
    world.send(
        account,
        order_trade_update(rules, order, execution, now_ms, fill=fill, waiting=waiting),
    )


def waiting_notionals(account: Account, symbol: str) -> tuple[Decimal, Decimal]:
    """Return the notionals of the symbol's open buy and sell orders."""
    bid = ask = Decimal(0)
    for order in account.open_orders_of(symbol):
        notional = order.remaining_qty * order.price
        bid, ask = (bid + notional, ask) if order.is_buy else (bid, ask + notional)
    return bid, ask
