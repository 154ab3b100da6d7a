"""Workers of a Dask cluster. Imported only where a cluster was asked for.

The scheduler and its workers run elsewhere and were started by the user; each needs this very
version of the package. Files are not shared: whoever hands out work sends the bytes along.
"""

import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from importlib import import_module
from typing import Any, TypeVar

from models.code_digest import whole_digest
from models.errors import ResearchError, WorkerLost, WorkersUnreachable
from models.workers import Results

Item = TypeVar("Item")
Result = TypeVar("Result")
AHEAD = 2
"""Pieces on their way for each thread of the cluster, so that none waits for the network."""
TIMEOUT_S = 10.0


class ClusterWorkers:
    """The threads of all workers of a running Dask cluster.

    A piece whose worker dies is given to another one by the scheduler, as often as its own setting
    `distributed.scheduler.allowed-failures` says (3 unless changed).

    Args:
        address: of the scheduler, e.g. `tcp://10.0.0.5:8786`.
        timeout_s: wall seconds to wait for the scheduler, and for its first worker.

    Raises:
        WorkersUnreachable: nobody answers, or the scheduler has no workers.
        ResearchError: the extra is not installed, or the workers run another version.
    """

    shares_files = False

    def __init__(self, address: str, timeout_s: float = TIMEOUT_S) -> None:
        self._client = _connected(address, timeout_s)
        self._address = address
        self._digest = whole_digest()
        try:
            self.count = _welcomed(self._client, address, timeout_s, self._digest)
        except BaseException:
            self.close()
            raise
        self.name = f"cluster {address} with {self.count} threads"

    def each(self, work: Callable[[Item], Result], items: Iterable[Item]) -> Results[Result]:
        """Yield place and result of each item as it is finished."""
        open_: dict[Any, tuple[int, str]] = {}
        waiting = enumerate(items)
        done = _dask().as_completed(loop=self._client.loop)
        try:
            while True:
                while len(open_) < AHEAD * self.count:
                    place, item = next(waiting, (-1, None))
                    if place < 0:
                        break
                    future = self._sent(work, item)
                    open_[future] = (place, str(item))
                    done.add(future)
                if not open_:
                    return
                future = next(done)
                place, title = open_.pop(future)
                yield place, self._result(future, title)
        finally:
            if open_:
                with suppress(Exception):
                    self._client.cancel(list(open_), force=True)

    def _sent(self, work: Callable[[Any], Any], item: object) -> Any:  # noqa: ANN401 - a future of Dask
        # Candles travel with the piece on purpose: data left with one worker would die with it.
        with import_module("dask").config.set(
            {"distributed.admin.large-graph-warning-threshold": "1GB"}
        ):
            return self._client.submit(checked, work, item, self._digest, pure=False)

    def _result(self, future: Any, title: str) -> Any:  # noqa: ANN401
        try:
            return future.result()
        except _dask().scheduler.KilledWorker as error:
            raise WorkerLost(
                f"{title}: {error.allowed_failures + 1} workers of {self._address} ended while "
                "doing it (killed, or out of memory)"
            ) from error
        except (_dask().client.FutureCancelledError, OSError) as error:
            if future.status == "error":
                # The work itself could not read or write something.
                raise
            raise WorkersUnreachable(
                f"cluster {self._address}: lost while it was working"
            ) from error

    def close(self) -> None:
        """Say goodbye; the cluster itself goes on."""
        with suppress(OSError, TimeoutError):
            self._client.close()


def checked(work: Callable[[Item], Result], item: Item, digest: str) -> Result:
    """Do a piece on a worker, if it runs the code of whoever sent it."""
    if digest_here() != digest:
        raise ResearchError(_OTHER_VERSION)
    return work(item)


@cache
def digest_here() -> str:
    """Return the digest of the sources as this worker found them at its first piece."""
    return whole_digest()


_OTHER_VERSION = (
    "a worker of the cluster runs another version of the bot or of its libraries; "
    "results would differ, so install the same on all"
)


def _dask() -> Any:  # noqa: ANN401 - its types are incomplete
    """Return Dask's client library: 1 s and 60 MB, so only where a cluster is used."""
    try:
        return import_module("distributed")
    except ImportError as error:
        raise ResearchError(
            "--cluster needs Dask: install the extra `research` (pip install 'smcbot[research]')"
        ) from error


def _connected(address: str, timeout_s: float) -> Any:  # noqa: ANN401 - a client of Dask
    client = _dask().Client
    # A client that finds nobody logs what is raised here anyway.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        return client(address, timeout=timeout_s, set_as_default=False)
    except (OSError, TimeoutError) as error:
        raise WorkersUnreachable(
            f"--cluster {address}: no Dask scheduler answered within {timeout_s:.0f} s"
        ) from error
    except (ValueError, TypeError) as error:
        raise ResearchError(
            f"--cluster {address!r} is no address of a scheduler, give tcp://HOST:PORT"
        ) from error


def _welcomed(client: Any, address: str, timeout_s: float, digest: str) -> int:  # noqa: ANN401
    """Return the number of threads, once there is one and all run our version."""
    try:
        client.wait_for_workers(1, timeout=timeout_s)
    except TimeoutError as error:
        raise WorkersUnreachable(
            f"--cluster {address}: the scheduler has no workers; start some with `dask worker "
            f"{address}`"
        ) from error
    try:
        digests = set(client.run(digest_here).values())
    except Exception as error:  # Dask raises what a worker could not import as a plain Exception
        raise ResearchError(
            f"--cluster {address}: a worker could not load the bot ({error}); install it there, "
            "in the same version"
        ) from error
    if digests != {digest}:
        raise ResearchError(f"--cluster {address}: {_OTHER_VERSION}")
    return int(sum(client.nthreads().values()))
