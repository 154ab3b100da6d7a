"""Setup -> score -> signal -> proposal -> verdict -> entry, in one process() step.

Approval reserves: the trade is in the book before the next signal is judged.
"""

from collections.abc import Iterable
from decimal import Decimal

from engine.core.facts import gate_facts, symbol_cost, unit_cost
from engine.core.orders import submit_entry
from engine.core.protection import Protection
from engine.core.state import EngineState, SymbolState
from engine.core.tell import remembered
from engine.core.trade import Trade, names_of
from engine.domain.candle import Timeframe
from engine.domain.effects import (
    Effect,
    Notify,
    Record,
    SetupSeen,
    SignalRaised,
    VerdictGiven,
)
from engine.domain.events import Instant, TradeMemory
from engine.domain.instrument import Instrument, Rounding
from engine.domain.notices import SignalNotice
from engine.domain.order import Book
from engine.domain.position import Position
from engine.domain.setup import Direction, Setup
from engine.domain.signal import (
    Proposal,
    RiskApproved,
    RiskRefused,
    Rule,
    Score,
    Signal,
    Verdict,
)
from engine.risk.exits import deadlines
from engine.risk.gate import after_size, before_size
from engine.risk.gate_figures import figures
from engine.risk.sizing import NotSized, SizeRequest, size

_MOST_TAKEABLE = 200


def on_scored(state: EngineState, scores: Iterable[Score], now: Instant) -> list[Effect]:
    """Judge the scored setups, best first, so that the caps go to the best of a burst."""
    effects: list[Effect] = []
    for score in sorted(scores, key=lambda score: (-score.value, score.setup_id)):
        setup = state.awaiting.pop(score.setup_id, None)
        if setup is not None:
            effects += _judge(state, setup, score, now)
    return effects


def _judge(state: EngineState, setup: Setup, score: Score, now: Instant) -> list[Effect]:
    market = state.symbols.get(setup.symbol)
    fate = _hindrance(state, market, setup, now)
    if fate or market is None:
        return [_seen(setup, score, fate or "gone", now)]
    cost = symbol_cost(state, market, setup, now)
    if cost.cost_r > state.config.limits.max_cost_r and not state.config.alert_costly:
        return [_seen(setup, score, "cost", now)]
    threshold = state.threshold.value
    passes = state.threshold.passes(score.value)
    state.threshold.observe(score.value, now.exchange_ms)
    if not passes:
        return [_seen(setup, score, "below", now)]
    if not state.threshold.spend(now.exchange_ms):
        return [_seen(setup, score, "cap", now)]
    signal = Signal(setup=setup, score=score, threshold=threshold, cost=cost)
    state.count("signals")
    effects: list[Effect] = [
        _seen(setup, score, "signal", now),
        Record(SignalRaised(signal, now.exchange_ms)),
    ]
    verdict, given, entry = decide(state, signal, now)
    notice = SignalNotice(
        notice_id=f"signal:{setup.setup_id}", at_ms=now.exchange_ms, signal=signal, verdict=verdict
    )
    if isinstance(verdict, RiskRefused) and verdict.rule is Rule.APPROVAL:
        _offer(state, signal)
    return [*effects, given, Notify(notice), *entry]


def _hindrance(state: EngineState, market: SymbolState | None, setup: Setup, now: Instant) -> str:
    """Return in one word why a setup is not even told, or nothing."""
    if market is None or not market.scanned:
        return "gone"
    if now.exchange_ms - setup.proved_at_ms > state.config.stale_after_ms:
        state.count("stale")
        return "stale"
    if now.exchange_ms < state.muted.get(setup.symbol, 0):
        return "muted"
    return "blind" if state.sight.reason(setup.symbol) else ""


def _seen(setup: Setup, score: Score | None, fate: str, now: Instant) -> Record:
    return Record(SetupSeen(setup, score, fate, now.exchange_ms))


def _offer(state: EngineState, signal: Signal) -> None:
    """Keep a signal that waits for the operator's Take."""
    state.takeable[signal.setup.setup_id] = signal
    if len(state.takeable) > _MOST_TAKEABLE:
        del state.takeable[next(iter(state.takeable))]


def decide(
    state: EngineState, signal: Signal, now: Instant, *, taken: bool = False
) -> tuple[Verdict, Record, list[Effect]]:
    """Return the gate's verdict on a signal, its record and, if approved, the effects that enter.

    `taken` says that the operator has approved this very signal.
    """
    limits = state.config.limits
    facts = gate_facts(state, signal.setup, now, taken=taken)
    verdict: Verdict | None = before_size(signal, facts, limits)
    if verdict is None:
        proposal = propose(state, signal)
        if isinstance(proposal, Proposal):
            verdict = after_size(proposal, facts, limits)
        else:
            verdict = proposal
    sized = verdict.proposal
    measured = figures(signal, sized, facts, limits, float(state.risk_pct) / 100.0)
    given = Record(VerdictGiven(verdict, now.exchange_ms, measured))
    if isinstance(verdict, RiskRefused):
        state.count("refused")
        return verdict, given, []
    state.count("approved")
    return verdict, given, _enter(state, verdict, now)


