"""Setups of all symbols in bulk, handed to the core as if it had detected them itself."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.backtest.series import Ints, SymbolSeries
from engine.domain.candle import Timeframe
from engine.domain.instrument import Instrument
from engine.domain.setup import Setup
from engine.domain.signal import Score
from engine.ports import Scorer
from engine.risk.costs import CostModel
from engine.smc.frame import COMPILE_FROM, CandleArrays, can_compile, detect_frame
from engine.smc.params import DetectorParams
from engine.smc.resample import resample
from engine.smc.setup_row import BAR, ENTRY, STOP
from engine.smc.setups import SetupMaker

SCORE_CHUNK = 20_000
_SLACK = 1 + 1e-9
"""Setups this close to the cost limit are left to the core, which decides exactly."""


class Step(NamedTuple):
    """What the core's detector port gives for one candle."""

    events: tuple[object, ...]
    setups: tuple[Setup, ...]


_NOTHING = Step((), ())


@dataclass(frozen=True, slots=True)
class Found:
    """Setup rows of one contiguous series: `times` are the open times of their proving candles."""

    symbol: str
    timeframe: Timeframe
    rows: NDArray[np.float64]
    times: Ints


def detect_all(
    series: Sequence[SymbolSeries],
    instruments: Mapping[str, Instrument],
    params: DetectorParams,
    timeframes: Sequence[Timeframe],
    progress: Callable[[int], None] = lambda _minutes: None,
    *,
    compiled: bool | None = None,
) -> list[Found]:
    """Detect over whole series, every segment by itself, as the core restarts after each hole.

    Args:
        series: the minutes.
        instruments: tick sizes.
        params: what to look for.
        timeframes: on which candles.
        progress: called with the number of minutes done after each symbol.
        compiled: use machine code; None decides by size.
    """
    if compiled is None:
        compiled = sum(map(len, series)) > COMPILE_FROM and can_compile()
    found: list[Found] = []
    for one in series:
        tick = float(instruments[one.symbol].tick_size)
        for part in one.segments:
            minutes = _cut(one.candles, part)
            for timeframe in timeframes:
                times, candles = one.open_ms[part], minutes
                if timeframe is not Timeframe.M1:
                    times, candles = resample(times, minutes, timeframe)
                if not len(candles):
                    continue
                rows = detect_frame(
                    candles, params, tick_size=tick, keep_events=False, compiled=compiled
                ).setups
                at = times[rows[:, BAR].astype(np.int64)]
                found.append(Found(one.symbol, timeframe, rows, at))
        progress(len(one))
    return found


def _cut(candles: CandleArrays, part: slice) -> CandleArrays:
    return CandleArrays(
        open=candles.open[part],
        high=candles.high[part],
        low=candles.low[part],
        close=candles.close[part],
        quote_volume=candles.quote_volume[part],
    )


class Chosen(NamedTuple):
    """Setups worth showing to the core, and how many the cost gate refuses for certain."""

    setups: list[Setup]
    too_costly: int


def choose(
    found: Sequence[Found],
    params: DetectorParams,
    instruments: Mapping[str, Instrument],
    costs: CostModel,
    max_cost_r: float,
    from_ms: int,
) -> Chosen:
    """Make Setups of the rows that pass the cost gate, oldest first.

    A refused one changes nothing in the core, so it need not exist; `max_cost_r` infinite keeps
    all. `from_ms`: earlier proofs are left out, as the core does not emit while it warms up.
    """
    setups: list[Setup] = []
    costly = 0
    for part in found:
        live = part.times + part.timeframe.ms > from_ms
        entry, stop = part.rows[:, ENTRY], part.rows[:, STOP]
        tick = float(instruments[part.symbol].tick_size)
        spread = np.maximum(costs.spread_ratio, tick / entry)
        with np.errstate(divide="ignore"):
            cost_r = (2.0 * costs.taker_fee + spread + costs.impact_ratio) / (
                np.abs(entry - stop) / entry
            )
        passes = cost_r <= max_cost_r * _SLACK
        costly += int((live & ~passes).sum())
        setups += _made(part, params, np.flatnonzero(live & passes))
    setups.sort(key=lambda one: (one.proved_at_ms, one.symbol, one.timeframe.ms))
    return Chosen(setups, costly)


def _made(part: Found, params: DetectorParams, rows: Ints) -> Iterator[Setup]:
    maker = SetupMaker(part.symbol, part.timeframe, params)
    for number in rows.tolist():
        # One row at a time: the flat view of all rows as Python floats would be far larger.
        value = part.rows[number].tolist()
        yield maker.setup(value, 0, int(value[BAR]), int(part.times[number]))


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
        self._by_symbol: dict[str, dict[int, tuple[Setup, ...]]] = {}
        self.symbols_at: dict[int, list[str]] = {}
        for setup in setups:
            minutes = self._by_symbol.setdefault(setup.symbol, {})
            opened = setup.proved_at_ms - Timeframe.M1.ms
            minutes[opened] = (*minutes.get(opened, ()), setup)
            symbols = self.symbols_at.setdefault(setup.proved_at_ms, [])
            if setup.symbol not in symbols:
                symbols.append(setup.symbol)
        self.moments: tuple[int, ...] = tuple(sorted(self.symbols_at))

    def detector(self, symbol: str, timeframe: Timeframe, _tick_size: float) -> ReplayedDetector:
        """Return the detector of a symbol; those of longer timeframes find nothing."""
        is_minute = timeframe is Timeframe.M1
        return ReplayedDetector(self._by_symbol.get(symbol, {}) if is_minute else {})


class ReplayedScores:
    """The scorer port over scores computed in bulk; a score does not depend on its batch."""

    def __init__(self, scorer: Scorer, setups: Sequence[Setup]) -> None:
        self._name = scorer.name
        self._scores: dict[str, Score] = {}
        for first in range(0, len(setups), SCORE_CHUNK):
            for score in scorer.score(setups[first : first + SCORE_CHUNK]):
                self._scores[score.setup_id] = score

    @property
    def name(self) -> str:
        """Which scorer this is."""
        return self._name

    def score(self, setups: Sequence[Setup]) -> tuple[Score, ...]:
        """Return one score a setup, in order."""
        return tuple(self._scores[setup.setup_id] for setup in setups)
