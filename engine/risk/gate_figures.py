"""The numbers of the gate: each is measured here once, for the rule that judges it and the journal.

Nothing is refused here. `gate` asks one figure and refuses in words where it did not pass.
"""

from engine.domain.setup import Direction
from engine.domain.signal import GateFigure, Measure, Proposal, Rule, Score, Signal
from engine.risk.breakers import BreakerState
from engine.risk.gate_inputs import Exposure, GateFacts
from engine.risk.limits import RiskLimits


def figures(
    signal: Signal,
    proposal: Proposal | None,
    facts: GateFacts,
    limits: RiskLimits,
    max_risk_ratio: float,
) -> tuple[GateFigure, ...]:
    """Return everything that can be measured, also what a refusal left unasked.

    Args:
        signal: what was judged.
        proposal: its size, None where it came to none.
        facts: what the gate looked at.
        limits: of the gate.
        max_risk_ratio: the operator's maximum risk per trade.
    """
    found = [
        *breakers(facts.breaker_state, facts, limits),
        age(signal, facts),
        volume(facts, limits),
        spread(signal, facts, limits),
        cost(signal, limits),
        moved(signal, facts, limits),
        cool_down(facts),
        *edge(signal.score, limits),
    ]
    exposure = facts.exposure
    if exposure is None:
        return tuple(found)
    if proposal is not None:
        found += [risk(proposal, max_risk_ratio), notional(proposal, facts)]
    found.append(positions(exposure, limits))
    if proposal is not None:
        found += [
            total_risk(proposal, limits, exposure),
            side_risk(proposal, limits, exposure),
            liquidation(proposal, facts, limits),
            margin(proposal, limits, exposure),
            total_margin(proposal, exposure),
        ]
    return tuple(found)


# --- before the size -----------------------------------------------------------------------------


def breakers(
    state: BreakerState | None, facts: GateFacts, limits: RiskLimits
) -> tuple[GateFigure, ...]:
    """How near the book's breakers are; nothing without a book or before its first equity."""
    if state is None or facts.exposure is None or state.day < 0:
        return ()
    equity = facts.exposure.equity
    lost = 1 - float(equity / state.day_start) if state.day_start > 0 else 0.0
    fallen = 1 - float(equity / state.high_water) if state.high_water > 0 else 0.0
    rejects = sum(facts.now_ms - at < limits.reject_window_ms for at in state.rejects_ms)
    return (
        _below(Rule.BREAKER, Measure.DAILY_LOSS, max(lost, 0.0), float(limits.daily_loss_ratio)),
        _below(Rule.BREAKER, Measure.DRAWDOWN, max(fallen, 0.0), float(limits.drawdown_ratio)),
        _below(Rule.BREAKER, Measure.LOSS_STREAK, state.losses, limits.loss_streak),
        _below(Rule.BREAKER, Measure.REJECTS, rejects, limits.reject_budget),
    )


def age(signal: Signal, facts: GateFacts) -> GateFigure:
    """How old the setup is; the operator's own Take has until it expires."""
    setup = signal.setup
    longest = facts.stale_after_ms
    if facts.approved_by_operator:
        longest = setup.expires_at_ms - setup.proved_at_ms
    old = (facts.now_ms - setup.proved_at_ms) / 1000
    return _at_most(Rule.STALE, Measure.AGE, old, longest / 1000)


def volume(facts: GateFacts, limits: RiskLimits) -> GateFigure:
    """How much the symbol trades."""
    return _at_least(
        Rule.LIQUIDITY, Measure.VOLUME, facts.quote_volume_24h, limits.min_quote_volume
    )


def spread(signal: Signal, facts: GateFacts, limits: RiskLimits) -> GateFigure:
    """How much of R the spread is."""
    share = facts.spread / signal.setup.risk
    return _at_most(Rule.SPREAD, Measure.SPREAD, share, limits.max_spread_r)


def cost(signal: Signal, limits: RiskLimits) -> GateFigure:
    """How much of R the round trip costs."""
    return _at_most(Rule.COST, Measure.COST, signal.cost.cost_r, limits.max_cost_r)


def moved(signal: Signal, facts: GateFacts, limits: RiskLimits) -> GateFigure:
    """How far the price has left the entry."""
    distance = abs(facts.last - signal.setup.entry) / signal.setup.risk
    return _at_most(Rule.PRICE_MOVED, Measure.MOVED, distance, limits.max_moved_r)


