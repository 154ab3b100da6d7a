"""The two clocks: real time, and a market that runs at a multiple of it."""

import time
from collections.abc import Callable

from engine.domain.events import Instant


class SystemClock:
    """Exchange time is wall time plus the measured offset of the venue's clock.

    Args:
        offset_ms: how far the venue's clock is ahead of this machine's, asked at every reading.
    """

    speed = 1.0

    def __init__(self, offset_ms: Callable[[], int] = lambda: 0) -> None:
        self._offset_ms = offset_ms

    def exchange_ms(self) -> int:
        """Exchange time in Unix milliseconds."""
        return self.wall_ms() + self._offset_ms()

    def wall_ms(self) -> int:
        """Wall time in Unix milliseconds."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        """Monotonic wall seconds."""
        return time.monotonic()  # noqa: TID251 - this is the Clock

    def instant(self) -> Instant:
        """Both clocks at once."""
        return Instant(self.exchange_ms(), self.monotonic())


class LoopClock:
    """Time ruled by an event loop, with exchange time running at `speed`.

    Args:
        loop_time: the loop's `time`; on a virtual loop the whole bot follows it.
        exchange_ms: exchange time at this moment, as the venue told it.
        wall_ms: wall time at this moment.
        speed: exchange seconds per wall second, > 0.
    """

    def __init__(
        self, loop_time: Callable[[], float], *, exchange_ms: int, wall_ms: int, speed: float
    ) -> None:
        if speed <= 0:
            raise ValueError(f"speed was {speed}, must be above 0")
        self._loop_time = loop_time
        self._anchor = loop_time()
        self._exchange_ms = exchange_ms
        self._wall_ms = wall_ms
        self.speed = speed

    def exchange_ms(self) -> int:
        """Exchange time in Unix milliseconds."""
        return self._exchange_ms + int((self._loop_time() - self._anchor) * 1000 * self.speed)

    def wall_ms(self) -> int:
        """Wall time in Unix milliseconds."""
        return self._wall_ms + int((self._loop_time() - self._anchor) * 1000)

    def monotonic(self) -> float:
        """Monotonic wall seconds of the loop."""
        return self._loop_time()

    def instant(self) -> Instant:
        """Both clocks at once."""
        return Instant(self.exchange_ms(), self.monotonic())
