"""What was found and scored in bulk, handed to the core as if it had done it itself."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from engine.domain.candle import Timeframe
from engine.domain.setup import Setup
from engine.domain.signal import Score


class Step(NamedTuple):
    """What the core's detector port gives for one candle."""

    events: tuple[object, ...]
    setups: tuple[Setup, ...]


_NOTHING = Step((), ())


class ReplayedDetector:
    """The detector port over Setups found before: one symbol, all timeframes, told on 1m."""

    def __init__(self, setups: Mapping[int, tuple[Setup, ...]]) -> None:
        self._setups = setups

    def step(
        self,
        open_time_ms: int,
        open_: float,
        high: float,
        low: float,
        close: float,
        volume: float,
        quote_volume: float,
        /,
    ) -> Step:
        """Return the Setups that the minute's close proves."""
        found = self._setups.get(open_time_ms)
        return _NOTHING if found is None else Step((), found)


class ReplayedSetups:
    """Setups by symbol and minute, with the factory the core asks for detectors."""

    def __init__(self, setups: Sequence[Setup]) -> None:
        self._detectors: dict[str, ReplayedDetector] = {}
        self.symbols_at: dict[int, list[str]] = {}
        by_symbol: dict[str, dict[int, tuple[Setup, ...]]] = {}
        for setup in setups:
            minutes = by_symbol.setdefault(setup.symbol, {})
            opened = setup.proved_at_ms - Timeframe.M1.ms
            minutes[opened] = (*minutes.get(opened, ()), setup)
            symbols = self.symbols_at.setdefault(setup.proved_at_ms, [])
            if setup.symbol not in symbols:
                symbols.append(setup.symbol)
        self._detectors = {symbol: ReplayedDetector(found) for symbol, found in by_symbol.items()}
        self._none = ReplayedDetector({})
        self.moments: tuple[int, ...] = tuple(sorted(one.proved_at_ms for one in setups))

    def detector(self, symbol: str, timeframe: Timeframe, _tick_size: float) -> ReplayedDetector:
        """Return the detector of a symbol; those of longer timeframes find nothing."""
        if timeframe is not Timeframe.M1:
            return self._none
        return self._detectors.get(symbol, self._none)


class ReplayedScores:
    """The scorer port over scores computed in bulk; a score does not depend on its batch."""

    def __init__(self, name: str, scores: Iterable[Score]) -> None:
        self._name = name
        self._scores = {score.setup_id: score for score in scores}

    @property
    def name(self) -> str:
        """Which scorer this is."""
        return self._name

    def score(self, setups: Sequence[Setup]) -> tuple[Score, ...]:
        """Return one score a setup, in order."""
        return tuple(self._scores[setup.setup_id] for setup in setups)
