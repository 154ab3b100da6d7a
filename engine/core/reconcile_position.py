"""A position of ours against the row the venue shows for it."""

from dataclasses import replace
from decimal import Decimal

from engine.core.closing import finish
from engine.core.fills import opened, value_risk
from engine.core.state import BookState, Doubt, EngineState
from engine.core.tell import alarm, ask_snapshot, remembered
from engine.core.trade import ZERO, SentState, Trade
from engine.domain.account import VenuePosition
from engine.domain.effects import Effect
from engine.domain.events import Instant
from engine.domain.notices import AlarmKind, Priority
from engine.domain.position import ExitReason

_DOUBT_S = 0.5
"""Wall seconds between the two snapshots that must agree."""


def compare_position(
    state: EngineState,
    book: BookState,
    trade: Trade,
    row: VenuePosition | None,
    now: Instant,
    *,
    at_once: bool,
    taken: int,
) -> list[Effect]:
    """Make our quantity agree with the venue's row of the position."""
    venue_qty = row.qty if row else ZERO
    ours = trade.position.qty
    if venue_qty == ours:
        book.doubts.pop(trade.symbol, None)
        return []
    sign = int(trade.direction)
    if row is not None and venue_qty * sign > ours * sign:
        book.doubts.pop(trade.symbol, None)
        return grow(state, trade, row, taken, now)
    if ours == ZERO:
        # Somebody has opened the other way while our legs are being cleared away: shown when ours
        # has left.
        return ask_snapshot(book, f"{trade.symbol}: another's position beside our legs", now)
    if not at_once and not _seen_twice(book, trade.symbol, venue_qty, now):
        return ask_snapshot(book, f"{trade.symbol}: position differs from our fills", now)
    book.doubts.pop(trade.symbol, None)
    return _shrink(state, book, trade, venue_qty, taken, now)


def _seen_twice(book: BookState, symbol: str, qty: Decimal, now: Instant) -> bool:
    doubt = book.doubts.get(symbol)
    if doubt is None or doubt.qty != qty:
        book.doubts[symbol] = Doubt(qty, now.wall_s)
        return False
    return now.wall_s - doubt.seen_s >= _DOUBT_S


def grow(
    state: EngineState, trade: Trade, row: VenuePosition, taken: int, now: Instant
) -> list[Effect]:
    """More is open than our fills say: take it over and protect it; its fills come later."""
    missing = row.qty - trade.position.qty
    if not trade.qty:
        opened(state, trade, now.exchange_ms)
    trade.position = replace(trade.position, qty=row.qty, entry_price=row.entry_price)
    trade.unaccounted += missing
    trade.truth_ms = taken
    trade.tally.entry_qty += abs(missing)
    trade.tally.entry_value += abs(missing) * row.entry_price
    trade.told_protected = False
    value_risk(trade)
    text = f"{trade.symbol}: the exchange holds {row.qty}, {missing} more than our fills; adopted"
    key = f"{trade.book.value}:{trade.memory.trade_key}:{taken}"
    return [alarm(AlarmKind.ADOPTED, key, text, now, Priority.FILL), remembered(trade)]


def _shrink(
    state: EngineState, book: BookState, trade: Trade, venue_qty: Decimal, taken: int, now: Instant
) -> list[Effect]:
    """Less is open: closed by hand, by liquidation, or its fills are lost. Valued at the mark."""
    sign = int(trade.direction)
    kept = venue_qty if venue_qty * sign > 0 else ZERO
    gone = abs(trade.position.qty - kept)
    price = state.price_of(trade.symbol) or trade.position.entry_price
    position = trade.position
    gain = (price - position.entry_price) * gone * sign
    trade.position = replace(position, qty=kept, realised=position.realised + gain)
    trade.unaccounted = -gone * sign
    trade.truth_ms = taken
    trade.tally.exit_qty += gone
    trade.tally.exit_value += gone * price
    text = f"{trade.symbol}: {gone} was closed outside the bot; its result is estimated at {price}"
    key = f"{trade.book.value}:{trade.memory.trade_key}:{taken}"
    effects: list[Effect] = [alarm(AlarmKind.ACCOUNT, key, text, now)]
    if kept:
        return [*effects, remembered(trade)]
    return [*effects, *finish(state, book, trade, ExitReason.EXTERNAL, now)]


def settle_orders(trade: Trade, row: VenuePosition | None) -> None:
    """Entry and exit orders whose fills stayed away are settled by the position itself."""
    if (row.qty if row else ZERO) != trade.position.qty:
        return
    entry = trade.entry
    if entry is not None and entry.state is SentState.ENDED and entry.expected is not None:
        entry.expected = min(entry.expected, trade.filled.get(entry.client_id, ZERO))
    sent = trade.exit
    if sent is not None and sent.state in {SentState.UNKNOWN, SentState.ENDED}:
        trade.exit = None
        trade.exit_retry_at_s = 0.0
