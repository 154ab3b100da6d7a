"""Time passed: protection deadlines in wall time, exits and housekeeping in exchange time."""

import json

from engine.core.closing import bury_expired
from engine.core.guard import judge_equity, save_breakers
from engine.core.on_market import unscored
from engine.core.state import BookState, EngineState
from engine.core.surroundings import look_ahead
from engine.core.tell import ask_snapshot, equity_seen, setting
from engine.core.trade import Trade, TradePhase
from engine.core.trades import drive, want_flat
from engine.domain.effects import Effect
from engine.domain.events import Instant
from engine.domain.position import ExitReason
from engine.risk.exits import ExitDeadlines, due_exit

_REPORT_PATIENCE_S = 3.0
"""Wall seconds in which fills must explain a position the venue has pushed."""
THRESHOLD_HISTORY = "threshold.history"


def on_tick(state: EngineState, now: Instant) -> list[Effect]:
    """Do what time asks for; cheap when nothing is open."""
    effects: list[Effect] = []
    look_ahead(state, now)
    for book in state.books.values():
        effects += _tick_book(state, book, now)
    if state.sight.since_s:
        held = frozenset(trade.symbol for _book, trade in state.trades())
        effects += state.sight.tell(now, len(state.symbols), held)
    if state.threshold.advance(now.exchange_ms):
        effects.append(setting(THRESHOLD_HISTORY, json.dumps(state.threshold.dump())))
    for symbol in [key for key, until in state.muted.items() if now.exchange_ms >= until]:
        del state.muted[symbol]
    over = [
        setup_id
        for setup_id, signal in state.takeable.items()
        if now.exchange_ms >= signal.setup.expires_at_ms
    ]
    for setup_id in over:
        del state.takeable[setup_id]
    return effects + _give_up_scores(state, now)


def _give_up_scores(state: EngineState, now: Instant) -> list[Effect]:
    """Setups whose score has not come while it was worth something wait no longer."""
    oldest_ms = now.exchange_ms - state.config.stale_after_ms
    late = [setup for setup in state.awaiting.values() if setup.proved_at_ms < oldest_ms]
    for setup in late:
        del state.awaiting[setup.setup_id]
    return unscored(state, late, now)


def _tick_book(state: EngineState, book: BookState, now: Instant) -> list[Effect]:
    effects: list[Effect] = []
    for trade in list(book.trades.values()):
        effects += _tick_trade(state, book, trade, now)
    if book.tombstones:
        effects += bury_expired(book, now)
    if book.snapshot_wanted:
        effects += ask_snapshot(book, book.snapshot_wanted, now)
    minute = now.exchange_ms // 60_000
    if book.ready and minute != book.equity_minute:
        book.equity_minute = minute
        effects.append(equity_seen(state, book, now))
        effects += judge_equity(state, book, now)
        effects += save_breakers(book)
    return effects


def _tick_trade(state: EngineState, book: BookState, trade: Trade, now: Instant) -> list[Effect]:
    effects: list[Effect] = []
    if trade.phase is TradePhase.OPEN or (trade.qty and trade.phase is TradePhase.ENTERING):
        reason = _exit_due(state, trade, now)
        # Protect first, then leave: an unconfirmed stop has its own, shorter deadline.
        if reason is not None and trade.is_protected:
            want_flat(trade, reason)
    reported = trade.reported
    if reported is not None and now.wall_s - reported[1] >= _REPORT_PATIENCE_S:
        trade.reported = None
        effects += ask_snapshot(book, f"{trade.symbol}: position pushed without fills", now)
    return effects + drive(state, book, trade, now)


def _exit_due(state: EngineState, trade: Trade, now: Instant) -> ExitReason | None:
    instrument = trade.instrument
    if now.exchange_ms >= instrument.delivery_ms - state.config.delist_lead_ms:
        return ExitReason.DELISTING
    memory = trade.memory
    due = ExitDeadlines(memory.time_exit_ms, memory.stagnation_ms)
    return due_exit(state.config.exits, due, memory.best_r, now.exchange_ms)
