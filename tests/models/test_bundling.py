"""Tests of models/bundling.py."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from engine.domain.setup import Direction
from models.artifacts import load_bundle, save_bundle
from models.bundling import (
    COST_EDGES,
    GOLDEN_ROWS,
    golden_rows,
    manifest_of,
    outcome_steps,
    payoff_steps,
    score_quantiles,
)
from models.dataset_rules import DatasetRules
from models.evaluation import Scored
from models.probe import probe_here
from models.scorer import LightGBMScorer
from models.study import Study, study
from models.study_rules import StudyRules
from models.training import TreeParams
from tests.models.rows import DAY_MS, labelled
from tests.storage import samples

RULES = StudyRules(embargo_ms=DAY_MS, folds=3, trees=TreeParams(most_rounds=40, patience=10))


@pytest.fixture(scope="module")
def made() -> Study:
    return study(labelled(edge=1.0), labelled(edge=1.0, seed=2, first_day=100), RULES)


def save(made: Study, path: Path, created: str = "2026-01-01") -> str:
    manifest = manifest_of(
        made,
        labelled(edge=1.0),
        dataset=DatasetRules(),
        rules=RULES,
        provenance={"sources": [{"name": "made"}]},
        created=created,
    )
    save_bundle(path, made.text, manifest)
    return load_bundle(path, probe=probe_here).hash


def test_bundle_when_saved_loads_and_scores_what_it_was_fitted_on(
    made: Study, tmp_path: Path
) -> None:
    path = tmp_path / "lgbm_smc.txt"
    save(made, path)
    bundle = load_bundle(path, probe=probe_here)
    setup = samples.setup(direction=Direction.LONG)
    (score,) = LightGBMScorer(bundle).score([setup])
    assert bundle.manifest.edge is made.verdict.edge
    assert score.probability is not None
    assert score.payoff_ratio > 0
    assert score.outcomes > 0
    assert bundle.manifest.timeframes == ("1m", "5m")
    assert bundle.manifest.round_trip_cost_ratio == pytest.approx(0.0013)


def test_bundle_when_made_twice_has_the_same_hash(made: Study, tmp_path: Path) -> None:
    again = study(labelled(edge=1.0), labelled(edge=1.0, seed=2, first_day=100), RULES)
    first = save(made, tmp_path / "a.txt", "2026-01-01")
    assert save(again, tmp_path / "b.txt", "2027-07-07") == first


def scored(net: list[float], cost: list[float]) -> Scored:
    rows = pl.DataFrame({"net_r": net, "cost_r": cost})
    outputs = np.linspace(0.1, 0.9, len(net))
    return Scored(rows=rows, outputs=outputs, probability=outputs, base_rate=0.3)


def test_payoff_when_a_bucket_is_thin_takes_that_of_all() -> None:
    net = [1.8, -1.0] * 100 + [1.0, -2.0] * 5
    steps = payoff_steps(scored(net, [0.01] * 200 + [0.5] * 10))
    assert steps.edges == COST_EDGES
    assert steps.at(0.01) == pytest.approx(1.8)
    overall = np.mean([1.8] * 100 + [1.0] * 5) / np.mean([1.0] * 100 + [2.0] * 5)
    assert steps.at(0.5) == steps.at(0.07) == pytest.approx(overall)


def test_outcomes_when_counted_add_up_to_all_rows() -> None:
    outputs = np.random.default_rng(1).random(1_000)
    steps = outcome_steps(outputs)
    assert sum(steps.values) == 1_000
    assert steps.at(0.999) == pytest.approx(10, abs=2)
    assert outcome_steps(np.full(50, 0.3)).at(0.3) == 50


def test_quantiles_when_nothing_is_tradable_are_those_of_all() -> None:
    dear = score_quantiles(scored([1.0] * 50, [0.9] * 50))
    cheap = score_quantiles(scored([1.0] * 50, [0.9] * 25 + [0.1] * 25))
    assert (dear[0], dear[-1]) == (pytest.approx(0.1), pytest.approx(0.9))
    assert cheap[0] > 0.5


def test_golden_rows_when_there_are_many_are_spread() -> None:
    inputs = np.arange(1_000, dtype=np.float32).reshape(-1, 1)
    rows = golden_rows(inputs)
    assert len(rows) == GOLDEN_ROWS
    assert (rows[0, 0], rows[-1, 0]) == (0, 999)
    assert len(golden_rows(inputs[:3])) == 3
