"""Effects that inform: records for the journal and notices with deterministic ids."""

from engine.core.state import BookState, EngineState
from engine.core.trade import Trade
from engine.domain.effects import (
    Effect,
    EquitySeen,
    Notify,
    Record,
    SettingChanged,
    TakeSnapshot,
    TradeOpened,
)
from engine.domain.events import Instant
from engine.domain.notices import (
    AlarmKind,
    AlarmNotice,
    ModeNotice,
    Priority,
    ProtectionNotice,
)

SNAPSHOT_GAP_S = 3.0
"""Wall seconds between two snapshots asked for the same doubt."""


def alarm(
    kind: AlarmKind,
    key: str,
    text: str,
    now: Instant,
    priority: Priority = Priority.CRITICAL,
) -> Notify:
    """Return an alarm; `key` names the occurrence, so that it is told once over restarts."""
    return Notify(
        AlarmNotice(
            notice_id=f"{kind.value}:{key}",
            at_ms=now.exchange_ms,
            kind=kind,
            text=text,
            priority=priority,
        )
    )


def mode_notice(state: EngineState, text: str, by: str, key: str, now: Instant) -> Notify:
    """Return the notice of a changed mode, risk or pause."""
    return Notify(
        ModeNotice(
            notice_id=f"mode:{key}",
            at_ms=now.exchange_ms,
            mode=state.policy.mode,
            text=text,
            requested_by=by,
        )
    )


def protection_notice(trade: Trade, now: Instant, *, confirmed: bool, detail: str) -> Notify:
    """Return news about the stop of a trade."""
    memory = trade.memory
    word = "safe" if confirmed else "trouble"
    return Notify(
        ProtectionNotice(
            notice_id=f"protection:{trade.book.value}:{memory.trade_key}:{trade.rounds}:{word}",
            at_ms=now.exchange_ms,
            book=trade.book,
            symbol=trade.symbol,
            setup_id=memory.setup_id,
            confirmed=confirmed,
            detail=detail,
            priority=Priority.FILL if confirmed else Priority.CRITICAL,
        )
    )


def remembered(trade: Trade) -> Record:
    """Return the record of a trade's memory."""
    return Record(TradeOpened(trade.memory))


def setting(key: str, value: str) -> Record:
    """Return the record of a choice or a state that must survive a restart."""
    return Record(SettingChanged(key, value))


def equity_seen(state: EngineState, book: BookState, now: Instant) -> Record:
    """Return the record of a book's equity."""
    return Record(EquitySeen(book.book, now.exchange_ms, book.wallet, state.equity(book)))


def ask_snapshot(book: BookState, reason: str, now: Instant) -> list[Effect]:
    """Ask for the venue's truth, at most once in `SNAPSHOT_GAP_S` a book.

    What is asked for in between is asked again by `Ticked` when the gap is over.
    """
    asked = book.snapshot_asked_s
    if asked is not None and now.wall_s - asked < SNAPSHOT_GAP_S:
        book.snapshot_wanted = reason
        return []
    book.snapshot_asked_s = now.wall_s
    book.snapshot_wanted = ""
    return [TakeSnapshot(book.book, reason)]
