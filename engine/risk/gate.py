"""The last word on a proposal: one small function a rule, judged in order, first refusal wins.

`before_size` are the rules that need no quantity; they run first so that sizing only sees what
may be traded at all. `after_size` are the portfolio's caps.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from engine.domain.setup import Direction
from engine.domain.signal import (
    Policy,
    Proposal,
    RiskApproved,
    RiskRefused,
    Rule,
    Signal,
    Verdict,
)
from engine.risk.limits import RiskLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What a book has open or promised: approved, pending, unknown and filled alike."""

    positions: int
    long_risk_ratio: float
    short_risk_ratio: float
    margin: Decimal
    equity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFacts:
    """Everything the rules look at, gathered by the core. Empty strings mean "nothing wrong".

    `not_ready`, `blind`, `not_tradable`, `busy` and `breakers` carry the reason in words;
    times are exchange milliseconds; `spread` and `last` are prices.
    """

    policy: Policy
    now_ms: int
    paused: str
    breakers: str
    not_ready: str
    blind: str
    stale_after_ms: int
    muted_until_ms: int
    not_tradable: str
    quote_volume_24h: float
    spread: float
    last: float
    busy: str
    cool_until_ms: int
    maintenance_ratio: float
    leverage: int
    first_live_pending: str
    approved_by_operator: bool
    exposure: Exposure | None


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
    age = facts.now_ms - setup.proved_at_ms
    if age <= facts.stale_after_ms:
        return ""
    return f"the setup is {age / 1000:.1f} s old, at most {facts.stale_after_ms / 1000:.0f} s"


def _muted(_signal: Signal, facts: GateFacts, _limits: RiskLimits) -> str:
    return "muted by the operator" if facts.now_ms < facts.muted_until_ms else ""


def _not_tradable(_signal: Signal, facts: GateFacts, _limits: RiskLimits) -> str:
    return facts.not_tradable


def _liquidity(_signal: Signal, facts: GateFacts, limits: RiskLimits) -> str:
    if facts.quote_volume_24h >= limits.min_quote_volume:
        return ""
    return (
        f"24 h volume {facts.quote_volume_24h / 1e6:.1f} M USDT, "
        f"at least {limits.min_quote_volume / 1e6:.1f} M"
    )


def _spread(signal: Signal, facts: GateFacts, limits: RiskLimits) -> str:
    share = facts.spread / signal.setup.risk
    if share <= limits.max_spread_r:
        return ""
    return f"spread is {share:.1%} of R, at most {limits.max_spread_r:.1%}"


def _cost(signal: Signal, _facts: GateFacts, limits: RiskLimits) -> str:
    if signal.cost.cost_r <= limits.max_cost_r:
        return ""
    return f"cost is {signal.cost.cost_r:.0%} of R, at most {limits.max_cost_r:.0%}"


def _price_moved(signal: Signal, facts: GateFacts, limits: RiskLimits) -> str:
    moved = abs(facts.last - signal.setup.entry) / signal.setup.risk
    if moved <= limits.max_moved_r:
        return ""
    return (
        f"price {facts.last:g} has moved {moved:.2f} R from the entry {signal.setup.entry:g}, "
        f"at most {limits.max_moved_r:.2f} R"
    )


def _busy_symbol(_signal: Signal, facts: GateFacts, _limits: RiskLimits) -> str:
    return facts.busy


def _cool_down(_signal: Signal, facts: GateFacts, _limits: RiskLimits) -> str:
    left = facts.cool_until_ms - facts.now_ms
    return f"cooling down for {left / 60_000:.0f} more min" if left > 0 else ""


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
    if exposure.positions < limits.max_positions:
        return ""
    return f"{exposure.positions} positions open or pending, at most {limits.max_positions}"


def _total_risk(
    proposal: Proposal, _facts: GateFacts, limits: RiskLimits, exposure: Exposure
) -> str:
    total = exposure.long_risk_ratio + exposure.short_risk_ratio + proposal.risk_ratio
    if total <= limits.total_risk_ratio:
        return ""
    return f"open risk would be {total:.2%} of equity, at most {limits.total_risk_ratio:.2%}"


def _side_risk(
    proposal: Proposal, _facts: GateFacts, limits: RiskLimits, exposure: Exposure
) -> str:
    is_long = proposal.signal.setup.direction is Direction.LONG
    held = exposure.long_risk_ratio if is_long else exposure.short_risk_ratio
    total = held + proposal.risk_ratio
    if total <= limits.side_risk_ratio:
        return ""
    side = "long" if is_long else "short"
    return f"{side} risk would be {total:.2%} of equity, at most {limits.side_risk_ratio:.2%}"


def _liquidation_near(
    proposal: Proposal, facts: GateFacts, limits: RiskLimits, _exposure: Exposure
) -> str:
    entry = float(proposal.limit_price)
    distance = entry * (1.0 / facts.leverage - facts.maintenance_ratio)
    needed = limits.liquidation_stops * abs(entry - float(proposal.stop_price))
    if distance >= needed:
        return ""
    return (
        f"liquidation {distance:g} away at leverage {facts.leverage}, "
        f"at least {limits.liquidation_stops:g} stop distances ({needed:g}) are needed"
    )


def _margin(proposal: Proposal, _facts: GateFacts, limits: RiskLimits, exposure: Exposure) -> str:
    cap = exposure.equity * limits.margin_cap_ratio
    if proposal.margin > cap:
        return f"margin {proposal.margin:.2f} USDT, at most {cap:.2f}"
    total = exposure.margin + proposal.margin
    if total <= exposure.equity:
        return ""
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
