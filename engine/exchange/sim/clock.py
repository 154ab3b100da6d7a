"""Exchange time: the loop's clock, run at a chosen speed from a chosen epoch."""

from __future__ import annotations

from collections.abc import Callable


class SimClock:
    """Maps wall time (an event loop's monotonic seconds) to exchange time (ms since 1970).

    Exchange time is what payloads carry and orders are stamped with. Wall time is what sockets,
    rate windows, recvWindow and listenKey life are judged in, at any speed.

    Example:
        >>> clock = SimClock(lambda: 0.0, epoch_ms=1_700_000_000_000, speed=20.0)
        >>> clock.now_ms()
        1700000000000
    """

    def __init__(
        self, monotonic: Callable[[], float], *, epoch_ms: int, speed: float = 1.0
    ) -> None:
        """Start exchange time at `epoch_ms` now.

        Args:
            monotonic: wall time in seconds, normally `loop.time`.
            epoch_ms: exchange time at this moment.
            speed: exchange seconds per wall second, above 0.

        Raises:
            ValueError: speed is not above 0.
        """
        if not speed > 0:
            raise ValueError(f"speed must be above 0, got {speed}")
        self._monotonic = monotonic
        self._started_at = monotonic()
        self.epoch_ms = epoch_ms
        self.speed = speed

    def wall(self) -> float:
        """Return wall time in seconds (the loop's clock)."""
        return self._monotonic()

    def now_ms(self) -> int:
        """Return exchange time in whole milliseconds."""
        return self.epoch_ms + int(self.exchange_ms(self._monotonic() - self._started_at))

    def exchange_ms(self, wall_seconds: float) -> float:
        """Return how many exchange milliseconds pass in `wall_seconds`."""
        return wall_seconds * 1000.0 * self.speed

    def wall_at(self, exchange_ms: int) -> float:
        """Return the wall time at which exchange time reaches `exchange_ms`."""
        return self._started_at + (exchange_ms - self.epoch_ms) / 1000.0 / self.speed

    def describe(self) -> dict[str, float | int]:
        """Return what another process needs to run the same clock.

        `started_at` is the loop time at `epoch_ms`; on one machine the monotonic clock is shared by
        processes. `now_ms` lets a process elsewhere estimate the offset from a round trip instead.
        """
        return {
            "epoch_ms": self.epoch_ms,
            "speed": self.speed,
            "started_at": self._started_at,
            "now_ms": self.now_ms(),
        }
