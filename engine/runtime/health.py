"""Latency figures and the loop's own lag, bounded in memory."""

import asyncio
from dataclasses import dataclass

import numpy as np

from engine.ports import Clock

_RESERVOIR = 65_536


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Median, 99th percentile, largest (milliseconds) and how many were measured."""

    p50_ms: float
    p99_ms: float
    max_ms: float
    count: int


class LatencyMeter:
    """Keeps the newest 65,536 measurements; 256 kB."""

    def __init__(self) -> None:
        self._values = np.zeros(_RESERVOIR, dtype=np.float32)
        self._largest = 0.0
        self.count = 0

    def add(self, seconds: float) -> None:
        """Add one measurement."""
        self._values[self.count % _RESERVOIR] = seconds * 1000
        self._largest = max(self._largest, seconds * 1000)
        self.count += 1

    def reset(self) -> None:
        """Forget everything measured so far."""
        self._largest = 0.0
        self.count = 0

    def percentiles(self) -> Percentiles:
        """Return the figures of what is kept; all 0 when nothing was measured."""
        kept = self._values[: min(self.count, _RESERVOIR)]
        if not kept.size:
            return Percentiles(0.0, 0.0, 0.0, 0)
        p50, p99 = (float(value) for value in np.percentile(kept, [50, 99]))
        return Percentiles(p50, p99, self._largest, self.count)


@dataclass(slots=True)
class Latencies:
    """What the loop measures, from the stamp at the socket.

    `decision` ends when the core has processed the candle and its setups are judged; `outbox` when
    the notices of that candle are queued; `burst` spans the last frame of a minute's closes to the
    end of the drain that contained it.
    """

    decision: LatencyMeter
    outbox: LatencyMeter
    burst: LatencyMeter
    loop_lag: LatencyMeter

    @classmethod
    def fresh(cls) -> "Latencies":
        """Return empty meters."""
        return cls(LatencyMeter(), LatencyMeter(), LatencyMeter(), LatencyMeter())


async def probe_loop_lag(clock: Clock, meter: LatencyMeter, every_s: float = 1.0) -> None:
    """Measure for ever how late the loop wakes a sleeper."""
    while True:
        due = clock.monotonic() + every_s
        await asyncio.sleep(every_s)
        meter.add(max(0.0, clock.monotonic() - due))
