"""Which workers a verb of research uses: chosen by `--jobs` and `--cluster`."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager

from models.workers import ProcessWorkers, Serial, Workers


@contextmanager
def open_workers(jobs: int | None, cluster: str | None) -> Iterator[Workers]:
    """Give workers for as long as the block lasts, then let them go.

    Args:
        jobs: local processes; 1 = this one, None = one a core.
        cluster: address of a Dask scheduler; it goes before `jobs`.

    Raises:
        WorkersUnreachable: nobody answers at the address.
        ResearchError: the extra for clusters is not installed.
    """
    with closing(_chosen(jobs, cluster)) as workers:
        yield workers


def _chosen(jobs: int | None, cluster: str | None) -> Workers:
    if cluster:
        from models.cluster import ClusterWorkers  # noqa: PLC0415 - only where it was asked for

        return ClusterWorkers(cluster)
    count = cores() if jobs is None else jobs
    return Serial() if count == 1 else ProcessWorkers(count)


def cores() -> int:
    """Return the number of cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
