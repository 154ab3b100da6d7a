"""The end of a round trip: the closed trade, its consequences, and leaving the book."""

from decimal import Decimal

from engine.core.guard import act_on_trips
from engine.core.state import BookState, EngineState, Tombstone
from engine.core.tell import equity_seen
from engine.core.trade import ZERO, SentState, Tally, Trade
from engine.domain.effects import Effect, Notify, Record, TradeEnded, TradeVoided
from engine.domain.events import Instant
from engine.domain.ids import parse_client_order_id
from engine.domain.notices import ExitNotice
from engine.domain.order import Fill, Purpose
from engine.domain.position import ClosedTrade, ExitReason, Position
from engine.risk.breakers import on_closed


def exit_reason_of(trade: Trade, fill: Fill) -> ExitReason:
    """Return why a closing execution happened, from the id of its order."""
    client_id = fill.client_id
    # The venue's own orders carry these names (Binance Event-Order-Update).
    if client_id.startswith("settlement_autoclose"):
        return ExitReason.DELISTING
    if client_id.startswith(("autoclose", "adl_autoclose")):
        return ExitReason.LIQUIDATION
    parts = parse_client_order_id(client_id)
    if parts is None:
        return ExitReason.EXTERNAL
    if parts.purpose is Purpose.STOP:
        return ExitReason.STOP
    if parts.purpose is Purpose.TARGET:
        return ExitReason.TARGET
    plan = trade.exit_plan
    return trade.exit_reason or (plan.reason if plan else ExitReason.EXTERNAL)


def finish(
    state: EngineState, book: BookState, trade: Trade, reason: ExitReason, now: Instant
) -> list[Effect]:
    """Book a position that has just become flat. The trade stays until its legs are gone."""
    closed = closed_trade(trade, reason, now)
    trade.rounds += 1
    trade.position = Position(book=trade.book, symbol=trade.symbol)
    trade.tally = Tally()
    trade.exit = trade.exit_reason = None
    if trade.entry_settled:
        trade.exit_plan = None  # else what the entry still fills is closed too
    trade.unaccounted = ZERO
    trade.told_protected = trade.told_failure = False
    trade.protection.failure = None
    book.cool_until[trade.symbol] = now.exchange_ms + state.config.limits.cool_down_ms
    state.count("closed")
    effects: list[Effect] = [
        Record(TradeEnded(closed)),
        Notify(
            ExitNotice(
                notice_id=f"exit:{trade.book.value}:{closed.trade_key}",
                at_ms=now.exchange_ms,
                trade=closed,
            )
        ),
        equity_seen(state, book, now),
    ]
    book.breakers, trips = on_closed(book.breakers, state.config.limits, closed.net)
    return effects + act_on_trips(state, book, trips, now)


def closed_trade(trade: Trade, reason: ExitReason, now: Instant) -> ClosedTrade:
    """Return the finished round trip. A second round under the same key is numbered."""
    memory, tally, position = trade.memory, trade.tally, trade.position
    suffix = f"#{trade.rounds + 1}" if trade.rounds else ""
    return ClosedTrade(
        trade_key=memory.trade_key + suffix,
        book=trade.book,
        symbol=trade.symbol,
        direction=trade.direction,
        setup_id=memory.setup_id,
        score=memory.score,
        qty=tally.entry_qty,
        entry_price=_average(tally.entry_value, tally.entry_qty),
        exit_price=_average(tally.exit_value, tally.exit_qty),
        risk=memory.risk,
        gross=position.realised,
        fees=position.fees,
        funding=position.funding,
        reason=reason,
        opened_ms=memory.opened_ms,
        closed_ms=now.exchange_ms,
    )


def leave(state: EngineState, book: BookState, trade: Trade, now: Instant) -> list[Effect]:
    """Take a finished trade out of the book; an unknown entry leaves a tombstone."""
    book.trades.pop(trade.symbol, None)
    book.remember_finished(trade.names.digest, now.exchange_ms)
    entry = trade.entry
    if entry is not None and entry.state is SentState.ENDED and entry.expected is None:
        until = now.exchange_ms + state.config.tombstone_ms
        book.tombstones[trade.names.digest] = Tombstone(trade, until)
        return []
    if trade.rounds == 0:
        return [Record(TradeVoided(trade.book, trade.memory.trade_key))]
    return []


def bury_expired(book: BookState, now: Instant) -> list[Effect]:
    """Forget tombstones whose time is over."""
    over = [key for key, stone in book.tombstones.items() if now.exchange_ms >= stone.until_ms]
    effects: list[Effect] = []
    for key in over:
        trade = book.tombstones.pop(key).trade
        effects.append(Record(TradeVoided(trade.book, trade.memory.trade_key)))
    return effects


def _average(value: Decimal, qty: Decimal) -> Decimal:
    return value / qty if qty else ZERO
