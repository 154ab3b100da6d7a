"""Tests of bot/workers.py."""

import pytest

from bot.workers import cores, open_workers
from models import cluster
from models.errors import WorkersUnreachable
from models.workers import ProcessWorkers, Serial
from tests.models import worker_tasks as tasks


def test_workers_when_one_job_is_asked_for_are_this_process() -> None:
    with open_workers(1, None) as workers:
        assert isinstance(workers, Serial)


def test_workers_when_nothing_is_said_are_one_a_core(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cores() >= 1
    monkeypatch.setattr("bot.workers.cores", lambda: 3)
    with open_workers(None, None) as workers:
        assert workers.name == "3 processes"


def test_workers_when_the_block_ends_are_gone() -> None:
    with open_workers(2, None) as workers:
        assert isinstance(workers, ProcessWorkers)
        assert dict(workers.each(tasks.square, [3])) == {0: 9}
        assert workers._idle
    assert not workers._idle


def test_workers_when_a_cluster_is_asked_for_go_there_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(
        cluster, "ClusterWorkers", lambda at, to=cluster.ClusterWorkers: to(at, 0.3)
    )
    asked = pytest.raises(WorkersUnreachable, match=r"tcp://127\.0\.0\.1:9: no Dask scheduler")
    with asked, open_workers(2, "tcp://127.0.0.1:9"):
        pass
