"""The open minute as far as it has been revealed: candle, quotes, mark and sizes at the top."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from engine.exchange.sim.candle_columns import TickCandles
from engine.exchange.sim.scales import FloatArray
from engine.exchange.sim.tick_path import MinutePath, revealed_points

SMOOTH_POINTS: Final = 3
"""The mark follows the mean of this many latest prices, so that a wick moves it less."""


class RevealedMinute:
    """One minute's path and how much of it is behind us.

    Args:
        path: The prepared minute.
        minute: Minutes since the epoch.
        phases: Each symbol's offset within a point, see `revealed_points`.
        seed: Seed of the sizes at the top of the book.
    """

    def __init__(
        self,
        path: MinutePath,
        minute: int,
        phases: FloatArray,
        seed: int,
    ) -> None:
        self.path = path
        self.minute = minute
        self._phases = phases
        self._seed = seed
        self._sizes: npt.NDArray[np.float32] | None = None
        self.reveal(0)

    def reveal(self, elapsed_ms: int) -> None:
        """Move to ``elapsed_ms`` (0..60000) after the minute opened."""
        self.points = revealed_points(elapsed_ms, self.path.points, self._phases)
        self.candles: TickCandles = self.path.candles(self.points)
        self.bid, self.ask = self.path.quotes(self.points)

    def smooth_ticks(self) -> FloatArray:
        """Mean of the latest few prices of this minute, in ticks."""
        rows = np.maximum(self.points - np.arange(SMOOTH_POINTS)[:, None], 0)
        mean: FloatArray = self.path.last[rows, np.arange(len(self.points))].mean(axis=0)
        return mean

    def size_factors(self, side: int) -> FloatArray:
        """Relative size at the best bid (0) or ask (1), 0.1 to 2.1, new at every point."""
        if self._sizes is None:
            rng = np.random.default_rng([self._seed, 0xB00C, self.minute])
            shape = (2, self.path.points + 1, len(self.points))
            self._sizes = rng.random(shape, dtype=np.float32)
        drawn = self._sizes[side, self.points, np.arange(len(self.points))]
        factors: FloatArray = 0.1 + 2.0 * drawn.astype(np.float64)
        return factors
