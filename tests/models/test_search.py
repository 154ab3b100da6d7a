"""Tests of models/search.py."""

import json
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from models.errors import ResearchError, WorkerLost
from models.schema import SMC12_V1
from models.search import Budget, Found, search
from models.study_rules import StudyRules
from models.training import Table, TreeParams, table_of
from models.workers import ProcessWorkers, Results, Serial
from tests.models.rows import labelled

RULES = StudyRules(embargo_ms=0, folds=2)


@pytest.fixture(scope="module")
def table() -> Table:
    return table_of(labelled(1_500, edge=0.8), SMC12_V1)


@pytest.fixture(scope="module")
def five(table: Table) -> Found:
    return search(table, RULES, Budget(trials=5))


class Killed(Serial):
    """Workers that are lost after some pieces."""

    def __init__(self, left: int) -> None:
        self.left = left

    def each(self, work: Callable[[Any], Any], items: Iterable[Any]) -> Results[Any]:
        with closing(super().each(work, items)) as results:
            for place, result in results:
                if not self.left:
                    raise WorkerLost("shape: the process doing it ended 3 times")
                self.left -= 1
                yield place, result


def test_search_when_done_ranks_by_loss_and_counts_every_try(five: Found) -> None:
    assert len(five.trials) == 6
    assert [trial.loss for trial in five.trials] == sorted(trial.loss for trial in five.trials)
    shapes = {trial.params for trial in five.trials}
    assert TreeParams() in shapes
    assert len(shapes) == 6
    assert not five.out_of_time


def test_search_when_processes_judge_finds_the_same(table: Table, five: Found) -> None:
    with closing(ProcessWorkers(3)) as processes:
        assert search(table, RULES, Budget(trials=5), workers=processes) == five


def test_search_when_the_seed_differs_tries_others(table: Table, five: Found) -> None:
    other = search(table, StudyRules(embargo_ms=0, folds=2, seed=2), Budget(trials=2))
    assert {t.params for t in other.trials} & {t.params for t in five.trials} == {TreeParams()}


def test_search_when_interrupted_goes_on_to_the_same_end(
    table: Table, five: Found, tmp_path: Path
) -> None:
    with pytest.raises(WorkerLost, match="3 shapes are judged and kept, the same command goes on"):
        search(table, RULES, Budget(trials=5), folder=tmp_path, workers=Killed(3))
    (file,) = tmp_path.iterdir()
    with file.open("ab") as stream:
        stream.write(b'{"params": {"learn')
    again = search(table, RULES, Budget(trials=5), folder=tmp_path)
    assert again.trials == five.trials
    assert again.kept == 3
    third = search(table, RULES, Budget(trials=5), folder=tmp_path, workers=Killed(0))
    assert third.trials == five.trials
    assert third.kept == 6


def test_search_when_rules_or_rows_differ_reads_no_old_loss(table: Table, tmp_path: Path) -> None:
    search(table, RULES, Budget(trials=0), folder=tmp_path)
    rows = table_of(labelled(1_500, edge=0.7), SMC12_V1)
    assert search(rows, RULES, Budget(trials=0), folder=tmp_path).kept == 0
    folds = StudyRules(embargo_ms=0, folds=3)
    assert search(table, folds, Budget(trials=0), folder=tmp_path).kept == 0
    assert len(list(tmp_path.iterdir())) == 3


def test_search_when_time_is_up_ends_after_a_whole_batch(table: Table) -> None:
    """Every look at the watch finds it 40 s later."""
    watch = iter(range(0, 4_000, 40))
    told: list[tuple[str, float]] = []
    found = search(
        table,
        RULES,
        Budget(trials=50, seconds=60.0),
        monotonic=lambda: float(next(watch)),
        told=lambda text, share: told.append((text, share)),
    )
    assert found.out_of_time
    assert len(found.trials) == 4
    assert told[0][0].startswith("4 shapes tried, best log-loss 0.")
    assert told[0][1] == 1.0


def test_search_when_time_had_it_is_a_prefix_of_the_longer_one(table: Table, five: Found) -> None:
    four = search(table, RULES, Budget(trials=3))
    assert {t.params for t in four.trials} < {t.params for t in five.trials}


def test_search_when_optuna_is_missing_says_what_to_install(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "optuna", None)
    with pytest.raises(ResearchError, match=r"install the extra `research`"):
        search(table, RULES, Budget(trials=1))


def test_kept_shapes_when_read_by_a_person_are_json(table: Table, tmp_path: Path) -> None:
    search(table, RULES, Budget(trials=0), folder=tmp_path)
    (file,) = tmp_path.iterdir()
    entry = json.loads(file.read_text())
    assert entry["params"]["num_leaves"] == TreeParams().num_leaves
    assert 0 < entry["loss"] < 1
