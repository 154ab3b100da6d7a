"""Sizing: never above the budget or the cap, monotone, refusing in plain words."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.signal import Mode, Rule
from engine.risk.limits import RiskLimits
from engine.risk.sizing import (
    NotSized,
    RiskShare,
    Sized,
    SizeRequest,
    kelly_fraction,
    risk_share,
    size,
)
from tests.builders import d, instrument, policy, score

LIMITS = RiskLimits()
INSTRUMENT = instrument()


def request(**fields) -> SizeRequest:
    values = {
        "equity": d(10_000),
        "entry": d(100),
        "margin_price": d("100.1"),
        "stop": d(98),
        "unit_cost": d("0.12"),
        "leverage": 10,
        "max_risk_ratio": 0.01,
        "score": score(0.6),
        "policy": policy(),
    }
    return SizeRequest(**(values | fields))


def sized(**fields) -> Sized:
    result = size(request(**fields), INSTRUMENT, LIMITS)
    assert isinstance(result, Sized)
    return result


@pytest.mark.parametrize(
    ("p", "b", "expected"), [(0.6, 2.0, 0.4), (0.5, 1.0, 0.0), (0.3, 2.0, -0.05), (1.0, 1.0, 1.0)]
)
def test_kelly_when_p_and_payoff_are_known_is_p_minus_q_over_b(p, b, expected):
    assert kelly_fraction(p, b) == pytest.approx(expected)


@pytest.mark.parametrize(("p", "b"), [(0.6, 0.0), (0.6, -1.0), (float("nan"), 2.0), (1.2, 2.0)])
def test_kelly_when_inputs_make_no_sense_is_minus_infinity(p, b):
    assert kelly_fraction(p, b) == float("-inf")


def test_share_when_kelly_is_large_is_clamped_to_the_operators_maximum():
    assert risk_share(score(0.9), policy(), LIMITS, 0.01) == RiskShare(0.01, at_floor=False)


def test_share_when_kelly_is_small_is_lifted_to_the_floor():
    assert risk_share(score(0.34), policy(), LIMITS, 0.02).ratio == 0.005


def test_share_when_kelly_is_between_is_a_quarter_of_it():
    got = risk_share(score(0.36), policy(), LIMITS, 0.02)

    assert isinstance(got, RiskShare)
    assert got.ratio == pytest.approx(0.25 * (0.36 - 0.64 / 2))


@pytest.mark.parametrize(
    "fields",
    [{"probability": None}, {"outcomes": 199}, {"probability": 0.2}, {"payoff_ratio": None}],
)
def test_share_when_the_score_is_doubtful_is_evidence_on_paper_and_refused_live(fields):
    doubtful = score(0.6, **fields)

    assert risk_share(doubtful, policy(), LIMITS, 0.01) == RiskShare(0.005, at_floor=True)
    live = risk_share(doubtful, policy(Mode.LIVE), LIMITS, 0.01)
    assert isinstance(live, NotSized)
    assert live.rule is Rule.EDGE
    override = policy(Mode.LIVE, allow_negative_edge=True)
    assert risk_share(doubtful, override, LIMITS, 0.01) == RiskShare(0.005, at_floor=True)


def test_share_when_the_bundle_claims_no_edge_is_refused_live_only():
    honest = score(0.6, edge=False)

    assert isinstance(risk_share(honest, policy(Mode.LIVE), LIMITS, 0.01), NotSized)
    assert risk_share(honest, policy(), LIMITS, 0.01) == RiskShare(0.01, at_floor=False)


def test_size_when_risk_binds_is_budget_over_distance_and_costs():
    got = sized()

    assert got.qty == (d(10_000) * d("0.01") / d("2.12")).quantize(d("0.001"), "ROUND_FLOOR")
    assert got.risk == got.qty * 2
    assert not got.margin_bound


def test_size_when_the_margin_cap_binds_says_so_and_risks_less():
    got = sized(stop=d("99.9"), unit_cost=d("0.01"))

    assert got.margin_bound
    assert got.margin <= 1000
    assert got.risk_ratio < 0.01


def test_size_when_below_the_minimum_is_refused_with_the_numbers():
    result = size(request(equity=d(1)), INSTRUMENT, LIMITS)

    assert isinstance(result, NotSized)
    assert result.rule is Rule.SIZE
    assert "smallest order is 0.05" in result.detail


def test_size_when_only_the_smallest_is_allowed_is_the_smallest():
    assert sized(smallest_only=True).qty == d("0.05")


@pytest.mark.parametrize(
    "fields",
    [
        {"equity": d(0)},
        {"equity": Decimal("NaN")},
        {"entry": Decimal("Infinity")},
        {"stop": d(100)},
        {"stop": d(-1)},
        {"unit_cost": d(-1)},
        {"leverage": 0},
        {"max_risk_ratio": float("nan")},
        {"max_risk_ratio": 0.0},
    ],
)
def test_size_when_a_number_makes_no_sense_is_refused(fields):
    result = size(request(**fields), INSTRUMENT, LIMITS)

    assert isinstance(result, NotSized)
    assert result.rule is Rule.SIZE


money = st.decimals(50, 10**7, places=2)
prices = st.decimals("0.5", 5000, places=2)
ratios = st.floats(0.005, 0.02)
probabilities = st.floats(0, 1)


@given(money, prices, st.floats(0.001, 0.3), probabilities, ratios, st.integers(1, 50))
def test_size_never_exceeds_the_budget_or_the_margin_cap(equity, entry, gap, p, most, leverage):
    stop = (entry * d(1 - gap)).quantize(d("0.01"))
    wanted = request(
        equity=equity,
        entry=entry,
        margin_price=entry * d("1.001"),
        stop=stop,
        score=score(p),
        max_risk_ratio=most,
        leverage=leverage,
    )
    result = size(wanted, INSTRUMENT, LIMITS)

    if isinstance(result, Sized):
        loss = result.qty * (abs(entry - stop) + wanted.unit_cost)
        assert loss <= equity * Decimal(repr(most))
        assert result.margin <= equity / 10
        assert result.qty % INSTRUMENT.step_size == 0
        assert result.qty * entry >= INSTRUMENT.min_notional


@given(money, money)
def test_size_grows_with_equity(first, second):
    low, high = sorted((first, second))
    assert qty_of(equity=low) <= qty_of(equity=high)


@given(probabilities, probabilities)
def test_size_grows_with_probability(first, second):
    low, high = sorted((first, second))
    assert qty_of(score=score(low)) <= qty_of(score=score(high))


@given(st.integers(1, 4000), st.integers(1, 4000))
def test_size_shrinks_with_the_stop_distance(first, second):
    near, far = sorted((first, second))
    assert qty_of(stop=d(100) - d(near) / 100) >= qty_of(stop=d(100) - d(far) / 100)


def qty_of(**fields) -> Decimal:
    result = size(request(**({"max_risk_ratio": 0.02} | fields)), INSTRUMENT, LIMITS)
    return result.qty if isinstance(result, Sized) else Decimal(0)


def test_size_when_the_venue_limits_quantity_stays_below():
    tight = replace(INSTRUMENT, max_qty=d(3), market_max_qty=d(2))
    result = size(request(), tight, LIMITS)
    assert isinstance(result, Sized)
    assert result.qty == 2
