"""An event loop whose time jumps to the next timer: waiting costs nothing. No sockets."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from engine.runtime.clock import LoopClock

T = TypeVar("T")

START_MS = 1_790_000_040_000


class _JumpingSelector(selectors.DefaultSelector):
    now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        events = super().select(0)
        if not events and timeout:
            self.now += timeout
        return events


class _VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


def loop_clock(speed: float = 1.0) -> LoopClock:
    """A clock on the running loop, whatever its time is."""
    loop = asyncio.get_running_loop()
    return LoopClock(loop.time, exchange_ms=START_MS, wall_ms=START_MS, speed=speed)


def run_virtual(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine function to its end on a fresh virtual loop."""
    loop = _VirtualLoop()
    try:
        return loop.run_until_complete(main())
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
