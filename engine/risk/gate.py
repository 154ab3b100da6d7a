"""The last word on a proposal: one small function a rule, judged in order, first refusal wins.

`before_size` are the rules that need no quantity; they run first so that sizing only sees what
may be traded at all. `after_size` are the portfolio's caps.
"""

from collections.abc import Callable

from engine.domain.setup import Direction
from engine.domain.signal import (
    Proposal,
    RiskApproved,
    RiskRefused,
    Rule,
    Signal,
    Verdict,
)
from engine.risk import gate_figures as measure
from engine.risk.gate_inputs import Exposure, GateFacts
from engine.risk.limits import RiskLimits


def before_size(signal: Signal, facts: GateFacts, limits: RiskLimits) -> RiskRefused | None:
    """Return the first refusal of the rules that need no quantity."""
    for rule, judge in _BEFORE:
        detail = judge(signal, facts, limits)
        if detail:
            return RiskRefused(signal=signal, rule=rule, detail=detail)
    return None


def after_size(proposal: Proposal, facts: GateFacts, limits: RiskLimits) -> Verdict:
    """Return the verdict on a sized proposal."""
    exposure = facts.exposure
    if exposure is None:
        raise ValueError("a sized proposal needs the book's exposure")
    for rule, judge in _AFTER:
        detail = judge(proposal, facts, limits, exposure)
        if detail:
            signal = proposal.signal
            return RiskRefused(signal=signal, rule=rule, detail=detail, proposal=proposal)
    return RiskApproved(proposal=proposal)


# --- rules before the size ---------------------------------------------------------------------


def _signals_only(_signal: Signal, facts: GateFacts, _limits: RiskLimits) -> str:
    return "" if facts.policy.entry_book else f"mode {facts.policy.mode.value} places no orders"


def _paused(_signal: Signal, facts: GateFacts, _limits: RiskLimits) -> str:
    return facts.paused and f"paused: {facts.paused}"


def _breaker(_signal: Signal, facts: GateFacts, _limits: RiskLimits) -> str:
    return facts.breakers and f"breaker tripped: {facts.breakers}"


def _not_ready(_signal: Signal, facts: GateFacts, _limits: RiskLimits) -> str:
    return facts.not_ready


def _blind(_signal: Signal, facts: GateFacts, _limits: RiskLimits) -> str:
    return facts.blind


def _stale(signal: Signal, facts: GateFacts, _limits: RiskLimits) -> str:
    setup = signal.setup
    if facts.approved_by_operator:
        late = facts.now_ms - setup.expires_at_ms
        return f"the setup expired {late / 1000:.0f} s ago" if late >= 0 else ""
    age = measure.age(signal, facts)
    if age.passed:
        return ""
    return f"the setup is {age.value:.1f} s old, at most {age.limit:.0f} s"


def _muted(_signal: Signal, facts: GateFacts, _limits: RiskLimits) -> str:
    return "muted by the operator" if facts.now_ms < facts.muted_until_ms else ""


def _not_tradable(_signal: Signal, facts: GateFacts, _limits: RiskLimits) -> str:
    return facts.not_tradable


def _liquidity(_signal: Signal, facts: GateFacts, limits: RiskLimits) -> str:
    if measure.volume(facts, limits).passed:
        return ""
    return (
        f"24 h volume {facts.quote_volume_24h / 1e6:.1f} M USDT, "
        f"at least {limits.min_quote_volume / 1e6:.1f} M"
    )


def _spread(signal: Signal, facts: GateFacts, limits: RiskLimits) -> str:
    spread = measure.spread(signal, facts, limits)
    if spread.passed:
        return ""
    return f"spread is {spread.value:.1%} of R, at most {spread.limit:.1%}"


def _cost(signal: Signal, _facts: GateFacts, limits: RiskLimits) -> str:
    cost = measure.cost(signal, limits)
    return "" if cost.passed else f"cost is {cost.value:.0%} of R, at most {cost.limit:.0%}"


def _price_moved(signal: Signal, facts: GateFacts, limits: RiskLimits) -> str:
    moved = measure.moved(signal, facts, limits)
    if moved.passed:
        return ""
    return (
        f"price {facts.last:g} has moved {moved.value:.2f} R from the entry "
        f"{signal.setup.entry:g}, at most {moved.limit:.2f} R"
    )


def _busy_symbol(_signal: Signal, facts: GateFacts, _limits: RiskLimits) -> str:
    return facts.busy


