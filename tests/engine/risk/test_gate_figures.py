"""The gate's numbers: the same that the rules judge by, complete, and right."""

from dataclasses import replace

import pytest

from engine.domain.signal import Measure, RiskRefused, Rule
from engine.risk.breakers import BreakerState
from engine.risk.gate import RULES, after_size, before_size
from engine.risk.gate_figures import breakers, figures
from engine.risk.gate_inputs import Exposure
from engine.risk.limits import RiskLimits
from tests.builders import d, score, setup, signal
from tests.engine.risk.test_gate import EMPTY, NOW, facts, proposal

LIMITS = RiskLimits()
MARKS = BreakerState(day=1, day_start=d(10_400), high_water=d(11_000), losses=2)


def measured(of=None, sized=None, limits=LIMITS, **given):
    found = figures(of or signal(), sized, facts(**given), limits, 0.01)
    return {one.measure: one for one in found}


def test_figures_when_sized_are_every_measure_once():
    sized = proposal()

    found = figures(signal(), sized, facts(breaker_state=MARKS), LIMITS, 0.01)

    assert sorted(one.measure for one in found) == sorted(Measure)
    assert {one.rule for one in found} <= set(RULES)


def test_figures_when_no_book_trades_are_those_of_the_market():
    found = measured(exposure=None)

    assert found.keys() == {
        Measure.AGE,
        Measure.VOLUME,
        Measure.SPREAD,
        Measure.COST,
        Measure.MOVED,
        Measure.COOL_DOWN,
        Measure.PROBABILITY,
        Measure.OUTCOMES,
    }


def test_figures_when_refused_before_the_size_know_the_open_positions():
    busy = replace(EMPTY, positions=5)

    assert measured(exposure=busy)[Measure.POSITIONS].value == 5
    assert not measured(exposure=busy)[Measure.POSITIONS].passed
    assert Measure.TOTAL_RISK not in measured(exposure=busy)


def test_breakers_when_equity_fell_say_how_near_they_are():
    lost, fallen, streak, rejects = breakers(
        replace(MARKS, rejects_ms=(NOW - 1, NOW - LIMITS.reject_window_ms)), facts(), LIMITS
    )

    assert lost.value == pytest.approx(400 / 10_400)
    assert fallen.value == pytest.approx(1_000 / 11_000)
    assert (streak.value, streak.limit) == (2, 6)
    assert rejects.value == 1
    assert lost.passed
    assert not breakers(replace(MARKS, day_start=d(20_000)), facts(), LIMITS)[0].passed


def test_breakers_when_no_equity_was_seen_measure_nothing():
    assert breakers(BreakerState(), facts(), LIMITS) == ()
    assert breakers(None, facts(), LIMITS) == ()


def test_age_when_the_operator_takes_it_lasts_until_it_expires():
    late = measured(approved_by_operator=True, now_ms=NOW + 60_000)[Measure.AGE]

    assert late.passed
    assert late.limit == (setup().expires_at_ms - setup().proved_at_ms) / 1000


def test_edge_when_calibrated_is_measured_at_its_break_even():
    weak = signal()
    weak = replace(weak, score=score(of=weak.setup, probability=0.3, payoff_ratio=2.0, outcomes=7))

    found = measured(weak)

    assert found[Measure.PROBABILITY].limit == pytest.approx(1 / 3)
    assert not found[Measure.PROBABILITY].passed
    assert not found[Measure.OUTCOMES].passed
    blank = replace(weak, score=replace(weak.score, probability=None))
    assert Measure.PROBABILITY not in measured(blank)


BEFORE = [
    ({"now_ms": NOW + 10_000}, Measure.AGE),
    ({"quote_volume_24h": 9.9e6}, Measure.VOLUME),
    ({"spread": 0.0601}, Measure.SPREAD),
    ({"last": 100.41}, Measure.MOVED),
    ({"cool_until_ms": NOW + 1}, Measure.COOL_DOWN),
]


@pytest.mark.parametrize(("given", "measure"), BEFORE)
def test_figure_when_it_is_beyond_its_limit_is_what_the_rule_refuses_by(given, measure):
    figure = measured(**given)[measure]
    refused = before_size(signal(), facts(**given), LIMITS)

    assert isinstance(refused, RiskRefused)
    assert refused.rule is figure.rule
    assert not figure.passed
    assert measured()[measure].passed


AFTER = [
    ({"positions": 5}, {}, Measure.POSITIONS),
    ({"long_risk_ratio": 0.029, "short_risk_ratio": 0.0121}, {}, Measure.TOTAL_RISK),
    ({"long_risk_ratio": 0.0201}, {}, Measure.SIDE_RISK),
    ({}, {"stop_price": d(94)}, Measure.LIQUIDATION),
    ({}, {"margin": d("1000.01")}, Measure.MARGIN),
    ({"margin": d(9_501)}, {}, Measure.TOTAL_MARGIN),
]


@pytest.mark.parametrize(("open_", "sized", "measure"), AFTER)
def test_figure_when_the_portfolio_is_full_is_what_the_rule_refuses_by(open_, sized, measure):
    given = {"exposure": replace(EMPTY, **open_)}
    wanted = proposal(**sized)

    refused = after_size(wanted, facts(**given), LIMITS)
    figure = measured(sized=wanted, **given)[measure]

    assert isinstance(refused, RiskRefused)
    assert refused.rule is figure.rule
    assert not figure.passed
    assert measured(sized=proposal())[measure].passed


def test_margin_when_there_is_no_equity_is_no_division():
    broke = Exposure(
        positions=0, long_risk_ratio=0.0, short_risk_ratio=0.0, margin=d(0), equity=d(0)
    )

    assert not measured(sized=proposal(), exposure=broke)[Measure.MARGIN].passed


def test_notional_when_sized_is_beside_the_symbols_minimum():
    found = measured(sized=proposal(), min_notional=d(5))

    assert found[Measure.NOTIONAL].value == pytest.approx(100.1)
    assert found[Measure.NOTIONAL].limit == 5
    assert found[Measure.RISK].rule is Rule.SIZE
