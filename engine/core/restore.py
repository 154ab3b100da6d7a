"""Start after a past life: the journal tells what we knew, the snapshot will tell what is true."""

import json
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from engine.core.closing import exit_reason_of, finish
from engine.core.fills import in_usdt
from engine.core.guard import PAUSED, breakers_from_text
from engine.core.on_timer import THRESHOLD_HISTORY
from engine.core.placeholder import placeholder
from engine.core.planless import take_intents
from engine.core.protection import Protection
from engine.core.settings import (
    ALLOW_NEGATIVE_EDGE,
    APPROVAL,
    MODE,
    MUTE,
    RISK_PCT,
    SCORER,
    THRESHOLD,
    threshold_from_text,
)
from engine.core.state import BookState, EngineState, Tombstone, policy_of
from engine.core.tell import alarm, setting
from engine.core.trade import ZERO, SentOrder, SentState, Trade, names_of
from engine.core.trades import FIRST_LIVE
from engine.domain.effects import Effect, Notify, TakeSnapshot
from engine.domain.events import Instant, StateRestored, TradeMemory
from engine.domain.notices import AlarmKind, LifeNotice
from engine.domain.order import Book, Fill, Intent, Purpose
from engine.domain.position import Position
from engine.domain.signal import Mode
from engine.risk.limits import HIGHEST_RISK_PCT, LOWEST_RISK_PCT


def on_restored(state: EngineState, event: StateRestored, now: Instant) -> list[Effect]:
    """Take back settings and unfinished trades, then ask every book for its truth."""
    effects = _settings(state, event.settings, now)
    for closed in event.recent:
        book = state.books.get(closed.book)
        if book is not None:
            until = closed.closed_ms + state.config.limits.cool_down_ms
            book.cool_until[closed.symbol] = max(book.cool_until.get(closed.symbol, 0), until)
            key = closed.trade_key.partition("#")[0]
            names = names_of(state.config.epoch, closed.book, key)
            book.remember_finished(names.digest, closed.closed_ms)
    running = 0
    for memory in event.trades:
        book = state.books.get(memory.book)
        if book is None:
            effects.append(_unplugged(memory, now))
            continue
        effects += _trade(state, book, memory, event, now)
        running += memory.symbol in book.trades
    effects += take_intents(state, event, now)
    running += sum(trade.improvised for _, trade in state.trades())
    for book in state.books.values():
        for fill_book, fill in event.fills:
            if fill_book is book.book:
                book.first_sight(fill.symbol, fill.trade_id)
        book.snapshot_asked_s = now.wall_s
        effects.append(TakeSnapshot(book.book, "start"))
    state.restored, state.started_ms = True, now.exchange_ms
    text = f"Started in {state.policy.mode.value} mode"
    text += f", {running} unfinished trades recovered." if running else "."
    notice = LifeNotice(
        notice_id=f"start:{state.config.epoch}:{now.exchange_ms}", at_ms=now.exchange_ms, text=text
    )
    return [*effects, Notify(notice)]


# --- settings ------------------------------------------------------------------------------------


def _settings(state: EngineState, stored: dict[str, str], now: Instant) -> list[Effect]:
    effects: list[Effect] = []
    for key, value in sorted(stored.items()):
        try:
            _setting(state, key, value)
        except (ValueError, LookupError, TypeError, InvalidOperation) as error:
            text = f"stored setting {key} is unreadable and was ignored: {error}"
            effects.append(alarm(AlarmKind.DATABASE, f"setting:{key}", text, now))
    effects += _scorer(state, stored, now)
    wanted = state.policy.entry_book
    if wanted is not None and wanted not in state.books:
        text = f"mode {state.policy.mode.value} was stored, but its book is not connected; signals"
        _set_policy(state, mode=Mode.SIGNALS)
        effects.append(alarm(AlarmKind.ACCOUNT, f"mode:{now.exchange_ms}", text, now))
    return effects


def _scorer(state: EngineState, stored: dict[str, str], now: Instant) -> list[Effect]:
    """Scores of another scorer say nothing of the threshold for this one's."""
    former = stored.get(SCORER)
    if former == state.scorer:
        return []
    effects: list[Effect] = [setting(SCORER, state.scorer)]
    # A history without a name is from before scorers could change: it may be anybody's.
    if former is None and THRESHOLD_HISTORY not in stored:
        return effects
    state.threshold.reseed(state.config.seed)
    whose = f"The scorer was {former or 'not noted'} and is {state.scorer} now"
    text = f"{whose}; the threshold starts anew."
    notice_id = f"scorer:{state.config.epoch}:{now.exchange_ms}"
    notice = LifeNotice(notice_id=notice_id, at_ms=now.exchange_ms, text=text)
    # With the name goes the history, or the next start would take the former's for this one's.
    return [
        *effects,
        setting(THRESHOLD_HISTORY, json.dumps(state.threshold.dump())),
        Notify(notice),
    ]


