"""The frozen picture of the state that front ends look at."""

from decimal import Decimal

from engine.core.state import BookState, EngineState
from engine.core.trade import ZERO, SentState, Trade, TradePhase
from engine.domain.events import Instant
from engine.domain.setup import Direction
from engine.domain.snapshot import BookView, PositionView, Snapshot
from engine.risk.exits import r_multiple


def snapshot(state: EngineState, now: Instant) -> Snapshot:
    """Return the engine's state at this moment."""
    entry_book = state.policy.entry_book
    books = state.books.values()
    if entry_book is not None:
        ready = entry_book in state.books and state.books[entry_book].ready
    else:
        ready = state.restored
    return Snapshot(
        exchange_ms=now.exchange_ms,
        mode=state.policy.mode,
        paused=state.paused,
        allow_negative_edge=state.policy.allow_negative_edge,
        risk_pct=state.risk_pct,
        approval=state.approval,
        threshold=state.threshold.value,
        signals_today=state.threshold.used_today,
        signals_per_day=state.threshold.rule.per_day,
        scorer=state.scorer,
        symbols=sum(market.scanned for market in state.symbols.values()),
        ready=ready,
        blind=frozenset(state.sight.reasons),
        muted=dict(state.muted),
        books=tuple(_book(state, book) for book in books),
        positions=tuple(_position(state, trade) for _, trade in state.trades() if trade.qty)
        + tuple(view for book in books for view in _foreign(state, book, now)),
        counters=state.counters(),
        outranked=state.outranked,
        position_cap=state.config.limits.margin_cap_ratio * state.config.limits.leverage,
    )


def _book(state: EngineState, book: BookState) -> BookView:
    exposure = state.exposure(book)
    entering = [t for t in book.trades.values() if t.phase is TradePhase.ENTERING]
    sent = [one for t in book.trades.values() for one in (t.entry, t.exit) if one is not None]
    return BookView(
        book=book.book,
        ready=book.ready,
        wallet=book.wallet,
        equity=exposure.equity,
        day_start_equity=book.breakers.day_start,
        high_water=book.breakers.high_water,
        open_risk_ratio=exposure.long_risk_ratio + exposure.short_risk_ratio,
        breakers=tuple(sorted(name.value for name in book.breakers.tripped)),
        pending=len(entering),
        unknown=sum(one.state is SentState.UNKNOWN for one in sent) + len(book.tombstones),
    )


def _position(state: EngineState, trade: Trade) -> PositionView:
    memory = trade.memory
    mark = state.price_of(trade.symbol) or trade.position.entry_price
    stop = float(memory.stop_price)
    return PositionView(
        book=trade.book,
        symbol=trade.symbol,
        direction=trade.direction,
        setup_id=memory.setup_id,
        score=memory.score,
        qty=trade.qty,
        entry_price=trade.position.entry_price,
        mark_price=float(mark),
        stop_price=trade.protection.stop_price,
        target_price=trade.protection.target_price,
        unrealised=trade.position.unrealised(mark),
        risk=memory.risk,
        r_now=r_multiple(trade.direction, trade.entry_price, stop, float(mark)),
        best_r=memory.best_r,
        opened_ms=memory.opened_ms,
        time_exit_ms=memory.time_exit_ms,
        protected=trade.is_protected,
        exiting=trade.phase is TradePhase.EXITING,
        ours=True,
    )


def _foreign(state: EngineState, book: BookState, now: Instant) -> list[PositionView]:
    """Positions that are not ours, as far as we know them: no entry, no plan."""
    views = []
    for symbol, qty in sorted(book.foreign.items()):
        mark = state.price_of(symbol) or Decimal(0)
        views.append(
            PositionView(
                book=book.book,
                symbol=symbol,
                direction=Direction.LONG if qty > 0 else Direction.SHORT,
                setup_id="",
                score=None,
                qty=abs(qty),
                entry_price=ZERO,
                mark_price=float(mark),
                stop_price=ZERO,
                target_price=ZERO,
                unrealised=ZERO,
                risk=ZERO,
                r_now=0.0,
                best_r=0.0,
                opened_ms=now.exchange_ms,
                time_exit_ms=now.exchange_ms,
                protected=False,
                exiting=False,
                ours=False,
            )
        )
    return views
