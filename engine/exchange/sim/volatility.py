"""How lively the synthetic market is, minute by minute: hours of the day, calm and storm.

Log volatility is a sum of mean-reverting states with different memories, partly shared by all
symbols and partly each symbol's own. The parameters make autocorrelation of absolute returns,
kurtosis and the spread of daily volatility match real 1-minute candles (2023 and 2025).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from engine.exchange.sim.scales import FloatArray, IntArray

HOUR_ACTIVITY: Final = (
    # mean |return| of the UTC hour relative to the day's mean; mean of the two measured periods
    1.13, 1.06, 1.00, 0.87, 0.85, 0.85, 0.84, 0.88, 0.90, 0.91, 0.88, 0.82,
    0.97, 1.08, 1.29, 1.29, 1.22, 1.09, 1.13, 1.12, 1.03, 0.99, 1.00, 0.90,
)  # fmt: skip
MEMORIES_MIN: Final = np.array([4.0, 200.0, 3000.0])
SHARED_VARIANCE: Final = np.array([0.13, 0.12, 0.12])
OWN_VARIANCE: Final = np.array([0.11, 0.09, 0.06])
SURPRISE_VARIANCE: Final = 0.05
"""Variance of the part of log volatility without memory; it fattens the tails."""
TOTAL_VARIANCE: Final = float(SHARED_VARIANCE.sum() + OWN_VARIANCE.sum() + SURPRISE_VARIANCE)

_DECAY = np.exp(-1.0 / MEMORIES_MIN)
_SHARED_KICK = np.sqrt(SHARED_VARIANCE * (1.0 - _DECAY**2))
_OWN_KICK = np.sqrt(OWN_VARIANCE * (1.0 - _DECAY**2))


def hour_activity(minute: int) -> float:
    """Activity of a minute (minutes since the epoch), linear between the middles of hours."""
    position = (minute % 1440) / 60.0 - 0.5
    hour = int(np.floor(position))
    weight = position - hour
    return HOUR_ACTIVITY[hour % 24] * (1.0 - weight) + HOUR_ACTIVITY[(hour + 1) % 24] * weight


class Volatility:
    """The volatility states of all symbols; `step` moves them by one minute."""

    def __init__(self, shared: FloatArray, own: FloatArray) -> None:
        self.shared = shared
        self.own = own

    @classmethod
    def stationary(cls, symbols: int, rng: np.random.Generator) -> Volatility:
        """Draw the states from their long-run distribution."""
        memories = len(MEMORIES_MIN)
        shared = np.sqrt(SHARED_VARIANCE) * rng.standard_normal(memories)
        own = np.sqrt(OWN_VARIANCE)[:, None] * rng.standard_normal((memories, symbols))
        return cls(shared, own)

    def shock(self, symbols: IntArray, size: float) -> None:
        """Raise the short-lived own volatility of the symbols at these indices."""
        self.own[0, symbols] += size

    def step(self, rng: np.random.Generator) -> FloatArray:
        """Advance one minute and return each symbol's remembered log volatility (mean 0)."""
        shared_noise = rng.standard_normal(len(MEMORIES_MIN))
        own_noise = rng.standard_normal(self.own.shape)
        self.shared = self.shared * _DECAY + _SHARED_KICK * shared_noise
        self.own = self.own * _DECAY[:, None] + _OWN_KICK[:, None] * own_noise
        level: FloatArray = self.own.sum(axis=0) + self.shared.sum()
        return level
