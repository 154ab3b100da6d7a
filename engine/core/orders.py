"""Building the orders of a round trip; every number is already on the venue's grid."""

from decimal import Decimal

from engine.core.protection import CancelLeg, LegAction
from engine.core.trade import SentOrder, SentState, Trade
from engine.domain.effects import CancelOrder, Effect, SubmitOrder
from engine.domain.events import Instant
from engine.domain.order import (
    Intent,
    OrderRequest,
    OrderType,
    Purpose,
    TimeInForce,
)

_LEG_TYPES = {
    Purpose.STOP: OrderType.STOP_MARKET,
    Purpose.TARGET: OrderType.TAKE_PROFIT_MARKET,
}


def submit_entry(trade: Trade, qty: Decimal, limit_price: Decimal, now: Instant) -> SubmitOrder:
    """Return the one entry order of a trade: LIMIT IOC, never a naked market order."""
    client_id = trade.names.next(Purpose.ENTRY)
    trade.entry = SentOrder(client_id, qty, now.wall_s)
    trade.active_ms = now.exchange_ms
    request = OrderRequest(
        client_id=client_id,
        symbol=trade.symbol,
        side=trade.entry_side,
        order_type=OrderType.LIMIT,
        qty=qty,
        purpose=Purpose.ENTRY,
        price=limit_price,
        time_in_force=TimeInForce.IOC,
    )
    return _submit(trade, request, 0, now)


def submit_exit(trade: Trade, qty: Decimal, now: Instant) -> SubmitOrder:
    """Return a reduce-only MARKET order over `qty` of the position."""
    client_id = trade.names.next(Purpose.EXIT)
    trade.exit = SentOrder(client_id, qty, now.wall_s, SentState.PENDING)
    trade.active_ms = now.exchange_ms
    request = OrderRequest(
        client_id=client_id,
        symbol=trade.symbol,
        side=trade.entry_side.opposite,
        order_type=OrderType.MARKET,
        qty=qty,
        purpose=Purpose.EXIT,
        reduce_only=True,
    )
    return _submit(trade, request, trade.names.attempts[Purpose.EXIT] - 1, now)


def leg_effect(trade: Trade, action: LegAction, now: Instant) -> Effect:
    """Turn what the protection wants into an effect and tell it the id of the order."""
    if isinstance(action, CancelLeg):
        return CancelOrder(trade.book, trade.symbol, action.client_id, conditional=True)
    purpose = action.purpose
    client_id = trade.names.next(purpose)
    trade.protection.sent(client_id, action, now.wall_s, now.exchange_ms)
    request = OrderRequest(
        client_id=client_id,
        symbol=trade.symbol,
        side=trade.entry_side.opposite,
        order_type=_LEG_TYPES[purpose],
        qty=action.qty,
        purpose=purpose,
        trigger_price=action.trigger,
        reduce_only=True,
    )
    return _submit(trade, request, trade.names.attempts[purpose] - 1, now)


def _submit(trade: Trade, request: OrderRequest, attempt: int, now: Instant) -> SubmitOrder:
    return SubmitOrder(
        Intent(
            book=trade.book,
            trade_key=trade.memory.trade_key,
            request=request,
            created_ms=now.exchange_ms,
            attempt=attempt,
        )
    )
