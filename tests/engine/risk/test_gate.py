"""Every rule of the gate refuses what it must, in order, and lets the rest pass."""

from dataclasses import replace

import pytest

from engine.domain.setup import Direction
from engine.domain.signal import Mode, Proposal, RiskApproved, RiskRefused, Rule
from engine.risk.gate import after_size, before_size
from engine.risk.gate_inputs import Exposure, GateFacts
from engine.risk.limits import RiskLimits
from tests.builders import MINUTE as MIN
from tests.builders import START_MS, d, policy, setup, signal

LIMITS = RiskLimits()
NOW = START_MS + MIN + 1000
EMPTY = Exposure(
    positions=0, long_risk_ratio=0.0, short_risk_ratio=0.0, margin=d(0), equity=d(10_000)
)


def facts(**fields) -> GateFacts:
    values = {
        "policy": policy(),
        "now_ms": NOW,
        "paused": "",
        "breakers": "",
        "not_ready": "",
        "blind": "",
        "stale_after_ms": 10_000,
        "muted_until_ms": 0,
        "not_tradable": "",
        "quote_volume_24h": 50e6,
        "spread": 0.02,
        "last": 100.0,
        "busy": "",
        "cool_until_ms": 0,
        "maintenance_ratio": 0.01,
        "leverage": 10,
        "first_live_pending": "",
        "approved_by_operator": False,
        "exposure": EMPTY,
    }
    return GateFacts(**(values | fields))


def proposal(direction: Direction = Direction.LONG, **fields) -> Proposal:
    values = {
        "signal": signal(setup(direction=direction)),
        "book": "paper",
        "qty": d(1),
        "limit_price": d("100.1"),
        "stop_price": d(98),
        "target_price": d(104),
        "risk_ratio": 0.01,
        "risk": d(100),
        "margin": d(500),
    }
    return Proposal(**(values | fields))


def test_signal_when_nothing_is_wrong_passes_both_halves():
    assert before_size(signal(), facts(), LIMITS) is None
    assert isinstance(after_size(proposal(), facts(), LIMITS), RiskApproved)


REFUSALS = [
    ({"policy": policy(Mode.SIGNALS)}, Rule.SIGNALS_ONLY),
    ({"paused": "lunch"}, Rule.PAUSED),
    ({"breakers": "drawdown"}, Rule.BREAKER),
    ({"not_ready": "not reconciled"}, Rule.NOT_READY),
    ({"blind": "shard 2"}, Rule.BLIND),
    ({"now_ms": NOW + 10_000}, Rule.STALE),
    ({"muted_until_ms": NOW + 1}, Rule.MUTED),
    ({"not_tradable": "status HALT"}, Rule.NOT_TRADABLE),
    ({"quote_volume_24h": 9.9e6}, Rule.LIQUIDITY),
    ({"spread": 0.0601}, Rule.SPREAD),
    ({"last": 100.41}, Rule.PRICE_MOVED),
    ({"last": 99.59}, Rule.PRICE_MOVED),
    ({"busy": "a trade is open"}, Rule.BUSY_SYMBOL),
    ({"cool_until_ms": NOW + 60_000}, Rule.COOL_DOWN),
    ({"first_live_pending": "waiting"}, Rule.FIRST_LIVE),
    ({"policy": policy(approval=True)}, Rule.APPROVAL),
]


@pytest.mark.parametrize(("fields", "rule"), REFUSALS)
def test_signal_when_a_rule_is_broken_is_refused_by_it_in_words(fields, rule):
    refused = before_size(signal(), facts(**fields), LIMITS)

    assert refused is not None
    assert refused.rule is rule
    assert refused.detail


def test_signal_when_its_cost_is_above_a_fifth_of_r_is_refused():
    assert before_size(signal(cost_r=0.2), facts(), LIMITS) is None
    refused = before_size(signal(cost_r=0.201), facts(), LIMITS)
    assert refused is not None
    assert refused.rule is Rule.COST


def test_rules_when_several_are_broken_answer_in_order():
    everything: dict = {}
    for fields, _ in REFUSALS[1:-1]:
        everything |= fields
    order = []
    for fields, rule in REFUSALS[1:-1]:
        refused = before_size(signal(), facts(**everything), LIMITS)
        assert refused is not None
        order.append(refused.rule)
        good = facts()
        for name in fields:
            everything[name] = getattr(good, name)
        assert refused.rule is rule or rule in {Rule.PRICE_MOVED, Rule.STALE, Rule.MUTED}
    assert order[0] is Rule.PAUSED


@pytest.mark.parametrize(
    "edge",
    [
        {"now_ms": NOW + 9_000},
        {"quote_volume_24h": 10e6},
        {"spread": 0.06},
        {"last": 100.399},
        {"cool_until_ms": NOW},
        {"muted_until_ms": NOW},
    ],
)
def test_signal_when_exactly_at_a_limit_passes(edge):
    assert before_size(signal(), facts(**edge), LIMITS) is None


def test_taken_signal_when_old_but_not_expired_passes_and_later_not():
    approved = facts(now_ms=NOW + 300_000, approved_by_operator=True)
    assert before_size(signal(), approved, LIMITS) is None
    expired = replace(approved, now_ms=NOW + 16 * MIN)
    refused = before_size(signal(), expired, LIMITS)
    assert refused is not None
    assert refused.rule is Rule.STALE


@pytest.mark.parametrize(
    ("exposure", "rule"),
    [
        ({"positions": 5}, Rule.MAX_POSITIONS),
        ({"long_risk_ratio": 0.0201, "short_risk_ratio": 0.0205}, Rule.TOTAL_RISK),
        ({"long_risk_ratio": 0.0201}, Rule.SIDE_RISK),
        ({"margin": d(9600)}, Rule.MARGIN),
    ],
)
def test_proposal_when_a_cap_is_reached_is_refused_with_its_size(exposure, rule):
    verdict = after_size(proposal(), facts(exposure=replace(EMPTY, **exposure)), LIMITS)

    assert isinstance(verdict, RiskRefused)
    assert verdict.rule is rule
    assert verdict.proposal is not None


def test_side_cap_when_the_other_side_is_full_does_not_bind():
    crowded = replace(EMPTY, short_risk_ratio=0.03)
    assert isinstance(after_size(proposal(), facts(exposure=crowded), LIMITS), RiskApproved)
    verdict = after_size(proposal(Direction.SHORT), facts(exposure=crowded), LIMITS)
    assert isinstance(verdict, RiskRefused)
    assert verdict.rule is Rule.SIDE_RISK


def test_liquidation_when_nearer_than_two_stops_is_refused():
    far = facts(leverage=20, maintenance_ratio=0.005)
    assert isinstance(after_size(proposal(), far, LIMITS), RiskApproved)
    near = facts(leverage=20, maintenance_ratio=0.02)
    verdict = after_size(proposal(), near, LIMITS)
    assert isinstance(verdict, RiskRefused)
    assert verdict.rule is Rule.LIQUIDATION_NEAR


def test_margin_when_above_a_tenth_of_equity_is_refused():
    verdict = after_size(proposal(margin=d(1001)), facts(), LIMITS)
    assert isinstance(verdict, RiskRefused)
    assert verdict.rule is Rule.MARGIN


def test_proposal_when_the_book_is_unknown_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="exposure"):
        after_size(proposal(), facts(exposure=None), LIMITS)
