"""Tests of models/out_of_fold.py."""

from contextlib import closing

import numpy as np
import pytest

from models.out_of_fold import calibrated_by_earlier, loss_of, recentred, walk_forward
from models.schema import SMC12_V1
from models.study_rules import StudyRules
from models.training import TreeParams, table_of
from models.workers import ProcessWorkers
from tests.models.rows import DAY_MS, labelled

QUICK = TreeParams(most_rounds=60, patience=10)
RULES = StudyRules(embargo_ms=DAY_MS, folds=3, trees=QUICK)


def test_walk_when_later_results_change_keeps_what_earlier_folds_said() -> None:
    rows = labelled(edge=0.8)
    table = table_of(rows, SMC12_V1)
    walked = walk_forward(table, RULES)
    last = walked.folds[-1].test
    changed = table_of(rows, SMC12_V1)
    changed.wins[last] = ~changed.wins[last]
    again = walk_forward(changed, RULES)
    assert np.array_equal(walked.outputs, again.outputs)
    first = calibrated_by_earlier(table, walked)
    second = calibrated_by_earlier(changed, again)
    assert np.array_equal(first, second, equal_nan=True)
    assert np.isnan(first[walked.fold == 1]).all()
    assert not np.isnan(first[walked.fold > 1]).any()


def test_outputs_when_recentred_keep_their_order_and_take_the_new_level() -> None:
    outputs, base = np.array([0.2, 0.3, 0.4]), np.full(3, 0.3)
    moved = recentred(outputs, base, 0.5)
    assert moved[1] == pytest.approx(0.5)
    assert (np.diff(moved) > 0).all()
    assert recentred(outputs, base, 0.3) == pytest.approx(outputs)
    odds = moved / (1 - moved) / (outputs / (1 - outputs))
    assert odds == pytest.approx([odds[0]] * 3)


def test_loss_when_there_is_a_pattern_is_below_that_of_the_base_rate() -> None:
    table = table_of(labelled(edge=1.0), SMC12_V1)
    walked = walk_forward(table, RULES)
    share = table.wins[walked.order].mean()
    base = -(share * np.log(share) + (1 - share) * np.log(1 - share))
    assert loss_of(table, walked) < base


def test_walk_when_processes_fit_the_folds_is_the_same() -> None:
    table = table_of(labelled(edge=0.8), SMC12_V1)
    told: list[str] = []
    alone = walk_forward(table, RULES)
    with closing(ProcessWorkers(2)) as processes:
        shared = walk_forward(table, RULES, told.append, processes)
    assert np.array_equal(alone.outputs, shared.outputs)
    assert np.array_equal(alone.order, shared.order)
    assert alone.rounds == shared.rounds
    assert told == ["fold 1 of 3", "fold 2 of 3", "fold 3 of 3"]
