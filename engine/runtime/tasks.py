"""Supervised tasks: nothing dies silently."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog

from engine.ports import Clock
from engine.runtime.backoff import Backoff

log = structlog.get_logger(__name__)

_HEALTHY_AFTER_S = 60.0


class TaskDied(Exception):  # noqa: N818 - says what happened
    """A task that must not end ended; the process goes down cleanly."""


class Supervisor:
    """Owns every background task of the process.

    A restarting task is started again after a jittered pause, for ever, and counted. A vital task
    takes the supervisor down when it ends, so that the process stops with its orders resting at
    the exchange instead of living on half dead.
    """

    def __init__(self, clock: Clock, rng: random.Random) -> None:
        self._clock = clock
        self._rng = rng
        self._tasks: set[asyncio.Task[Any]] = set()
        self._failed: asyncio.Future[None] | None = None
        self._closing = False
        self.restarts: dict[str, int] = {}

    def restarting(self, name: str, work: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        """Run `work` for ever, restarting it when it raises or returns."""
        return self._start(name, self._keep_running(name, work))

    def vital(self, name: str, work: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        """Run `work`, which must not end before the supervisor is closed."""
        return self._start(name, self._run_vital(name, work))

    def once(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run `work` to its end in the background; an exception is logged and counted."""
        task = self._start(name, self._run_once(name, work))
        # Cancelled before its first step, the task never reaches the work it was given.
        task.add_done_callback(lambda _: work.close())
        return task

    async def wait_failed(self) -> None:
        """Return only by raising `TaskDied` when a vital task ended."""
        self._failed = self._failed or asyncio.get_running_loop().create_future()
        await asyncio.shield(self._failed)  # whoever stops waiting must not undo the verdict

    async def close(self) -> None:
        """Cancel every task and wait until all have ended."""
        self._closing = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        if self._failed is None:
            self._failed = asyncio.get_running_loop().create_future()
            self._failed.add_done_callback(_retrieve)
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _keep_running(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        backoff = Backoff(self._rng)
        while True:
            started = self._clock.monotonic()
            try:
                await work()
                log.warning("task.ended", task=name)
            except asyncio.CancelledError:
                # Nobody cancelled this task: something it waited for was cancelled under it.
                if _is_cancelled():
                    raise
                log.exception("task.failed", task=name)
            except Exception:
                log.exception("task.failed", task=name)
            self.restarts[name] = self.restarts.get(name, 0) + 1
            if self._clock.monotonic() - started > _HEALTHY_AFTER_S:
                backoff.reset()
            await asyncio.sleep(backoff.next_delay())

    async def _run_vital(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
            reason = "ended"
        except asyncio.CancelledError:
            if self._closing:
                raise
            log.exception("task.died", task=name)
            reason = "was cancelled"
        except Exception as error:
            log.exception("task.died", task=name)
            reason = f"failed: {error}"
        if self._failed and not self._failed.done():
            self._failed.set_exception(TaskDied(f"{name} {reason}"))

    async def _run_once(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except asyncio.CancelledError:
            if _is_cancelled():
                raise
            log.exception("task.failed", task=name)
            self.restarts[name] = self.restarts.get(name, 0) + 1
        except Exception:
            log.exception("task.failed", task=name)
            self.restarts[name] = self.restarts.get(name, 0) + 1


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _retrieve(failed: asyncio.Future[None]) -> None:
    # Nobody may be waiting when a vital task dies during shutdown; that is no second error.
    if not failed.cancelled():
        failed.exception()
