"""Explanations add up to the score they explain."""

import math

import pytest
from hypothesis import HealthCheck, given, settings

from engine.domain.candle import Timeframe
from engine.domain.setup import Setup
from models.artifacts import Bundle
from models.explain import explain, explain_heuristic
from models.heuristic import HeuristicScorer
from models.schema import SMC12_V1, SMC_V2
from models.scorer import LightGBMScorer
from tests.models.strategies import setups
from tests.storage import samples


@given(setup=setups())
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_explain_when_model_scored_adds_up_to_its_output(bundle: Bundle, setup: Setup) -> None:
    scorer = LightGBMScorer(bundle)
    (score,) = scorer.score([setup])
    told = explain(scorer, setup)
    assert 1 / (1 + math.exp(-told.log_odds)) == pytest.approx(score.value, abs=1e-9)
    assert tuple(part.name for part in told.contributions) == SMC12_V1.names
    assert tuple(part.value for part in told.contributions) == score.features
    assert told.scorer == scorer.name


@given(setup=setups())
@settings(max_examples=25)
def test_explain_heuristic_when_scored_adds_up_to_its_value(setup: Setup) -> None:
    (score,) = HeuristicScorer().score([setup])
    told = explain_heuristic(setup)
    assert 1 / (1 + math.exp(-told.log_odds)) == pytest.approx(score.value, abs=1e-6)
    assert told.contributions[-1].log_odds == 0.0


def test_explain_when_setup_is_not_covered_is_the_heuristics(bundle: Bundle) -> None:
    foreign = samples.setup(timeframe=Timeframe.H1)
    assert explain(LightGBMScorer(bundle), foreign) == explain_heuristic(foreign)


def test_strongest_when_sorted_starts_with_the_largest_effect(bundle: Bundle) -> None:
    told = explain(LightGBMScorer(bundle), samples.setup())
    effects = [abs(part.log_odds) for part in told.strongest]
    assert effects == sorted(effects, reverse=True)
    assert set(told.strongest) == set(told.contributions)


@given(setup=setups(of_all_kinds=True))
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_explain_when_the_model_looks_around_names_its_own_features(
    surrounded_bundle: Bundle, setup: Setup
) -> None:
    scorer = LightGBMScorer(surrounded_bundle)
    (score,) = scorer.score([setup])
    told = explain(scorer, setup)
    assert 1 / (1 + math.exp(-told.log_odds)) == pytest.approx(score.value, abs=1e-6)
    schema = SMC_V2 if scorer.covers(setup) else SMC12_V1
    assert tuple(part.name for part in told.contributions) == schema.names
