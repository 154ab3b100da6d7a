"""A person's commands; obeyed in every trading state, answered plainly, each only once."""

from collections.abc import Callable
from decimal import Decimal

from engine.core.guard import PAUSED, save_breakers
from engine.core.on_positions import break_even, close_all, close_position, panic
from engine.core.settings import (
    ALLOW_NEGATIVE_EDGE,
    APPROVAL,
    MODE,
    MUTE,
    RISK_PCT,
    SHADOW,
    THRESHOLD,
    threshold_to_text,
)
from engine.core.signals import decide
from engine.core.state import EngineState, policy_of
from engine.core.tell import mode_notice, setting
from engine.core.trades import FIRST_LIVE
from engine.domain.commands import (
    AllowNegativeEdge,
    BreakEven,
    ChangeModel,
    CloseAll,
    ClosePosition,
    Command,
    Mute,
    Panic,
    Pause,
    Receipt,
    ResetBreaker,
    Resume,
    SetApproval,
    SetMode,
    SetRisk,
    SetShadow,
    SetThreshold,
    TakeSignal,
)
from engine.domain.effects import Acknowledge, CommandAnswered, Effect, Record
from engine.domain.events import Instant
from engine.domain.order import Book
from engine.domain.signal import Mode, RiskRefused
from engine.risk.breakers import reset
from engine.risk.limits import HIGHEST_RISK_PCT, LOWEST_RISK_PCT
from engine.risk.threshold import ThresholdRule

Answer = tuple[bool, str, list[Effect]]
"""Accepted or not, the sentence for the person, and what follows."""


def on_command(state: EngineState, command: Command, now: Instant) -> list[Effect]:
    """Obey a command once; a redelivered one gets the same receipt and nothing else."""
    known = state.receipts.get(command.command_id)
    if known is not None:
        return [Acknowledge(known)]
    accepted, detail, effects = _obey(state, command, now)
    receipt = Receipt(command_id=command.command_id, accepted=accepted, detail=detail)
    state.remember_receipt(receipt)
    record = Record(CommandAnswered(command, receipt, now.exchange_ms))
    return [*effects, record, Acknowledge(receipt)]


def _obey(state: EngineState, command: Command, now: Instant) -> Answer:
    match command:
        case ClosePosition():
            return close_position(state, command, now)
        case CloseAll():
            return close_all(state, now)
        case Panic():
            return panic(state, command, now)
        case BreakEven(symbol=symbol):
            return break_even(state, symbol, now)
        case ChangeModel():
            return False, "A model is changed together with its scorer, which did not come.", []
        case TakeSignal(setup_id=setup_id):
            return _take(state, setup_id, now)
        case _:
            return _SETTINGS[type(command)](state, command, now)


# --- settings ------------------------------------------------------------------------------------


def _pause(state: EngineState, command: Pause, now: Instant) -> Answer:
    state.paused = command.reason or "operator"
    text = f"Paused: {state.paused}. No new entries; open positions stay managed."
    return True, text, [setting(PAUSED, state.paused), _told(state, command, text, now)]


def _resume(state: EngineState, command: Resume, now: Instant) -> Answer:
    if not state.paused:
        return True, f"Not paused; mode {state.policy.mode.value}.", []
    state.paused = ""
    text = f"Resumed in {state.policy.mode.value} mode."
    tripped = [
        f"{book.book.value}: {', '.join(sorted(name.words for name in book.breakers.tripped))}"
        for book in state.books.values()
        if book.breakers.tripped
    ]
    if tripped:
        text += f" Breakers still block entries ({'; '.join(tripped)}); /resetbreakers lifts them."
    return True, text, [setting(PAUSED, ""), _told(state, command, text, now)]


def _set_mode(state: EngineState, command: SetMode, now: Instant) -> Answer:
    mode, before = command.mode, state.policy.mode
    wanted = mode.entry_book
    if wanted is not None and wanted not in state.books:
        return False, f"Mode {mode.value} needs the {wanted.value} book, which is not set up.", []
    if mode is before:
        return True, f"Mode is {mode.value} already.", []
    state.policy = policy_of(mode, state.policy.allow_negative_edge, approval=state.approval)
    effects: list[Effect] = [setting(MODE, mode.value)]
    text = f"Mode {before.value} → {mode.value}."
    if mode is Mode.LIVE:
        state.books[Book.LIVE].first_proved = False
        effects.append(setting(FIRST_LIVE, ""))
        text += " The first entry is at the symbol's minimum until its stop is confirmed."
    held = [f"{trade.symbol} ({book.book.value})" for book, trade in state.trades() if trade.qty]
    if held:
        text += f" Open positions stay where they are: {', '.join(sorted(held))}."
    return True, text, [*effects, _told(state, command, text, now)]


def _allow_negative_edge(state: EngineState, command: AllowNegativeEdge, now: Instant) -> Answer:
    state.policy = policy_of(state.policy.mode, command.allowed, approval=state.approval)
    floor = state.config.limits.floor_risk_ratio
    text = (
        f"Live entries without a proven edge are allowed, at {floor:.1%} risk where Kelly is <= 0."
        if command.allowed
        else "Live entries need a proven edge again."
    )
    value = "true" if command.allowed else "false"
    return True, text, [setting(ALLOW_NEGATIVE_EDGE, value), _told(state, command, text, now)]


