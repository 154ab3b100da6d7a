"""Tests of models/study.py."""

import numpy as np
import polars as pl
import pytest

from models.errors import TooLittleData
from models.study import Study, study
from models.study_rules import StudyRules
from models.training import TreeParams
from models.trees import Trees
from tests.models.rows import DAY_MS, labelled

QUICK = TreeParams(most_rounds=60, patience=10)
RULES = StudyRules(embargo_ms=DAY_MS, folds=3, trees=QUICK)


@pytest.fixture(scope="module")
def with_edge() -> Study:
    return study(labelled(edge=1.2), labelled(edge=1.2, seed=2, first_day=100), RULES)


def test_study_when_there_is_an_edge_finds_it_on_the_test(with_edge: Study) -> None:
    assert with_edge.verdict.edge, with_edge.verdict.reason
    assert with_edge.test is not None
    assert with_edge.test["ranking"]["all"]["auc_gross"] > 0.65
    assert with_edge.test["probability"]["calibration_error"] < 0.06
    assert with_edge.threshold > 0.3
    assert max(with_edge.drift.values()) < 0.1
    assert [fold["fold"] for fold in with_edge.folds] == [1, 2, 3]
    assert with_edge.folds[0]["log_loss"] is None
    assert with_edge.folds[1]["log_loss"] < with_edge.folds[1]["log_loss_base_rate"]


def test_final_model_when_fitted_has_as_many_trees_as_the_models_its_threshold_is_from(
    with_edge: Study,
) -> None:
    told = [report["rounds"] for report in with_edge.folds]

    assert with_edge.rounds == int(np.median(told))
    assert with_edge.rounds == Trees(with_edge.text).count


def test_study_when_there_is_none_says_so() -> None:
    made = study(labelled(), labelled(seed=2, first_day=100), RULES)
    assert not made.verdict.edge
    assert made.test is not None
    assert made.test["ranking"]["all"]["auc_gross"] == pytest.approx(0.5, abs=0.04)


def test_study_when_no_test_is_given_claims_nothing() -> None:
    told: list[str] = []
    made = study(labelled(edge=1.2), None, RULES, told.append)
    assert made.test is None
    assert made.tested is None
    assert not made.verdict.edge
    assert made.drift == {}
    assert told == ["fold 1 of 3", "fold 2 of 3", "fold 3 of 3", "the final model"]


def test_study_when_the_test_changes_keeps_model_calibration_and_threshold(
    with_edge: Study,
) -> None:
    other = study(labelled(edge=1.2), labelled(edge=0.0, seed=9, first_day=200), RULES)
    assert other.text == with_edge.text
    assert other.calibration == with_edge.calibration
    assert other.threshold == with_edge.threshold


def test_study_when_periods_win_unequally_pools_setups_and_not_periods() -> None:
    """A period that wins more often must not make its model's outputs look prophetic or blind."""
    poor = labelled(3_000, edge=0.6, days=40)
    poor = poor.with_columns(
        net_r=pl.col("net_r") - pl.lit(3.0) * (pl.int_range(pl.len()) % 3 == 0)
    )
    rich = labelled(3_000, edge=0.6, seed=2, days=40, first_day=200)
    made = study(pl.concat([poor, rich]), None, RULES)
    fold_auc = [fold["auc_net"] for fold in made.folds if fold["fold"] > 1]
    pooled = made.pooled["ranking"]["all"]["auc_net"]
    assert pooled > min(fold_auc) - 0.02


def test_study_when_one_fold_is_asked_for_refuses() -> None:
    with pytest.raises(TooLittleData, match="takes 2 or more"):
        study(labelled(), None, StudyRules(embargo_ms=0, folds=1))
