"""What the scanner would know of the symbols: their quote volumes of the last day."""

from collections.abc import Mapping

import numpy as np

from engine.backtest.series import SymbolSeries
from engine.domain.events import UniverseChanged
from engine.domain.instrument import Instrument
from engine.risk.threshold import HOUR_MS

UNIVERSE_MS = 2 * HOUR_MS
"""How often the 24 h volumes are read, as the live scanner does."""


class Universe:
    """The volumes at the start and at every second hour after it, reckoned once for all symbols.

    A reading is told at the first visit at or after its hour: before that nobody asks for it.
    """

    def __init__(
        self,
        series: Mapping[str, SymbolSeries],
        instruments: Mapping[str, Instrument],
        start_ms: int,
        end_ms: int,
    ) -> None:
        self._symbols = tuple(series)
        self._listed = tuple(instruments[symbol] for symbol in series)
        first = start_ms - start_ms % UNIVERSE_MS + UNIVERSE_MS
        moments = np.array([start_ms, *range(first, end_ms + UNIVERSE_MS, UNIVERSE_MS)])
        self._moments: list[int] = moments.tolist()
        self._volumes = np.array([one.day_volumes(moments) for one in series.values()])
        self._next = 0

    def due(self, now_ms: int) -> UniverseChanged | None:
        """Return the newest reading up to `now_ms`, None if it was told already."""
        if now_ms < self._moments[self._next]:
            return None
        while self._next + 1 < len(self._moments) and self._moments[self._next + 1] <= now_ms:
            self._next += 1
        volumes = dict(zip(self._symbols, self._volumes[:, self._next].tolist(), strict=True))
        self._next += 1
        if self._next == len(self._moments):
            self._moments.append(1 << 62)
        return UniverseChanged(self._listed, volumes, {})
