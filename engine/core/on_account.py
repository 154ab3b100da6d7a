"""Account events: what the venue tells about our orders, executions and money."""

from dataclasses import replace
from decimal import Decimal

from engine.core.adopt import revive, take_over
from engine.core.fills import apply_fill
from engine.core.guard import act_on_trips, judge_equity
from engine.core.protection import DUPLICATE_ID, NOT_EXECUTED_CODES
from engine.core.reconcile import on_snapshot
from engine.core.rivals import fill_is_rivals, halt, is_rivals, notice_rival
from engine.core.state import BookState, Claim, EngineState
from engine.core.tell import alarm, ask_snapshot, remembered
from engine.core.trade import ZERO, SentOrder, SentState, Trade
from engine.core.trades import drive, exit_refused
from engine.domain.effects import CancelOrder, Effect, FillSeen, OrderSeen, Record
from engine.domain.events import (
    AccountDeaf,
    AccountEvent,
    AccountHeard,
    AccountRefused,
    BalanceChanged,
    CancelRefused,
    FundingPaid,
    Instant,
    IntentExpired,
    OrderAccepted,
    OrderChanged,
    OrderFilled,
    OrderRejected,
    OrderUnknown,
    PositionReported,
    SnapshotTaken,
    SymbolPrepared,
)
from engine.domain.ids import parse_client_order_id
from engine.domain.notices import AlarmKind, Priority
from engine.domain.order import Fill, Order, OrderStatus, Purpose, Side
from engine.domain.setup import Direction
from engine.risk.breakers import on_rejected, on_transfer

_FRESH_S = 60.0
"""Wall seconds in which an unplanned entry execution of ours is adopted without asking."""
KEY_REFUSED = "the exchange refuses the API key, its permissions or this address"
_TRANSFERS = frozenset(
    {
        "DEPOSIT",
        "WITHDRAW",
        "WITHDRAW_REJECT",
        "ADMIN_DEPOSIT",
        "ADMIN_WITHDRAW",
        "ASSET_TRANSFER",
        "MARGIN_TRANSFER",
        "COIN_SWAP_DEPOSIT",
        "COIN_SWAP_WITHDRAW",
    }
)
"""Reasons of ACCOUNT_UPDATE that move money in or out (Binance, Event Balance and Position)."""


def on_account(state: EngineState, event: AccountEvent, now: Instant) -> list[Effect]:
    """Dispatch one account event; events of a book that is not plugged in are ignored."""
    book = state.books.get(event.book)
    if book is None:
        return []
    match event:
        case OrderAccepted(order=order) | OrderChanged(order=order):
            return _on_order(state, book, order, now)
        case OrderFilled(fill=fill):
            return on_fill(state, book, fill, now)
        case OrderRejected():
            return _on_rejected(state, book, event, now)
        case OrderUnknown():
            return _on_unknown(state, book, event, now)
        case IntentExpired():
            return _on_expired(state, book, event, now)
        case CancelRefused():
            return _on_cancel_refused(state, book, event, now)
        case _:
            return _on_state_of_account(state, book, event, now)


def _on_state_of_account(
    state: EngineState,
    book: BookState,
    event: BalanceChanged
    | FundingPaid
    | PositionReported
    | SnapshotTaken
    | SymbolPrepared
    | AccountDeaf
    | AccountHeard
    | AccountRefused,
    now: Instant,
) -> list[Effect]:
    match event:
        case BalanceChanged():
            return _on_balance(state, book, event, now)
        case FundingPaid(symbol=symbol, amount=amount):
            return _on_funding(book, symbol, amount)
        case PositionReported():
            return _on_position(book, event, now)
        case SnapshotTaken(snapshot=snapshot):
            return on_snapshot(state, book, snapshot, now)
        case SymbolPrepared(setup=setup):
            book.prepared[setup.symbol] = setup
            return []
        case AccountDeaf(reason=reason):
            return _on_deaf(book, reason, now)
        case AccountRefused(reason=reason):
            return _on_refused(book, reason, now)
        case _:
            book.deaf = ""
            book.snapshot_asked_s = None
            return ask_snapshot(book, "user stream is back", now)


# --- orders --------------------------------------------------------------------------------------


def _on_order(state: EngineState, book: BookState, order: Order, now: Instant) -> list[Effect]:
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
            _claim(book, order.client_id, order.symbol, order.side)
            return ask_snapshot(book, f"{order.symbol}: an unexpected order was filled", now)
        return []
    if order.symbol in book.trades or order.client_id in book.orphans:
        return []
    if not order.conditional:
        return ask_snapshot(book, f"{order.symbol}: an unexpected order of ours", now)
    book.orphans[order.client_id] = order.symbol
    return [CancelOrder(book.book, order.symbol, order.client_id, conditional=True)]


def _on_rejected(
    state: EngineState, book: BookState, event: OrderRejected, now: Instant
) -> list[Effect]:
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


def _on_unknown(
    state: EngineState, book: BookState, event: OrderUnknown, now: Instant
) -> list[Effect]:
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


def _on_expired(
    state: EngineState, book: BookState, event: IntentExpired, now: Instant
) -> list[Effect]:
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


