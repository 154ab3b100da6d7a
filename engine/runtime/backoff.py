"""How long to wait before trying again: exponential, capped, jittered, for ever."""

import random


class Backoff:
    """Delays 'base, base*factor, ...' up to `cap` seconds, each shortened by up to a half.

    Jitter keeps many shards from reconnecting in step after one outage.
    """

    def __init__(
        self, rng: random.Random, *, base_s: float = 0.25, factor: float = 2.0, cap_s: float = 30.0
    ) -> None:
        self._rng = rng
        self._base_s = base_s
        self._factor = factor
        self._cap_s = cap_s
        self._next_s = base_s

    def next_delay(self) -> float:
        """Return seconds to wait and lengthen the next wait."""
        delay = self._next_s * (0.5 + self._rng.random() / 2)
        self._next_s = min(self._next_s * self._factor, self._cap_s)
        return delay

    def reset(self) -> None:
        """Start over after a success."""
        self._next_s = self._base_s