def cool_down(facts: GateFacts) -> GateFigure:
    """How long the symbol still cools down."""
    left = max(facts.cool_until_ms - facts.now_ms, 0) / 60_000
    return _at_most(Rule.COOL_DOWN, Measure.COOL_DOWN, left, 0.0)


def edge(score: Score, limits: RiskLimits) -> tuple[GateFigure, ...]:
    """The probability against its break-even 1 / (1 + b), and how well it is proved."""
    if score.probability is None or score.payoff_ratio is None:
        return ()
    even = 1 / (1 + max(score.payoff_ratio, 0.0))
    above = score.probability > even
    return (
        GateFigure(Rule.EDGE, Measure.PROBABILITY, score.probability, even, above),
        _at_least(Rule.EDGE, Measure.OUTCOMES, score.outcomes, limits.min_outcomes),
    )


# --- after the size ------------------------------------------------------------------------------


def risk(proposal: Proposal, max_risk_ratio: float) -> GateFigure:
    """What a stop would cost, as a share of equity."""
    return _at_most(Rule.SIZE, Measure.RISK, proposal.risk_ratio, max_risk_ratio)


def notional(proposal: Proposal, facts: GateFacts) -> GateFigure:
    """How large the order is."""
    worth = float(proposal.qty * proposal.limit_price)
    return _at_least(Rule.SIZE, Measure.NOTIONAL, worth, float(facts.min_notional))


def positions(exposure: Exposure, limits: RiskLimits) -> GateFigure:
    """How many positions there are already."""
    return _below(Rule.MAX_POSITIONS, Measure.POSITIONS, exposure.positions, limits.max_positions)


def total_risk(proposal: Proposal, limits: RiskLimits, exposure: Exposure) -> GateFigure:
    """Open risk of everything with this trade."""
    total = exposure.long_risk_ratio + exposure.short_risk_ratio + proposal.risk_ratio
    return _at_most(Rule.TOTAL_RISK, Measure.TOTAL_RISK, total, limits.total_risk_ratio)


def side_risk(proposal: Proposal, limits: RiskLimits, exposure: Exposure) -> GateFigure:
    """Open risk of the trade's side with this trade."""
    is_long = proposal.signal.setup.direction is Direction.LONG
    held = exposure.long_risk_ratio if is_long else exposure.short_risk_ratio
    total = held + proposal.risk_ratio
    return _at_most(Rule.SIDE_RISK, Measure.SIDE_RISK, total, limits.side_risk_ratio)


def liquidation(proposal: Proposal, facts: GateFacts, limits: RiskLimits) -> GateFigure:
    """How many stop distances away the liquidation would be."""
    entry = float(proposal.limit_price)
    distance = liquidation_distance(proposal, facts)
    stops = distance / abs(entry - float(proposal.stop_price))
    return _at_least(Rule.LIQUIDATION_NEAR, Measure.LIQUIDATION, stops, limits.liquidation_stops)


def liquidation_distance(proposal: Proposal, facts: GateFacts) -> float:
    """Return how far the price may go against the position before it is liquidated."""
    return float(proposal.limit_price) * (1.0 / facts.leverage - facts.maintenance_ratio)


def margin(proposal: Proposal, limits: RiskLimits, exposure: Exposure) -> GateFigure:
    """Margin of this position. Judged exactly, in Decimal; shown as a share."""
    passed = proposal.margin <= exposure.equity * limits.margin_cap_ratio
    share = _share(proposal, exposure, total=False)
    return GateFigure(Rule.MARGIN, Measure.MARGIN, share, float(limits.margin_cap_ratio), passed)


def total_margin(proposal: Proposal, exposure: Exposure) -> GateFigure:
    """Margin of all positions with this one."""
    passed = exposure.margin + proposal.margin <= exposure.equity
    share = _share(proposal, exposure, total=True)
    return GateFigure(Rule.MARGIN, Measure.TOTAL_MARGIN, share, 1.0, passed)


def _share(proposal: Proposal, exposure: Exposure, *, total: bool) -> float:
    taken = proposal.margin + (exposure.margin if total else 0)
    return float(taken / exposure.equity) if exposure.equity > 0 else float("inf")


def _at_most(rule: Rule, measure: Measure, value: float, limit: float) -> GateFigure:
    return GateFigure(rule, measure, value, limit, value <= limit)


def _at_least(rule: Rule, measure: Measure, value: float, limit: float) -> GateFigure:
    return GateFigure(rule, measure, value, limit, value >= limit)


def _below(rule: Rule, measure: Measure, value: float, limit: float) -> GateFigure:
    return GateFigure(rule, measure, float(value), float(limit), value < limit)
