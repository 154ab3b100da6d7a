"""Executions: each is applied once, to the round trip it belongs to."""

from engine.core.adopt import revive, take_over
from engine.core.fills import apply_fill
from engine.core.guard import judge_equity
from engine.core.rivals import fill_is_rivals, halt
from engine.core.state import BookState, Claim, EngineState
from engine.core.tell import ask_snapshot
from engine.core.trade import Trade
from engine.core.trades import drive
from engine.domain.effects import Effect, FillSeen, Record
from engine.domain.events import (
    Instant,
)
from engine.domain.ids import parse_client_order_id
from engine.domain.order import Fill, Purpose, Side
from engine.domain.setup import Direction

_FRESH_S = 60.0
"""Wall seconds in which an unplanned entry execution of ours is adopted without asking."""


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
        claim_side(book, fill.client_id, fill.symbol, fill.side)
        return None, []  # what has become of an old one only a snapshot can tell
    direction = Direction(fill.side.sign)
    return take_over(state, book, fill.symbol, direction, fill.price, now)


def claim_side(book: BookState, client_id: str, symbol: str, side: Side) -> None:
    """Note that an entry of ours was filled some time: what is open on that side is ours."""
    parts = parse_client_order_id(client_id)
    if parts is not None and parts.purpose is Purpose.ENTRY:
        book.claims.setdefault(symbol, Claim(Direction(side.sign)))
