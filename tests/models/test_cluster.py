"""Tests of models/cluster.py beyond the contract: tests/contracts/test_workers.py."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from models.cluster import ClusterWorkers, checked, digest_here
from models.errors import ResearchError, WorkersUnreachable
from models.workers import ordered
from tests.models import worker_tasks as tasks

distributed = pytest.importorskip("distributed")


def started(workers: int) -> Any:
    return distributed.LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=False,
        host="127.0.0.1",
        protocol="tcp",
        dashboard_address=None,
        worker_dashboard_address=None,
        silence_logs="CRITICAL",
    )


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    # A source edited while tests run is no other version.
    monkeypatch.setattr("models.cluster.whole_digest", digest_here)
    with started(1) as made:
        yield made


def test_cluster_when_nobody_answers_says_who_was_asked() -> None:
    with pytest.raises(WorkersUnreachable, match=r"tcp://127.0.0.1:9: no Dask scheduler answered"):
        ClusterWorkers("tcp://127.0.0.1:9", timeout_s=0.5)


@pytest.mark.parametrize("address", ["nonsense://x:1", "tcp://127.0.0.1:notaport"])
def test_cluster_when_the_address_is_none_says_how_it_looks(address: str) -> None:
    with pytest.raises(ResearchError, match=r"--cluster .*tcp://"):
        ClusterWorkers(address, timeout_s=0.5)


def test_cluster_when_it_has_no_workers_says_how_to_start_some() -> None:
    with (
        started(0) as empty,
        pytest.raises(WorkersUnreachable, match="has no workers; start some with `dask worker"),
    ):
        ClusterWorkers(empty.scheduler_address, timeout_s=2.0)


def test_cluster_when_the_extra_is_missing_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ResearchError, match=r"install the extra `research`"):
        ClusterWorkers("tcp://127.0.0.1:9")


def test_worker_when_it_runs_other_code_refuses() -> None:
    assert checked(tasks.square, 3, digest_here()) == 9
    with pytest.raises(ResearchError, match="another version"):
        checked(tasks.square, 3, "older")


def test_cluster_when_its_workers_run_other_code_is_refused(
    cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.cluster.digest_here", older)
    with pytest.raises(ResearchError, match="another version of the bot"):
        ClusterWorkers(cluster.scheduler_address)


def test_cluster_when_its_workers_do_not_know_the_bot_says_what_to_install(
    cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.cluster.digest_here", nowhere)
    with pytest.raises(ResearchError, match=r"could not load the bot \(.*No module.*install it"):
        ClusterWorkers(cluster.scheduler_address)


def nowhere() -> str:
    raise ModuleNotFoundError("No module named 'models'")


def older() -> str:
    return "older"


def test_error_when_the_work_cannot_read_is_its_own(cluster: Any) -> None:
    with (
        closing(ClusterWorkers(cluster.scheduler_address)) as workers,
        pytest.raises(FileNotFoundError),
    ):
        ordered(workers, tasks.die_once, [Path("/nowhere/at/all")])


def test_cluster_when_closed_goes_on_for_others(cluster: Any) -> None:
    for _ in range(2):
        with closing(ClusterWorkers(cluster.scheduler_address)) as workers:
            assert ordered(workers, tasks.square, [2, 3]) == [4, 9]
            assert workers.count == 1
            assert cluster.scheduler_address in workers.name


def test_cluster_when_it_ends_midway_says_so(cluster: Any) -> None:
    with closing(ClusterWorkers(cluster.scheduler_address)) as workers:
        results = workers.each(tasks.square, range(1_000))
        next(results)
        cluster.close()
        with pytest.raises(WorkersUnreachable, match="lost while it was working"):
            list(results)


def test_bot_when_imported_loads_nothing_that_only_research_needs() -> None:
    code = (
        "import sys, bot.app, bot.cli.main, bot.workers, bot.research, models.search;"
        "print(sorted({'dask', 'distributed', 'optuna', 'numba', 'lightgbm'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
