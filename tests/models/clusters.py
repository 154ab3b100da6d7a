"""Dask clusters on this machine, as a user would start them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

AS_TESTED = "as tested"


@contextmanager
def processes(count: int) -> Iterator[Any]:
    """Run a scheduler and worker processes for as long as the block lasts."""
    distributed = pytest.importorskip("distributed")
    import dask

    preload = {"distributed.worker.preload": ["tests.models.same_version"]}
    with (
        pytest.MonkeyPatch.context() as patch,
        dask.config.set(preload),
        distributed.LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            worker_dashboard_address=None,
            silence_logs="CRITICAL",
        ) as started,
    ):
        patch.setattr("models.cluster.whole_digest", lambda: AS_TESTED)
        yield started
