"""Who does the work of research: this process, processes beside it, or a cluster.

One port for all: a function and items go in, results come out as they are finished. A function
must be importable and, like its items and results, picklable; what it returns must depend on its
item alone. Then the result of a training is the same whoever did the work.

`models.cluster` has the workers of a Dask cluster.
"""

import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from threading import current_thread, main_thread
from typing import Any, Protocol, TypeVar

from models.errors import ResearchError, WorkerLost

Item = TypeVar("Item")
Result = TypeVar("Result")
Results = Generator[tuple[int, Result], None, None]
MOST_TRIES = 3
"""Times a piece of work is begun before it is blamed for the death of its workers."""
GOODBYE_S = 2.0


class Workers(Protocol):
    """Somebody who maps a function over items."""

    @property
    def name(self) -> str:
        """What to call them, e.g. `2 processes`."""
        ...

    @property
    def count(self) -> int:
        """Pieces done at the same time."""
        ...

    @property
    def shares_files(self) -> bool:
        """Whether they see the files this process sees; else items must carry the bytes."""
        ...

    def each(self, work: Callable[[Item], Result], items: Iterable[Item]) -> Results[Result]:
        """Yield place and result of each item as it is finished, in any order.

        Items are taken as workers become free, so a long iterator of large items costs the memory
        of a few. Closing the iterator, or an exception in its consumer, cancels what is not done.
        A piece whose worker dies is begun again elsewhere, up to `MOST_TRIES` times in all.

        Raises:
            WorkerLost: a piece ended its workers; `str(item)` names it.
            WorkersUnreachable: they are gone.
            Exception: what `work` raised.
        """
        ...

    def close(self) -> None:
        """Let them go; nothing is left running."""
        ...


def ordered(
    workers: Workers, work: Callable[[Item], Result], items: Iterable[Item]
) -> list[Result]:
    """Return the results in the order of the items."""
    done = dict(workers.each(work, items))
    return [done[place] for place in range(len(done))]


class Serial:
    """One after the other in this process."""

    name = "this process"
    count = 1
    shares_files = True

    def each(self, work: Callable[[Item], Result], items: Iterable[Item]) -> Results[Result]:
        """Yield place and result of each item, in order."""
        for place, item in enumerate(items):
            yield place, work(item)

    def close(self) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True)
class _Piece:
    place: int
    item: Any
    tries: int


class _Child:
    """A process that takes one piece at a time through a pipe."""

    def __init__(self) -> None:
        # A forked child would inherit locks of threads (Polars, numba) that do not exist in it.
        context = get_context("spawn")
        self.connection, theirs = context.Pipe()
        self._process: SpawnProcess = context.Process(target=serve, args=(theirs,), daemon=True)
        with _deaf_to_interrupts():
            self._process.start()
        # So that reading here ends when the child does.
        theirs.close()

    def end(self, *, kill: bool) -> None:
        """End it: at once, or as soon as it sees that nobody sends any more."""
        self.connection.close()
        if kill:
            self._process.kill()
        self._process.join(GOODBYE_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._process.close()


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Let processes begun in the block ignore Ctrl-C from their very first instruction.

    It goes to the whole terminal, and the parent decides what becomes of its children; a child
    caught while still importing would only cry out.
    """
    if current_thread() is not main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class ProcessWorkers:
    """Processes on this machine, started when first needed and kept until `close`.

    Args:
        count: how many.
    """

    shares_files = True

    def __init__(self, count: int) -> None:
        self.count = count
        self.name = f"{count} processes"
        self._idle: list[_Child] = []

    def each(self, work: Callable[[Item], Result], items: Iterable[Item]) -> Results[Result]:
        """Yield place and result of each item as it is finished."""
        waiting = (_Piece(place, item, 1) for place, item in enumerate(items))
        again: deque[_Piece] = deque()
        busy: dict[Connection[Any, Any], tuple[_Child, _Piece]] = {}
        try:
            while True:
                while len(busy) < self.count:
                    piece = again.popleft() if again else next(waiting, None)
                    if piece is None:
                        break
                    child = self._begin(work, piece.item)
                    busy[child.connection] = (child, piece)
                if not busy:
                    return
                ready = set(wait(list(busy)))
                for connection in [one for one in busy if one in ready]:
                    child, piece = busy.pop(connection)
                    try:
                        answer: _Answer = child.connection.recv()
                    except (EOFError, OSError):
                        child.end(kill=True)
                        again.append(_once_more(piece))
                        continue
                    self._idle.append(child)
                    yield piece.place, answer.value()
        finally:
            for child, _ in busy.values():
                child.end(kill=True)

    def _begin(self, work: Callable[[Any], Any], item: object) -> _Child:
        """Hand a piece to a child that lives."""
        while True:
            child = self._idle.pop() if self._idle else _Child()
            try:
                child.connection.send((work, item))
            except OSError:
                # Died while it had nothing to do, so the piece is not to blame.
                child.end(kill=True)
                continue
            return child

    def close(self) -> None:
        """End the processes."""
        while self._idle:
            self._idle.pop().end(kill=False)


def _once_more(piece: _Piece) -> _Piece:
    if piece.tries == MOST_TRIES:
        raise WorkerLost(
            f"{piece.item}: the process doing it ended {MOST_TRIES} times "
            "(killed, or out of memory)"
        )
    return _Piece(piece.place, piece.item, piece.tries + 1)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a child sends back: a result, or the error that came instead."""

    result: Any = None
    error: Exception | None = None

    def value(self) -> Any:  # noqa: ANN401 - whatever the work returns
        """Return the result or raise the error."""
        if self.error is not None:
            raise self.error
        return self.result


def serve(connection: "Connection[Any, Any]") -> None:
    """Do what comes through a pipe until it is closed: the main function of a child."""
    # Once more, for a child that was started by another thread than the main one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError, OSError):
        while True:
            work, item = connection.recv()
            connection.send(_answer(work, item))


def _answer(work: Callable[[Any], Any], item: object) -> _Answer:
    try:
        return _Answer(result=work(item))
    except Exception as error:  # noqa: BLE001 - the parent raises it again
        return _Answer(error=error if _travels(error) else ResearchError(repr(error)))


def _travels(error: Exception) -> bool:
    """Tell whether an exception survives pickling; some demand arguments they do not keep."""
    import pickle  # noqa: PLC0415

    try:
        return isinstance(pickle.loads(pickle.dumps(error)), type(error))  # noqa: S301
    except Exception:  # noqa: BLE001 - anything may come out of foreign constructors
        return False