def _setting(state: EngineState, key: str, value: str) -> None:
    simple: dict[str, Callable[[], None]] = {
        MODE: lambda: _set_policy(state, mode=Mode(value)),
        ALLOW_NEGATIVE_EDGE: lambda: _set_policy(state, negative=value == "true"),
        APPROVAL: lambda: _set_policy(state, approval=value == "true"),
        PAUSED: lambda: setattr(state, "paused", value),
        RISK_PCT: lambda: setattr(state, "risk_pct", _risk_pct(value)),
        THRESHOLD: lambda: state.threshold.change_rule(
            threshold_from_text(value, state.threshold.rule)
        ),
        THRESHOLD_HISTORY: lambda: _threshold_history(state, value),
    }
    if key in simple:
        simple[key]()
    elif key == FIRST_LIVE and Book.LIVE in state.books:
        state.books[Book.LIVE].first_proved = value == "proved"
    elif key.startswith(MUTE) and value:
        state.muted[key.removeprefix(MUTE)] = int(value)
    elif key.startswith("breakers."):
        book = state.books.get(Book(key.removeprefix("breakers.")))
        if book is not None:
            book.breakers = breakers_from_text(value)
            book.saved_breakers = book.breakers


def _set_policy(
    state: EngineState,
    *,
    mode: Mode | None = None,
    negative: bool | None = None,
    approval: bool | None = None,
) -> None:
    state.approval = state.approval if approval is None else approval
    now = state.policy
    state.policy = policy_of(
        mode or now.mode,
        now.allow_negative_edge if negative is None else negative,
        approval=state.approval,
    )


def _risk_pct(value: str) -> Decimal:
    risk = Decimal(value)
    if not LOWEST_RISK_PCT <= risk <= HIGHEST_RISK_PCT:
        raise ValueError(f"{risk} is not between {LOWEST_RISK_PCT} and {HIGHEST_RISK_PCT}")
    return risk


def _threshold_history(state: EngineState, value: str) -> None:
    data = json.loads(value)
    hours = [
        (int(hour), {int(bin_): int(count) for bin_, count in counts})
        for hour, counts in data["hours"]
    ]
    state.threshold.load(int(data["day"]), int(data["used"]), hours)


# --- trades --------------------------------------------------------------------------------------


def _unplugged(memory: TradeMemory, now: Instant) -> Effect:
    text = (
        f"{memory.symbol}: an unfinished {memory.book.value} trade exists, but that book is not "
        "connected; its stop rests at the exchange and nobody manages it"
    )
    return alarm(AlarmKind.ACCOUNT, f"unplugged:{memory.trade_key}", text, now)


def _trade(
    state: EngineState, book: BookState, memory: TradeMemory, event: StateRestored, now: Instant
) -> list[Effect]:
    trade = _skeleton(state, book, memory)
    entry = _open_entry(event.intents, trade)
    if entry is not None:
        client_id = entry.request.client_id
        trade.entry = SentOrder(client_id, entry.request.qty, now.wall_s, SentState.UNKNOWN)
    fills = [fill for owner, fill in event.fills if owner is book.book and _is_of(trade, fill)]
    last = _replay(state, trade, fills)
    if not fills and entry is None:
        # Approved and perhaps sent: it may still appear, then it is adopted with its plan.
        until = memory.opened_ms + state.config.tombstone_ms
        book.tombstones[trade.names.digest] = Tombstone(trade, until)
        return []
    book.trades[memory.symbol] = trade
    if last is not None and not trade.qty:
        return finish(state, book, trade, exit_reason_of(trade, last), now)
    return []


def _skeleton(state: EngineState, book: BookState, memory: TradeMemory) -> Trade:
    market = state.symbols.get(memory.symbol)
    return Trade(
        memory=memory,
        instrument=market.instrument if market else placeholder(memory.symbol),
        names=names_of(state.config.epoch, memory.book, memory.trade_key),
        protection=Protection(memory.stop_price, memory.target_price),
        position=Position(book=memory.book, symbol=memory.symbol, funding=memory.funding),
        entry=None,
        risk_ratio=0.0,
        planned_margin=ZERO,
        held=True,
        confirm_by_snapshot=True,
    )


def _open_entry(intents: tuple[Intent, ...], trade: Trade) -> Intent | None:
    for intent in intents:
        same = intent.trade_key == trade.memory.trade_key and intent.book is trade.book
        if same and intent.request.purpose is Purpose.ENTRY:
            return intent
    return None


def _is_of(trade: Trade, fill: Fill) -> bool:
    """Executions of the symbol since the trade began: by hand or by the venue as well as ours."""
    if fill.symbol != trade.symbol:
        return False
    return trade.owns(fill.client_id) or fill.event_time_ms >= trade.memory.opened_ms


def _replay(state: EngineState, trade: Trade, fills: list[Fill]) -> Fill | None:
    """Rebuild the position; return the last execution that closed it, if it is flat now."""
    last = None
    for fill in sorted(fills, key=lambda fill: (fill.event_time_ms, fill.trade_id)):
        opens = fill.side is trade.entry_side
        if not opens and not trade.qty:
            continue
        trade.filled[fill.client_id] = trade.filled.get(fill.client_id, ZERO) + fill.qty
        trade.position = trade.position.apply(in_usdt(state, fill))
        trade.tally.add(fill, opens=opens)
        last = None if opens else fill
    return last
