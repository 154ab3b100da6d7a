"""Tests of models/search.py."""

from models.search import candidates, search
from models.study import StudyRules
from models.training import TreeParams, table_of
from tests.models.rows import labelled


def test_candidates_when_drawn_are_different_and_repeat() -> None:
    found = candidates(30, seed=5)
    assert found[0] == TreeParams()
    assert len(set(found)) == 31
    assert found == candidates(30, seed=5)
    assert found != candidates(30, seed=6)
    assert found[:11] == candidates(10, seed=5)


def test_search_when_done_ranks_by_loss_and_counts_every_try() -> None:
    told: list[str] = []
    rules = StudyRules(embargo_ms=0, folds=2)
    trials = search(table_of(labelled(1_500, edge=0.8)), rules, 2, told.append)
    assert len(trials) == 3
    assert [trial.loss for trial in trials] == sorted(trial.loss for trial in trials)
    assert {trial.params for trial in trials} == set(candidates(2, seed=1))
    assert told == ["trial 0 of 2", "trial 1 of 2", "trial 2 of 2"]
