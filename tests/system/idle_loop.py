"""An event loop over real sockets whose time jumps ahead whenever nobody has anything to do.

The rig runs the exchange and the bot in one loop. Frames between them are real loopback traffic,
so a wait is idle only when no socket is readable; then the time of the next timer is taken at
once. Minutes of patience cost milliseconds, and a slow machine does not look like a slow bot:
computing takes no loop time.
"""

import asyncio
import functools
import selectors
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

_GRACE_S = 0.0001
"""Real seconds in which a frame that was just written must show at the other end."""
_THREAD_WAIT_S = 0.05


class _IdleSelector(selectors.DefaultSelector):
    """Sleeps only while a thread works for the loop; a wait for a timer moves the time instead."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1_000.0
        self.busy_threads = 0

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if self.busy_threads or timeout is None:
            return super().select(_THREAD_WAIT_S)
        time.sleep(_GRACE_S)  # select itself would round up to a whole millisecond
        ready = super().select(0)
        if not ready:
            self.now += timeout
        return ready


class IdleLoop(asyncio.SelectorEventLoop):
    """Time stands still while anything is computed, on its way, or held."""

    def __init__(self) -> None:
        self._idle = _IdleSelector()
        super().__init__(self._idle)

    def time(self) -> float:
        return self._idle.now

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let no time pass: a thread of somebody else, such as the database's, is at work."""
        self._idle.busy_threads += 1
        try:
            yield
        finally:
            self._idle.busy_threads -= 1

    def run_in_executor(
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        future = super().run_in_executor(executor, func, *args)
        self._idle.busy_threads += 1
        future.add_done_callback(self._thread_done)
        return future

    def _thread_done(self, _future: asyncio.Future[Any]) -> None:
        self._idle.busy_threads -= 1


def on_idle_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an asynchronous test to its end on an `IdleLoop` of its own."""

    @functools.wraps(test)
    def run(**fixtures: Any) -> None:
        with asyncio.Runner(loop_factory=IdleLoop) as runner:
            runner.run(test(**fixtures))

    return run


def held_time() -> Any:
    """Return a context in which the running loop's time stands still, where it can."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, IdleLoop), "these tests run on the idle-skipping loop"
    return loop.held()
