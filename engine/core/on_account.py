"""Account events: dispatch, and what the venue tells about our money."""

from dataclasses import replace
from decimal import Decimal

from engine.core.guard import judge_equity
from engine.core.on_fill import on_fill
from engine.core.on_order import (
    on_cancel_refused,
    on_expired_intent,
    on_order,
    on_rejected_order,
    on_unknown_order,
)
from engine.core.reconcile import on_snapshot
from engine.core.state import BookState, EngineState
from engine.core.tell import alarm, ask_snapshot, remembered
from engine.domain.effects import Effect
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
from engine.domain.notices import AlarmKind
from engine.risk.breakers import on_transfer

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
            return on_order(state, book, order, now)
        case OrderFilled(fill=fill):
            return on_fill(state, book, fill, now)
        case OrderRejected():
            return on_rejected_order(state, book, event, now)
        case OrderUnknown():
            return on_unknown_order(state, book, event, now)
        case IntentExpired():
            return on_expired_intent(state, book, event, now)
        case CancelRefused():
            return on_cancel_refused(state, book, event, now)
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
