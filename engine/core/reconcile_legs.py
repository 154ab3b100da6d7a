"""The legs of a trade against the conditional orders the venue shows."""

from engine.core.protection import Leg, LegState
from engine.core.rivals import is_rivals
from engine.core.state import BookState, EngineState
from engine.core.trade import Trade
from engine.domain.account import VenueSnapshot
from engine.domain.events import Instant
from engine.domain.order import Order, OrderStatus, OrderType, Purpose


def compare_legs(
    state: EngineState, book: BookState, trade: Trade, snapshot: VenueSnapshot, now: Instant
) -> None:
    """Adopt legs that rest, drop legs that do not; `drive` then sends what is missing."""
    protection = trade.protection
    resting = {
        order.client_id: order
        for order in snapshot.conditionals
        if order.symbol == trade.symbol and not order.status.is_final
    }
    for leg in list(protection.legs.values()):
        if leg.sent_ms >= snapshot.taken_ms:
            continue
        if leg.client_id in resting:
            protection.confirm(leg.client_id, now.wall_s)
        elif leg.state is LegState.RESTING:
            protection.lost(leg.client_id)
        elif leg.state in {LegState.SENT, LegState.CANCELLING}:
            protection.forget(leg.client_id)
    for order in resting.values():
        rival = is_rivals(state, book, order)
        if order.client_id not in protection.legs and trade.owns(order.client_id) and not rival:
            adopt_leg(trade, order, now)
    trade.confirm_by_snapshot = False
    protection.needs_snapshot = False


def adopt_leg(trade: Trade, order: Order, now: Instant) -> None:
    """Take over a resting order of ours as a leg of the trade."""
    is_stop = order.order_type is OrderType.STOP_MARKET
    protection = trade.protection
    ahead = (order.trigger_price - protection.stop_price) * int(trade.direction)
    fresh = order.client_id not in protection.ended
    if is_stop and fresh and (ahead > 0 or trade.improvised):
        protection.stop_price = order.trigger_price  # it was moved before the restart
    elif fresh and trade.improvised:
        protection.target_price = order.trigger_price
    protection.adopt(
        Leg(
            client_id=order.client_id,
            purpose=Purpose.STOP if is_stop else Purpose.TARGET,
            qty=order.qty,
            trigger=order.trigger_price,
            state=LegState.TRIGGERED if order.status is OrderStatus.TRIGGERED else LegState.RESTING,
            since_s=now.wall_s,
        )
    )
