"""Setups of all symbols in bulk, as the core's own detectors would find them."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.backtest.series import Ints, SymbolSeries
from engine.domain.candle import Timeframe
from engine.domain.instrument import Instrument
from engine.smc.frame import COMPILE_FROM, CandleArrays, can_compile, detect_frame
from engine.smc.params import DetectorParams
from engine.smc.resample import resample
from engine.smc.setup_row import BAR


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
    threads: int = 1,
) -> list[Found]:
    """Detect over whole series, every segment by itself, as the core restarts after each hole.

    Args:
        series: the minutes.
        instruments: tick sizes.
        params: what to look for.
        timeframes: on which candles.
        progress: called with the number of minutes done after each symbol.
        compiled: use machine code; None decides by size.
        threads: symbols detected at the same time; pays with machine code only, which runs
            outside the interpreter's lock.

    Returns:
        What was found, by symbol in the given order; the same for any number of threads.
    """
    if compiled is None:
        compiled = sum(map(len, series)) > COMPILE_FROM and can_compile()

    def detected(one: SymbolSeries) -> list[Found]:
        tick = float(instruments[one.symbol].tick_size)
        return detect_symbol(one, tick, params, timeframes, compiled=compiled)

    found: list[Found] = []
    with ThreadPoolExecutor(max(threads if compiled else 1, 1)) as pool:
        for one, parts in zip(series, pool.map(detected, series), strict=True):
            found += parts
            progress(len(one))
    return found


def load_machine_code(params: DetectorParams) -> None:
    """Load the compiled detector, or compile it, so that the first symbol need not wait for it."""
    if can_compile():
        one = np.ones(1)
        still = CandleArrays(open=one, high=one, low=one, close=one, quote_volume=one)
        detect_frame(still, params, compiled=True)


def detect_symbol(
    series: SymbolSeries,
    tick_size: float,
    params: DetectorParams,
    timeframes: Sequence[Timeframe],
    *,
    compiled: bool,
) -> list[Found]:
    """Return what the minutes of one symbol hold, segment by segment."""
    found: list[Found] = []
    for part in series.segments:
        minutes = series.candles.part(part)
        for timeframe in timeframes:
            times, candles = series.open_ms[part], minutes
            if timeframe is not Timeframe.M1:
                times, candles = resample(times, minutes, timeframe)
            if not len(candles):
                continue
            rows = detect_frame(
                candles, params, tick_size=tick_size, keep_events=False, compiled=compiled
            ).setups
            at = times[rows[:, BAR].astype(np.int64)]
            found.append(Found(series.symbol, timeframe, rows, at))
    return found
