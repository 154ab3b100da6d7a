"""Tests of models/workers.py beyond the contract: tests/contracts/test_workers.py."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Thread

import psutil
import pytest

from models.errors import ResearchError, WorkerLost
from models.workers import MOST_TRIES, ProcessWorkers, Serial, ordered
from tests.models import worker_tasks as tasks


def children() -> set[int]:
    return {child.pid for child in psutil.Process().children(recursive=True)}


def test_processes_when_closed_leave_nothing_running() -> None:
    before = children()
    with closing(ProcessWorkers(2)) as workers:
        pids = set(ordered(workers, tasks.process, range(6)))
        assert pids <= children()
    assert not pids & children()
    assert children() <= before | children() - pids


def test_processes_when_used_twice_are_the_same() -> None:
    with closing(ProcessWorkers(1)) as workers:
        first = ordered(workers, tasks.process, range(2))
        assert ordered(workers, tasks.process, range(2)) == first
        assert len(set(first)) == 1


def test_processes_when_interrupted_midway_are_ended() -> None:
    workers = ProcessWorkers(2)
    results = workers.each(tasks.process, range(100))
    next(results)
    results.close()
    workers.close()
    assert not [pid for pid in children() if "spawn_main" in " ".join(command(pid))]


def command(pid: int) -> list[str]:
    try:
        return psutil.Process(pid).cmdline()
    except psutil.Error:
        return []


def test_processes_when_killed_while_idle_cost_no_piece_a_try() -> None:
    with closing(ProcessWorkers(MOST_TRIES)) as workers:
        pids = set(ordered(workers, tasks.process, range(20)))
        assert len(workers._idle) == MOST_TRIES
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        poll(lambda: all(psutil.Process(p).status() == psutil.STATUS_ZOMBIE for p in pids))
        assert ordered(workers, tasks.square, [4]) == [16]


def poll(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_piece_when_blamed_was_begun_so_often(tmp_path: Path) -> None:
    with closing(ProcessWorkers(1)) as workers, pytest.raises(WorkerLost, match="ended 3 times"):
        ordered(workers, tasks.mark_and_die, [tmp_path])
    assert len(list(tmp_path.iterdir())) == MOST_TRIES == 3


def test_error_when_it_cannot_travel_is_told_in_words() -> None:
    with (
        closing(ProcessWorkers(1)) as workers,
        pytest.raises(ResearchError, match=r"DemandingError\('one'\)"),
    ):
        ordered(workers, tasks.demand, [1])


def test_serial_when_asked_is_one() -> None:
    assert (Serial.count, Serial.shares_files) == (1, True)
    assert ProcessWorkers(3).name == "3 processes"


def test_processes_when_started_from_another_thread_work_too() -> None:
    found: list[int] = []

    def use() -> None:
        with closing(ProcessWorkers(1)) as workers:
            found.extend(ordered(workers, tasks.square, [3]))

    thread = Thread(target=use)
    thread.start()
    thread.join()
    assert found == [9]


def test_interrupt_when_it_reaches_a_child_is_ignored() -> None:
    with closing(ProcessWorkers(1)) as workers:
        (pid,) = ordered(workers, tasks.process, [0])
        os.kill(pid, signal.SIGINT)
        assert ordered(workers, tasks.process, [0]) == [pid]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
