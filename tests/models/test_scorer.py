"""The model's scorer: calibrated, honest about what it does not cover, independent of batches."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.domain.candle import Timeframe
from engine.domain.setup import MarketContext, Recipe, Setup
from engine.ports import Scorer
from models.artifacts import Bundle, load_bundle, save_bundle
from models.features import MARKET, matrix_of
from models.heuristic import HEURISTIC, HeuristicScorer
from models.manifest import bundle_hash
from models.probe import probe_here
from models.schema import SMC_V2
from models.scorer import LightGBMScorer, load_scorer
from tests.models.bundles import manifest, model_text
from tests.models.strategies import setups
from tests.storage import samples


@pytest.fixture(scope="module")
def scorer(tmp_path_factory: pytest.TempPathFactory) -> LightGBMScorer:
    path = tmp_path_factory.mktemp("bundle") / "lgbm_smc.txt"
    save_bundle(path, model_text(), manifest())
    return LightGBMScorer(load_bundle(path, probe=probe_here))


def test_score_when_setup_is_covered_carries_the_models_word(scorer: LightGBMScorer) -> None:
    setup = samples.setup()
    (score,) = scorer.score([setup])
    raw = float(scorer.bundle.trees.outputs(matrix_of([setup]))[0])
    assert score.value == raw
    assert score.scorer == scorer.name == f"lgbm:{scorer.bundle.hash[:8]}"
    assert score.probability == pytest.approx(np.interp(raw, (0.1, 0.4, 0.8), (0.25, 0.35, 0.45)))
    assert score.outcomes in {900, 450, 120}
    assert score.edge is False
    assert score.features == tuple(matrix_of([setup])[0].tolist())


@pytest.mark.parametrize(("stop", "payoff"), [(98.0, 1.8), (99.0, 1.5), (99.2, 1.5), (99.9, 1.1)])
def test_payoff_when_stop_is_narrower_falls_with_cost(
    scorer: LightGBMScorer, stop: float, payoff: float
) -> None:
    # Cost is 0.13 % of 100, so a risk of 2, 1, 0.8 and 0.1 makes 0.065, 0.13, 0.16 and 1.3 R.
    assert scorer.score([samples.setup(stop=stop)])[0].payoff_ratio == payoff


@pytest.mark.parametrize(
    "foreign",
    [
        samples.setup(timeframe=Timeframe.H1),
        samples.setup(recipe=Recipe.OB_RETEST),
    ],
)
def test_score_when_setup_is_not_covered_is_the_heuristics(
    scorer: LightGBMScorer, foreign: Setup
) -> None:
    ours = samples.setup()
    first, second, third = scorer.score([ours, foreign, ours])
    assert not scorer.covers(foreign)
    assert second == HeuristicScorer().score([foreign])[0]
    assert (second.scorer, second.probability, second.edge) == (HEURISTIC, None, False)
    assert first == third
    assert first.scorer == scorer.name


def test_score_when_nothing_is_covered_or_given_needs_no_model(scorer: LightGBMScorer) -> None:
    assert scorer.score([]) == ()
    (score,) = scorer.score([samples.setup(timeframe=Timeframe.H1)])
    assert score.scorer == HEURISTIC


@given(found=st.lists(setups(), min_size=1, max_size=30))
@settings(max_examples=15, deadline=None)
def test_score_when_batch_differs_is_bit_for_bit_the_same(
    scorer: LightGBMScorer, found: list[Setup]
) -> None:
    alone = tuple(scorer.score([setup])[0] for setup in found)
    assert scorer.score(found) == alone
    assert scorer.score(found[::-1]) == alone[::-1]
    assert all(0.25 <= (score.probability or 0.0) <= 0.45 for score in alone)


def test_load_scorer_when_bundle_is_good_is_the_model(model_path: Path) -> None:
    loaded = load_scorer(model_path, probe=probe_here)
    assert loaded.problem == ""
    assert isinstance(loaded.scorer, LightGBMScorer)


def test_load_scorer_when_bundle_is_missing_falls_back_and_says_why(tmp_path: Path) -> None:
    loaded = load_scorer(tmp_path / "lgbm_smc.txt")
    assert loaded.scorer.name == HEURISTIC
    assert loaded.problem == "model file lgbm_smc.txt: No such file or directory"


def test_load_scorer_when_another_bundle_is_pinned_falls_back(model_path: Path) -> None:
    loaded = load_scorer(model_path, pinned_hash="a" * 64, probe=probe_here)
    assert loaded.scorer.name == HEURISTIC
    assert "pinned" in loaded.problem


def test_scorers_when_typed_fit_the_port(bundle: Bundle, model_path: Path) -> None:
    ports: list[Scorer] = [HeuristicScorer(), LightGBMScorer(bundle)]
    assert [port.name for port in ports] == [HEURISTIC, f"lgbm:{bundle.hash[:8]}"]
    assert bundle.hash == bundle_hash(model_path.read_bytes(), bundle.manifest)


@given(st.lists(setups(of_all_kinds=True), max_size=4))
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_score_when_the_model_looks_around_reads_its_own_features(
    surrounded_bundle: Bundle, found: list[Setup]
) -> None:
    scorer = LightGBMScorer(surrounded_bundle)
    matrix = matrix_of(found, SMC_V2, scorer.bundle.manifest.round_trip_cost_ratio)
    outputs = scorer.bundle.trees.outputs(matrix).tolist()
    for setup, score, output, row in zip(
        found, scorer.score(found), outputs, matrix.tolist(), strict=True
    ):
        if scorer.covers(setup):
            assert score.value == output
            np.testing.assert_array_equal(score.features, row)
        else:
            assert score == HeuristicScorer().score([setup])[0]


def test_score_when_the_market_differs_differs_with_the_model_that_reads_it(
    bundle: Bundle, surrounded_bundle: Bundle
) -> None:
    risen = MarketContext(**(dict.fromkeys(MARKET) | {"btc_return_15m": 0.04}))  # type: ignore[arg-type]
    fallen = replace(risen, btc_return_15m=-0.04)
    pair = [samples.setup(market=risen), samples.setup(market=fallen)]
    one, other = LightGBMScorer(surrounded_bundle).score(pair)
    assert one.value != other.value
    assert LightGBMScorer(surrounded_bundle).reads_market
    blind = LightGBMScorer(bundle)
    assert not blind.reads_market
    assert blind.score(pair)[0].value == blind.score(pair)[1].value
