"""Events of our orders: accepted, changed, refused, lost."""

from engine.core.guard import act_on_trips
from engine.core.on_fill import claim_side
from engine.core.protection import DUPLICATE_ID, NOT_EXECUTED_CODES
from engine.core.rivals import is_rivals, notice_rival
from engine.core.state import BookState, EngineState
from engine.core.tell import alarm, ask_snapshot
from engine.core.trade import ZERO, SentOrder, SentState, Trade
from engine.core.trades import drive, exit_refused
from engine.domain.effects import CancelOrder, Effect, OrderSeen, Record
from engine.domain.events import (
    CancelRefused,
    Instant,
    IntentExpired,
    OrderRejected,
    OrderUnknown,
)
from engine.domain.ids import parse_client_order_id
from engine.domain.notices import AlarmKind, Priority
from engine.domain.order import Order, OrderStatus, Purpose
from engine.risk.breakers import on_rejected


def on_order(state: EngineState, book: BookState, order: Order, now: Instant) -> list[Effect]:
    """Take what the venue says of an order; somebody else's order is not even journalled."""
    parts = parse_client_order_id(order.client_id)
    if parts is None:
        return []  # somebody else's order; its position shows up in the snapshot
    effects: list[Effect] = [Record(OrderSeen(book.book, order))]
    if is_rivals(state, book, order):
        return effects + notice_rival(state, book, order, now)
    trade = book.trade_of(order.symbol, order.client_id)
    if trade is None:
        return effects + _on_stray_order(book, order, now)
    match parts.purpose:
        case Purpose.ENTRY:
            _note(trade.entry, order)
        case Purpose.EXIT:
            _note(trade.exit, order)
        case _:
            effects += _on_leg(book, trade, order, now)
    return effects + drive(state, book, trade, now)


def _note(sent: SentOrder | None, order: Order) -> None:
    """Take over what the venue says of an entry or exit order; an end is never taken back."""
    if sent is None or sent.client_id != order.client_id or sent.state is SentState.ENDED:
        return
    if order.status.is_final:
        sent.state, sent.expected = SentState.ENDED, order.filled_qty
    else:
        sent.state = SentState.ACCEPTED


def _on_leg(book: BookState, trade: Trade, order: Order, now: Instant) -> list[Effect]:
    status, client_id = order.status, order.client_id
    live = status in {OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED}
    if live and order.conditional and client_id in trade.protection.ended:
        # Given up because a cancel did not find it, and it came to rest afterwards. Where the
        # news is merely old, this cancel finds nothing.
        return [CancelOrder(book.book, order.symbol, client_id, conditional=True)]
    if live and not order.conditional:
        status = OrderStatus.TRIGGERED  # the market order a trigger has released
    trade.protection.change(client_id, status, order.reason, now.wall_s)
    return []


def _on_stray_order(book: BookState, order: Order, now: Instant) -> list[Effect]:
    """An order of ours without a running trade: late, or left over."""
    if order.status.is_final:
        book.orphans.pop(order.client_id, None)
        late = book.is_finished(order.client_id) or order.symbol in book.trades
        if order.filled_qty > 0 and not late:
            claim_side(book, order.client_id, order.symbol, order.side)
            return ask_snapshot(book, f"{order.symbol}: an unexpected order was filled", now)
        return []
    if order.symbol in book.trades or order.client_id in book.orphans:
        return []
    if not order.conditional:
        return ask_snapshot(book, f"{order.symbol}: an unexpected order of ours", now)
    book.orphans[order.client_id] = order.symbol
    return [CancelOrder(book.book, order.symbol, order.client_id, conditional=True)]


def on_rejected_order(
    state: EngineState, book: BookState, event: OrderRejected, now: Instant
) -> list[Effect]:
    """An order was refused: the entry ends, an exit or leg is tried anew."""
    trade = book.trade_of(event.symbol, event.client_id)
    parts = parse_client_order_id(event.client_id)
    if trade is None or parts is None:
        return []
    effects: list[Effect] = []
    match parts.purpose:
        case Purpose.ENTRY:
            effects = _entry_rejected(state, book, trade, event, now)
        case Purpose.EXIT:
            if trade.exit is not None and trade.exit.client_id == event.client_id:
                effects = exit_refused(book, trade, event.code, event.reason, now)
        case _:
            trade.protection.refuse(event.client_id, event.code, event.reason)
    return effects + drive(state, book, trade, now)


def _entry_rejected(
    state: EngineState, book: BookState, trade: Trade, event: OrderRejected, now: Instant
) -> list[Effect]:
    entry = trade.entry
    if entry is None or entry.client_id != event.client_id or entry.state is SentState.ENDED:
        return []
    if event.code == DUPLICATE_ID:
        entry.state = SentState.UNKNOWN  # an order with this id exists: the first one landed
        return ask_snapshot(book, f"{event.symbol}: entry id used before", now)
    entry.state, entry.expected = SentState.ENDED, ZERO
    book.cool_until[event.symbol] = now.exchange_ms + state.config.limits.cool_down_ms
    text = f"{event.symbol}: the entry was refused ({event.code} {event.reason})"
    effects: list[Effect] = [alarm(AlarmKind.REJECTED, event.client_id, text, now, Priority.FILL)]
    if event.code in NOT_EXECUTED_CODES:
        return effects
    book.breakers, trips = on_rejected(book.breakers, state.config.limits, now.exchange_ms)
    return effects + act_on_trips(state, book, trips, now)


def on_unknown_order(
    state: EngineState, book: BookState, event: OrderUnknown, now: Instant
) -> list[Effect]:
    """Nobody knows whether an order landed: its symbol is frozen until that is settled."""
    trade = book.trade_of(event.symbol, event.client_id)
    if trade is None:
        return []
    for sent in (trade.entry, trade.exit):
        if sent and sent.client_id == event.client_id and sent.state is not SentState.ENDED:
            sent.state = SentState.UNKNOWN
    text = f"{event.symbol}: the fate of order {event.client_id} is unknown; symbol frozen"
    effects: list[Effect] = [
        alarm(AlarmKind.UNKNOWN_ORDER, event.client_id, text, now, Priority.FILL)
    ]
    return effects + drive(state, book, trade, now)


def on_expired_intent(
    state: EngineState, book: BookState, event: IntentExpired, now: Instant
) -> list[Effect]:
    """An unknown order was not found for good."""
    trade = book.trade_of(event.symbol, event.client_id)
    if trade is None:
        return []
    effects: list[Effect] = []
    entry = trade.entry
    if entry and entry.client_id == event.client_id and entry.state is not SentState.ENDED:
        known = trade.filled.get(entry.client_id)
        if known is None and (trade.qty or trade.rounds):
            known = ZERO  # a snapshot has shown it already: no tombstone
        entry.state, entry.expected = SentState.ENDED, known
        text = f"{event.symbol}: the unknown entry was not found and is given up; watched for 24 h"
        effects.append(
            alarm(AlarmKind.UNKNOWN_ORDER, f"{event.client_id}:expired", text, now, Priority.FILL)
        )
    elif trade.exit and trade.exit.client_id == event.client_id:
        trade.exit = None
    else:
        trade.protection.lost(event.client_id)
    return effects + drive(state, book, trade, now)


def on_cancel_refused(
    state: EngineState, book: BookState, event: CancelRefused, now: Instant
) -> list[Effect]:
    """The order that was to be cancelled is not there."""
    book.orphans.pop(event.client_id, None)
    trade = book.trade_of(event.symbol, event.client_id)
    if trade is None:
        return []
    trade.protection.cancel_refused(event.client_id)
    return drive(state, book, trade, now)