def _on_cancel_refused(
    state: EngineState, book: BookState, event: CancelRefused, now: Instant
) -> list[Effect]:
    book.orphans.pop(event.client_id, None)
    trade = book.trade_of(event.symbol, event.client_id)
    if trade is None:
        return []
    trade.protection.cancel_refused(event.client_id)
    return drive(state, book, trade, now)


# --- executions and money ------------------------------------------------------------------------


def on_fill(state: EngineState, book: BookState, fill: Fill, now: Instant) -> list[Effect]:
    """Apply an execution once, reviving or adopting the round trip it belongs to."""
    if not book.first_sight(fill.symbol, fill.trade_id):
        return []
    state.count("fills")
    told: list[Effect] = []
    trade = book.trades.get(fill.symbol)
    if _is_history(book, trade, fill):
        return [Record(FillSeen(book.book, "", fill))]
    rivals = fill_is_rivals(state, trade, fill)
    if rivals:
        told = halt(state, book, fill.client_id, now)
    elif trade is None:
        trade, told = _trade_for_stray(state, book, fill, now)
    key = trade.memory.trade_key if trade else ""
    effects: list[Effect] = [Record(FillSeen(book.book, key, fill)), *told]
    if trade is None:
        if fill.symbol in book.foreign:
            return effects
        return effects + ask_snapshot(book, f"{fill.symbol}: an unexpected execution", now)
    effects += apply_fill(state, book, trade, fill, now)
    effects += drive(state, book, trade, now)
    return effects + judge_equity(state, book, now)


def _is_history(book: BookState, trade: Trade | None, fill: Fill) -> bool:
    """Return whether an execution belongs to an earlier round trip, told again after a restart."""
    if trade is None:
        return book.is_finished(fill.client_id) and book.tombstone_of(fill.client_id) is None
    if trade.owns(fill.client_id):
        return False
    return book.is_finished(fill.client_id) or fill.event_time_ms < trade.memory.opened_ms


def _trade_for_stray(
    state: EngineState, book: BookState, fill: Fill, now: Instant
) -> tuple[Trade | None, list[Effect]]:
    trade, told = revive(book, fill.client_id, now)
    if trade is not None:
        return trade, told
    parts = parse_client_order_id(fill.client_id)
    if parts is None or parts.purpose is not Purpose.ENTRY:
        return None, []
    if now.exchange_ms - fill.event_time_ms > _FRESH_S * 1000 * state.config.speed:
        _claim(book, fill.client_id, fill.symbol, fill.side)
        return None, []  # what has become of an old one only a snapshot can tell
    direction = Direction(fill.side.sign)
    return take_over(state, book, fill.symbol, direction, fill.price, now)


def _claim(book: BookState, client_id: str, symbol: str, side: Side) -> None:
    """An entry of ours was filled some time: what is open on that side is ours."""
    parts = parse_client_order_id(client_id)
    if parts is not None and parts.purpose is Purpose.ENTRY:
        book.claims.setdefault(symbol, Claim(Direction(side.sign)))


def _on_balance(
    state: EngineState, book: BookState, event: BalanceChanged, now: Instant
) -> list[Effect]:
    if event.reason in _TRANSFERS:
        book.breakers = on_transfer(book.breakers, event.wallet - book.wallet)
    book.wallet = event.wallet
    return judge_equity(state, book, now)


def _on_funding(book: BookState, symbol: str, amount: Decimal) -> list[Effect]:
    trade = book.trades.get(symbol)
    if trade is None or not trade.qty:
        return []
    funding = trade.position.funding + amount
    trade.position = replace(trade.position, funding=funding)
    trade.remember(funding=funding)
    return [remembered(trade)]


def _on_position(book: BookState, event: PositionReported, now: Instant) -> list[Effect]:
    symbol, qty = event.position.symbol, event.position.qty
    trade = book.trades.get(symbol)
    if trade is not None:
        trade.reported = None if qty == trade.position.qty else (qty, now.wall_s)
        return []
    if not qty:
        book.foreign.pop(symbol, None)
        return []
    if symbol in book.foreign:
        book.foreign[symbol] = qty
        return []
    return ask_snapshot(book, f"{symbol}: an unexpected position", now)


def _on_deaf(book: BookState, reason: str, now: Instant) -> list[Effect]:
    fresh = not book.deaf
    book.deaf = reason
    book.ready = False
    if not fresh:
        return []
    text = f"{book.book.value} account stream is down: {reason}; no entries until it is back"
    return [alarm(AlarmKind.ACCOUNT, f"{book.book.value}:deaf:{now.exchange_ms}", text, now)]


def _on_refused(book: BookState, reason: str, now: Instant) -> list[Effect]:
    """The key is refused: told once an outage, which the next snapshot ends."""
    fresh = book.trouble != KEY_REFUSED
    book.trouble, book.ready = KEY_REFUSED, False
    if not fresh:
        return []
    text = f"{book.book.value} book: {KEY_REFUSED} ({reason}); no entries, nothing can be protected"
    return [alarm(AlarmKind.ACCOUNT, f"{book.book.value}:refused:{now.exchange_ms}", text, now)]
