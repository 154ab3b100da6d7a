"""Driving one round trip: `drive` looks at the facts and sends whatever is missing now.

It is called after every event that touches the trade and on every `Ticked`; calling it twice
changes nothing, because what was sent is part of the facts.
"""

from decimal import Decimal

from engine.core.closing import finish, leave
from engine.core.orders import leg_effect, submit_exit
from engine.core.protection import NOT_EXECUTED_CODES, NOTHING_TO_REDUCE
from engine.core.state import BookState, EngineState
from engine.core.tell import alarm, ask_snapshot, protection_notice, setting
from engine.core.trade import ZERO, ExitPlan, SentOrder, SentState, Trade, TradePhase
from engine.domain.effects import CancelOrder, Effect
from engine.domain.events import Instant
from engine.domain.notices import AlarmKind
from engine.domain.order import Book
from engine.domain.position import ExitReason

FIRST_LIVE = "first_live"
ANSWER_PATIENCE_S = 3.0
"""Wall seconds an exit order, or the fills of an ended order, may take."""
NAKED_PATIENCE_S = 1.0
"""The same for an unanswered exit while nothing protects the position: 7 of 10 s are gone."""
NAKED_RETRY_S = 0.5
"""Wall wait before an exit of a naked position is sent again that the venue was too busy for."""
BUSY_PATIENCE_S = 2.0
"""Longest wall wait before an exit is sent again that the venue was too busy for."""
REFUSED_PATIENCE_S = 30.0
"""Longest wall wait before an exit is sent again that the venue refused."""
ENTRY_PATIENCE_S = 30.0
"""Wall seconds after which an unsettled entry makes us ask for the venue's truth."""
UNKNOWN_URGENT_S = 15.0
"""Wall seconds after its sending in which an unknown entry may still open a naked position: the
venue takes no request older than recvWindow, and queries may lie, but positions do not."""


def drive(state: EngineState, book: BookState, trade: Trade, now: Instant) -> list[Effect]:
    """Send what the round trip needs now and retire it when it is over."""
    if trade.held or _is_at_rest(book, trade):
        return []
    actions = trade.protection.drive(trade.qty, now.wall_s)
    effects: list[Effect] = [leg_effect(trade, action, now) for action in actions]
    effects += _tell_protection(trade, now)
    effects += _prove_first_live(book, trade)
    effects += _drive_exit(state, book, trade, now)
    effects += _drive_entry(book, trade, now)
    if trade.protection.needs_snapshot or trade.confirm_by_snapshot:
        reason = f"legs of {trade.symbol} are uncertain"
        effects += _ask_again(book, trade, reason, ANSWER_PATIENCE_S, now)
    if trade.phase is TradePhase.DONE:
        effects += leave(state, book, trade, now)
    return effects


def _is_at_rest(book: BookState, trade: Trade) -> bool:
    """Return whether the trade is open, protected and told, and nothing wants it changed.

    It is so nearly all its life, and every tick and order event asks.
    """
    if trade.exit_plan is not None or trade.exit is not None or trade.confirm_by_snapshot:
        return False
    if not trade.told_protected or not (book.first_proved or book.book is not Book.LIVE):
        return False
    protection, qty = trade.protection, trade.qty
    if not qty or protection.failure is not None or protection.needs_snapshot:
        return False
    return protection.is_settled(qty) and trade.entry_settled


def want_flat(trade: Trade, reason: ExitReason, keep_qty: Decimal = ZERO) -> None:
    """Wish the position reduced to `keep_qty`; a full close is never weakened by a partial one."""
    plan = trade.exit_plan
    if plan is None or (plan.keep_qty > ZERO and keep_qty < plan.keep_qty):
        trade.exit_plan = ExitPlan(reason, keep_qty)
        trade.exit_retry_at_s = 0.0


def exit_refused(
    book: BookState, trade: Trade, code: int, reason: str, now: Instant
) -> list[Effect]:
    """The venue refused an exit for certain: wait and look, never loop."""
    trade.exit = None
    trade.exit_failures += 1
    longest = BUSY_PATIENCE_S if code in NOT_EXECUTED_CODES else REFUSED_PATIENCE_S
    wait = min(2.0 ** (trade.exit_failures - 1), longest)
    if code in NOT_EXECUTED_CODES and not trade.is_protected:
        wait = NAKED_RETRY_S
    trade.exit_retry_at_s = now.wall_s + wait
    if code == NOTHING_TO_REDUCE:
        # We are flat already, or another order holds the quantity: only the venue can tell.
        trade.exit_retry_at_s = now.wall_s + max(wait, 5.0)
        trade.confirm_by_snapshot = True
        return ask_snapshot(book, f"{trade.symbol}: nothing to reduce", now)
    if code in NOT_EXECUTED_CODES or trade.told_exit_trouble:
        return []
    trade.told_exit_trouble = True
    text = f"{trade.symbol}: the exit was refused ({code} {reason}); it is retried"
    return [alarm(AlarmKind.REJECTED, f"{trade.memory.trade_key}:exit", text, now)]