def propose(state: EngineState, signal: Signal) -> Proposal | RiskRefused:
    """Put a size on a signal at the last price, on the venue's grid."""
    setup = signal.setup
    book = state.books[state.policy.entry_book or Book.PAPER]
    market = state.symbols[setup.symbol]
    instrument = market.instrument
    try:
        entry, limit, stop, target = _prices(state, market, setup)
    except ValueError as error:
        return RiskRefused(signal=signal, rule=Rule.SIZE, detail=str(error))
    first_live = book.book is Book.LIVE and not book.first_proved
    sized = size(
        SizeRequest(
            equity=state.equity(book),
            entry=entry,
            margin_price=max(entry, limit),
            stop=stop,
            unit_cost=unit_cost(signal.cost, entry),
            leverage=state.leverage_of(book, setup.symbol),
            max_risk_ratio=float(state.risk_pct) / 100.0,
            score=signal.score,
            policy=state.policy,
            smallest_only=first_live,
        ),
        instrument,
        state.config.limits,
    )
    if isinstance(sized, NotSized):
        return RiskRefused(signal=signal, rule=sized.rule, detail=sized.detail)
    return Proposal(
        signal=signal,
        book=book.book,
        qty=sized.qty,
        limit_price=limit,
        stop_price=stop,
        target_price=target,
        risk_ratio=sized.risk_ratio,
        risk=sized.risk,
        margin=sized.margin,
        at_floor=sized.at_floor,
    )


def _prices(
    state: EngineState, market: SymbolState, setup: Setup
) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """Return entry, limit, stop and target on the tick grid.

    Every rounding goes against us or towards the entry, so that risk is never rounded up and
    the order never pays more than the maximum slippage.

    Raises:
        ValueError: a price is not finite or positive, or the stop is on the wrong side.
    """
    instrument: Instrument = market.instrument
    is_long = setup.direction is Direction.LONG
    sign = int(setup.direction)
    inward, outward = (Rounding.UP, Rounding.DOWN) if is_long else (Rounding.DOWN, Rounding.UP)
    entry = instrument.quantize_price(market.last, Rounding.NEAREST)
    slipped = entry * (1 + sign * state.config.limits.max_slippage_ratio)
    limit = instrument.quantize_price(slipped, outward)
    stop = instrument.quantize_price(setup.stop, inward)
    target = instrument.quantize_price(setup.target, outward)
    if not (entry - stop) * sign > 0 or not (target - entry) * sign > 0:
        raise ValueError(f"price {entry} is not between stop {stop} and target {target}")
    return entry, limit, stop, target


def _enter(state: EngineState, approved: RiskApproved, now: Instant) -> list[Effect]:
    """Reserve by putting the trade into the book, remember its plan, then send the entry."""
    proposal = approved.proposal
    book = state.books[proposal.book]
    trade = _new_trade(state, proposal, now)
    book.trades[trade.symbol] = trade
    state.count("orders")
    # The memory goes first: after a crash an entry without its stop price could not be protected.
    return [
        remembered(trade),
        submit_entry(trade, proposal.qty, proposal.limit_price, now),
    ]


def _new_trade(state: EngineState, proposal: Proposal, now: Instant) -> Trade:
    setup, score = proposal.signal.setup, proposal.signal.score
    timeframe: Timeframe = setup.timeframe
    due = deadlines(state.config.exits, timeframe, now.exchange_ms)
    return Trade(
        memory=TradeMemory(
            trade_key=setup.setup_id,
            book=proposal.book,
            symbol=setup.symbol,
            setup_id=setup.setup_id,
            direction=int(setup.direction),
            score=score.value,
            entry_price=state.symbols[setup.symbol].last,
            stop_price=proposal.stop_price,
            target_price=proposal.target_price,
            risk=proposal.risk,
            time_exit_ms=due.time_exit_ms,
            stagnation_ms=due.stagnation_ms,
            opened_ms=now.exchange_ms,
            best_r=0.0,
            timeframe=timeframe.value,
        ),
        instrument=state.symbols[setup.symbol].instrument,
        names=names_of(state.config.epoch, proposal.book, setup.setup_id),
        protection=Protection(proposal.stop_price, proposal.target_price),
        position=Position(book=proposal.book, symbol=setup.symbol),
        entry=None,
        risk_ratio=proposal.risk_ratio,
        planned_margin=proposal.margin,
        planned_entry=Decimal(repr(setup.entry)),
    )