def _cool_down(_signal: Signal, facts: GateFacts, _limits: RiskLimits) -> str:
    left = measure.cool_down(facts)
    return "" if left.passed else f"cooling down for {left.value:.0f} more min"


def _first_live(_signal: Signal, facts: GateFacts, _limits: RiskLimits) -> str:
    return facts.first_live_pending


def _approval(_signal: Signal, facts: GateFacts, _limits: RiskLimits) -> str:
    waits = facts.policy.approval and not facts.approved_by_operator
    return "waiting for the operator's Take" if waits else ""


_Before = Callable[[Signal, GateFacts, RiskLimits], str]
_BEFORE: tuple[tuple[Rule, _Before], ...] = (
    (Rule.SIGNALS_ONLY, _signals_only),
    (Rule.PAUSED, _paused),
    (Rule.BREAKER, _breaker),
    (Rule.NOT_READY, _not_ready),
    (Rule.BLIND, _blind),
    (Rule.STALE, _stale),
    (Rule.MUTED, _muted),
    (Rule.NOT_TRADABLE, _not_tradable),
    (Rule.LIQUIDITY, _liquidity),
    (Rule.SPREAD, _spread),
    (Rule.COST, _cost),
    (Rule.PRICE_MOVED, _price_moved),
    (Rule.BUSY_SYMBOL, _busy_symbol),
    (Rule.COOL_DOWN, _cool_down),
    (Rule.FIRST_LIVE, _first_live),
    (Rule.APPROVAL, _approval),
)


# --- rules after the size ----------------------------------------------------------------------


def _max_positions(
    _proposal: Proposal, _facts: GateFacts, limits: RiskLimits, exposure: Exposure
) -> str:
    if measure.positions(exposure, limits).passed:
        return ""
    return f"{exposure.positions} positions open or pending, at most {limits.max_positions}"


def _total_risk(
    proposal: Proposal, _facts: GateFacts, limits: RiskLimits, exposure: Exposure
) -> str:
    total = measure.total_risk(proposal, limits, exposure)
    if total.passed:
        return ""
    return f"open risk would be {total.value:.2%} of equity, at most {total.limit:.2%}"


def _side_risk(
    proposal: Proposal, _facts: GateFacts, limits: RiskLimits, exposure: Exposure
) -> str:
    total = measure.side_risk(proposal, limits, exposure)
    if total.passed:
        return ""
    side = "long" if proposal.signal.setup.direction is Direction.LONG else "short"
    return f"{side} risk would be {total.value:.2%} of equity, at most {total.limit:.2%}"


def _liquidation_near(
    proposal: Proposal, facts: GateFacts, limits: RiskLimits, _exposure: Exposure
) -> str:
    if measure.liquidation(proposal, facts, limits).passed:
        return ""
    distance = measure.liquidation_distance(proposal, facts)
    stop_distance = abs(float(proposal.limit_price) - float(proposal.stop_price))
    needed = limits.liquidation_stops * stop_distance
    return (
        f"liquidation {distance:g} away at leverage {facts.leverage}, "
        f"at least {limits.liquidation_stops:g} stop distances ({needed:g}) are needed"
    )


def _margin(proposal: Proposal, _facts: GateFacts, limits: RiskLimits, exposure: Exposure) -> str:
    if not measure.margin(proposal, limits, exposure).passed:
        cap = exposure.equity * limits.margin_cap_ratio
        return f"margin {proposal.margin:.2f} USDT, at most {cap:.2f}"
    if measure.total_margin(proposal, exposure).passed:
        return ""
    total = exposure.margin + proposal.margin
    return f"margin of all positions would be {total:.2f} of {exposure.equity:.2f} USDT equity"


_After = Callable[[Proposal, GateFacts, RiskLimits, Exposure], str]
_AFTER: tuple[tuple[Rule, _After], ...] = (
    (Rule.MAX_POSITIONS, _max_positions),
    (Rule.TOTAL_RISK, _total_risk),
    (Rule.SIDE_RISK, _side_risk),
    (Rule.LIQUIDATION_NEAR, _liquidation_near),
    (Rule.MARGIN, _margin),
)

RULES: tuple[Rule, ...] = (
    *(rule for rule, _ in _BEFORE),
    Rule.EDGE,
    Rule.SIZE,
    *(rule for rule, _ in _AFTER),
)
"""Every rule in the order of judging; the edge and the size are judged by the sizing between."""