def settle_exit(trade: Trade) -> None:
    """Forget an ended exit order once all its fills are known."""
    sent = trade.exit
    if sent is None or sent.state is not SentState.ENDED:
        return
    if trade.filled.get(sent.client_id, ZERO) >= (sent.expected or ZERO):
        trade.exit = None
        if sent.expected:
            trade.exit_failures = 0


def _tell_protection(trade: Trade, now: Instant) -> list[Effect]:
    effects: list[Effect] = []
    protection = trade.protection
    if not trade.told_protected and trade.qty and trade.is_protected:
        trade.told_protected = True
        where = "the exchange" if trade.book is Book.LIVE else "the paper exchange"
        detail = f"stop {protection.stop_price} rests at {where}"
        effects.append(protection_notice(trade, now, confirmed=True, detail=detail))
    failure = protection.failure
    if failure is None or not trade.qty:
        return effects
    want_flat(trade, failure.reason)
    if not trade.told_failure:
        trade.told_failure = True
        effects.append(protection_notice(trade, now, confirmed=False, detail=failure.text))
        if failure.reason is ExitReason.UNPROTECTED:
            text = f"{trade.symbol}: {failure.text}; closing at market"
            key = f"{trade.book.value}:{trade.memory.trade_key}:{trade.rounds}"
            effects.append(alarm(AlarmKind.UNPROTECTED, key, text, now))
    return effects


def _prove_first_live(book: BookState, trade: Trade) -> list[Effect]:
    """The first live stop was confirmed: the path to the exchange works, sizes may be normal."""
    if book.book is not Book.LIVE or book.first_proved or not trade.is_protected:
        return []
    book.first_proved = True
    return [setting(FIRST_LIVE, "proved")]


def _drive_exit(state: EngineState, book: BookState, trade: Trade, now: Instant) -> list[Effect]:
    settle_exit(trade)
    plan = trade.exit_plan
    if plan is None:
        return []
    surplus = trade.qty - plan.keep_qty
    if surplus <= 0:
        if trade.entry_settled:
            trade.exit_plan = None
        return []  # what a running entry still fills is closed too
    asked: list[Effect] = []
    if trade.exit is not None:
        asked = _await_exit(book, trade, trade.exit, plan, now)
        if trade.exit is not None:
            return asked
    if now.wall_s < trade.exit_retry_at_s:
        return asked
    qty = trade.instrument.quantize_qty(min(surplus, trade.instrument.market_max_qty))
    if qty <= 0:
        return asked + _write_off(state, book, trade, surplus, now)
    trade.exit_reason = plan.reason
    state.count("orders")
    return [*asked, submit_exit(trade, qty, now)]


def _await_exit(
    book: BookState, trade: Trade, sent: SentOrder, plan: ExitPlan, now: Instant
) -> list[Effect]:
    unanswered = sent.state in {SentState.PENDING, SentState.UNKNOWN}
    naked = unanswered and not trade.is_protected
    if now.wall_s - sent.since_s < (NAKED_PATIENCE_S if naked else ANSWER_PATIENCE_S):
        return []
    if plan.keep_qty == ZERO:
        # Reduce-only: a second close of the whole cannot do harm, a missing one can.
        trade.exit = None
        trade.exit_retry_at_s = 0.0
    else:
        trade.confirm_by_snapshot = True  # a second partial close could close too much
    return ask_snapshot(book, f"{trade.symbol}: exit unanswered", now)


def _drive_entry(book: BookState, trade: Trade, now: Instant) -> list[Effect]:
    entry = trade.entry
    if entry is None or trade.entry_settled:
        return []
    effects: list[Effect] = []
    if trade.exit_plan and entry.state is not SentState.ENDED and not trade.entry_cancelled:
        trade.entry_cancelled = True
        effects.append(CancelOrder(trade.book, trade.symbol, entry.client_id, conditional=False))
    patience = _entry_patience(entry, now)
    if now.wall_s - entry.since_s >= patience:
        effects += _ask_again(book, trade, f"{trade.symbol}: entry not settled", patience, now)
    return effects


def _entry_patience(entry: SentOrder, now: Instant) -> float:
    fresh = now.wall_s - entry.since_s < UNKNOWN_URGENT_S
    if entry.state is SentState.ENDED or (entry.state is SentState.UNKNOWN and fresh):
        return ANSWER_PATIENCE_S
    return ENTRY_PATIENCE_S


def _ask_again(
    book: BookState, trade: Trade, reason: str, gap_s: float, now: Instant
) -> list[Effect]:
    asked = trade.snapshot_asked_s
    if asked is not None and now.wall_s - asked < gap_s:
        return []
    trade.snapshot_asked_s = now.wall_s
    return ask_snapshot(book, reason, now)


def _write_off(
    state: EngineState, book: BookState, trade: Trade, dust: Decimal, now: Instant
) -> list[Effect]:
    """Less than one step is left: no order can close it, so it is shown and let go."""
    text = f"{trade.symbol}: {dust} is below the order step and stays at the exchange"
    effects: list[Effect] = [alarm(AlarmKind.ACCOUNT, f"{trade.memory.trade_key}:dust", text, now)]
    reason = trade.exit_plan.reason if trade.exit_plan else ExitReason.EXTERNAL
    return [*effects, *finish(state, book, trade, reason, now)]
