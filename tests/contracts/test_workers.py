"""What every implementation of `models.workers.Workers` must do."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from models.errors import ResearchError, WorkerLost
from models.workers import ProcessWorkers, Serial, Workers, ordered
from tests.models import worker_tasks as tasks
from tests.models.clusters import processes


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A scheduler and two worker processes on this machine."""
    with processes(2) as started:
        yield started


def on_cluster(cluster: Any) -> Workers:
    from models.cluster import ClusterWorkers

    return ClusterWorkers(cluster.scheduler_address)


@pytest.fixture(params=["serial", "processes", "cluster"], scope="module")
def workers(request: pytest.FixtureRequest) -> Iterator[Workers]:
    makers: dict[str, Callable[[], Workers]] = {
        "serial": Serial,
        "processes": lambda: ProcessWorkers(2),
        "cluster": lambda: on_cluster(request.getfixturevalue("cluster")),
    }
    with closing(makers[request.param]()) as made:
        yield made


@pytest.fixture(params=["processes", "cluster"], scope="module")
def others(request: pytest.FixtureRequest) -> Iterator[Workers]:
    """Workers that are other processes, which may die."""
    if request.param == "processes":
        made: Workers = ProcessWorkers(2)
    else:
        made = on_cluster(request.getfixturevalue("cluster"))
    with closing(made):
        yield made


def test_workers_when_asked_say_who_they_are(workers: Workers) -> None:
    assert workers.count >= 1
    assert workers.name


def test_map_when_done_is_in_the_order_of_the_items(workers: Workers) -> None:
    assert ordered(workers, tasks.square, range(20)) == [n * n for n in range(20)]
    assert ordered(workers, tasks.square, []) == []


def test_each_when_finished_names_every_place_once(workers: Workers) -> None:
    found = list(workers.each(tasks.square, [5, 6, 7]))
    assert sorted(found) == [(0, 25), (1, 36), (2, 49)]


def test_items_when_large_travel(workers: Workers) -> None:
    assert ordered(workers, tasks.size, [b"x" * 20_000_000, b""]) == [20_000_000, 0]


def test_error_when_raised_by_the_work_comes_back(workers: Workers) -> None:
    with pytest.raises(ResearchError, match="three is refused"):
        ordered(workers, tasks.refuse, range(10))
    assert ordered(workers, tasks.square, [2]) == [4]


def test_items_when_many_are_taken_only_as_workers_become_free(workers: Workers) -> None:
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        for number in range(1_000):
            taken += 1
            yield number

    with closing(iter_of(workers, items())) as results:
        next(results)
    assert taken <= 2 * 2 + 2


def iter_of(workers: Workers, items: Iterator[int]) -> Any:
    return workers.each(tasks.square, items)


def test_map_when_closed_midway_leaves_workers_that_work(workers: Workers) -> None:
    with closing(iter_of(workers, iter(range(50)))) as results:
        next(results)
    assert ordered(workers, tasks.square, [9]) == [81]


def test_each_when_the_consumer_fails_can_be_used_again(workers: Workers) -> None:
    def consume() -> None:
        for _ in workers.each(tasks.square, range(10)):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        consume()
    assert ordered(workers, tasks.square, [3]) == [9]


def test_work_when_done_elsewhere_is_in_another_process(others: Workers) -> None:
    import os

    assert os.getpid() not in ordered(others, tasks.process, range(4))


def test_piece_when_its_worker_dies_is_done_by_another(others: Workers, tmp_path: Path) -> None:
    assert ordered(others, tasks.die_once, [tmp_path]) == ["alive"]


def test_piece_when_it_kills_every_worker_is_named(others: Workers) -> None:
    with pytest.raises(WorkerLost, match=r"^the heavy one: .* ended"):
        ordered(others, tasks.die, ["the heavy one"])
    assert ordered(others, tasks.square, [3]) == [9]


def test_error_when_it_cannot_travel_still_says_what_it_was(others: Workers) -> None:
    with pytest.raises(Exception, match=r"Demanding|one|unpack|argument"):
        ordered(others, tasks.demand, [1])
    assert ordered(others, tasks.square, [3]) == [9]