def _set_approval(state: EngineState, command: SetApproval, now: Instant) -> Answer:
    state.approval = command.required
    policy = state.policy
    state.policy = policy_of(policy.mode, policy.allow_negative_edge, approval=command.required)
    text = "Each entry waits for your Take." if command.required else "Entries are made unasked."
    value = "true" if command.required else "false"
    return True, text, [setting(APPROVAL, value), _told(state, command, text, now)]


def _set_risk(state: EngineState, command: SetRisk, now: Instant) -> Answer:
    risk = command.risk_pct
    if not risk.is_finite() or not LOWEST_RISK_PCT <= risk <= HIGHEST_RISK_PCT:
        return False, f"Risk {risk} % given, {LOWEST_RISK_PCT} to {HIGHEST_RISK_PCT} % allowed.", []
    before, state.risk_pct = state.risk_pct, risk
    text = f"Maximum risk per trade {before} % → {risk} %."
    return True, text, [setting(RISK_PCT, str(risk)), _told(state, command, text, now)]


def _set_threshold(state: EngineState, command: SetThreshold, now: Instant) -> Answer:
    fixed = command.threshold
    per_day = state.threshold.rule.per_day if command.per_day is None else command.per_day
    if fixed is not None and not 0.0 <= fixed <= 1.0:
        return False, f"Threshold {fixed} given, 0 to 1 allowed.", []
    if not 1 <= per_day <= 10_000:
        return False, f"{per_day} signals a day given, 1 to 10000 allowed.", []
    state.threshold.change_rule(ThresholdRule(fixed=fixed, per_day=per_day))
    text = (
        f"Threshold automatic, about {per_day} signals a day (now {state.threshold.value:.4f})."
        if fixed is None
        else f"Threshold fixed at {fixed:.4f}, at most {per_day} signals a day."
    )
    stored = setting(THRESHOLD, threshold_to_text(state.threshold.rule))
    return True, text, [stored, _told(state, command, text, now)]


def _set_shadow(state: EngineState, command: SetShadow, now: Instant) -> Answer:
    text = (
        f"{command.scorer} scores every setup beside {state.scorer} and decides nothing."
        if command.model
        else "No challenger scores any more."
    )
    return True, text, [setting(SHADOW, command.model), _told(state, command, text, now)]


def _mute(state: EngineState, command: Mute, now: Instant) -> Answer:
    symbol, until = command.symbol, command.until_ms
    if until is None:
        state.muted.pop(symbol, None)
        return True, f"{symbol} is heard again.", [setting(MUTE + symbol, "")]
    if until <= now.exchange_ms:
        return False, f"The mute of {symbol} would end in the past.", []
    state.muted[symbol] = until
    hours, minutes = divmod(round((until - now.exchange_ms) / 60_000), 60)
    spans = (f"{hours} h" if hours else "", f"{minutes} min" if minutes or not hours else "")
    time = " ".join(span for span in spans if span)
    text = f"{symbol} is muted for {time}: no signals, no entries."
    return True, text, [setting(MUTE + symbol, str(until))]


def _reset_breaker(state: EngineState, command: ResetBreaker, now: Instant) -> Answer:
    lifted: list[str] = []
    effects: list[Effect] = []
    for book in state.books.values():
        if not book.breakers.tripped and not book.breakers.losses:
            continue
        lifted += [f"{book.book.value} {name.words}" for name in sorted(book.breakers.tripped)]
        equity: Decimal = state.equity(book)
        book.breakers = reset(book.breakers, equity, now.exchange_ms)
        effects += save_breakers(book)
    if not lifted:
        return True, "No breaker is tripped; losing streaks start from 0.", effects
    text = f"Breakers reset: {', '.join(lifted)}. Marks start from the equity of now."
    if state.paused:
        text += f" Still paused ({state.paused}): /resume to trade."
    return True, text, [*effects, _told(state, command, text, now)]


def _told(state: EngineState, command: Command, text: str, now: Instant) -> Effect:
    return mode_notice(state, text, command.requested_by, command.command_id, now)


_SETTINGS: dict[type, Callable[..., Answer]] = {
    Pause: _pause,
    Resume: _resume,
    SetMode: _set_mode,
    AllowNegativeEdge: _allow_negative_edge,
    SetApproval: _set_approval,
    SetRisk: _set_risk,
    SetThreshold: _set_threshold,
    SetShadow: _set_shadow,
    Mute: _mute,
    ResetBreaker: _reset_breaker,
}


# --- approve-to-trade ----------------------------------------------------------------------------


def _take(state: EngineState, setup_id: str, now: Instant) -> Answer:
    """Run the gate again, at the price of now."""
    signal = state.takeable.get(setup_id)
    if signal is None:
        return False, "This signal is no longer open for taking.", []
    verdict, record, entry = decide(state, signal, now, taken=True)
    if isinstance(verdict, RiskRefused):
        return False, f"Refused ({verdict.rule.value}): {verdict.detail}.", [record]
    del state.takeable[setup_id]
    proposal = verdict.proposal
    text = f"Entering {signal.setup.symbol}: {proposal.qty} at {proposal.limit_price} or better."
    return True, text, [record, *entry]
