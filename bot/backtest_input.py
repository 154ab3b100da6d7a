"""What a backtest reads: the candles of every symbol as arrays, and funding."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from engine.backtest.plan import Funding
from engine.backtest.series import SymbolSeries
from engine.domain.errors import InvalidCandles
from engine.risk.limits import DAY_MS
from engine.smc.frame import CandleArrays
from storage.candle_sources import CandleFiles
from storage.funding import read_funding

LONGEST_HOLE_DAYS = 7
READERS = 2
"""Symbols read at the same time; Polars works outside the interpreter's lock."""
Told = Callable[[str, float], None]
"""Told what is being done and which share of it, 0 to 1."""


def series_period(series: Sequence[SymbolSeries]) -> tuple[int, int]:
    """Return the first open and the last close of all symbols, exchange ms."""
    return min(one.first_ms for one in series), max(one.end_ms for one in series)


def read_series(source: CandleFiles, wanted: Sequence[str], told: Told) -> tuple[SymbolSeries, ...]:
    """Return the series of the wanted symbols, of all if none is named.

    Raises:
        InvalidCandles: the data are unusable; says why.
    """
    known = source.symbols()
    missing = sorted(set(wanted) - set(known))
    if missing:
        raise InvalidCandles(
            f"no candles of {', '.join(missing)}; the data hold {', '.join(known)}"
        )
    chosen = [name for name in known if not wanted or name in wanted]
    if not chosen:
        raise InvalidCandles("the data hold no candles")
    series: list[SymbolSeries] = []
    told("reading", 0.0)
    with ThreadPoolExecutor(READERS) as pool:
        for one in pool.map(lambda name: _series(source, name), chosen):
            series.append(one)
            told(f"reading {one.symbol}", len(series) / len(chosen))
    _refuse_long_hole(series)
    return tuple(series)


def _series(source: CandleFiles, symbol: str) -> SymbolSeries:
    frame = source.candles(symbol)
    columns = ("open", "high", "low", "close", "quote_volume")
    return SymbolSeries(
        symbol=symbol,
        open_ms=frame["open_time"].dt.epoch("ms").to_numpy(),
        candles=CandleArrays(**{name: frame[name].to_numpy() for name in columns}),
    )


def _refuse_long_hole(series: Sequence[SymbolSeries]) -> None:
    """Periods far apart are separate tests: one account must not sleep over years between."""
    spans = sorted(
        (int(one.open_ms[part.start]), int(one.open_ms[part.stop - 1]))
        for one in series
        for part in one.segments
    )
    reached = spans[0][1]
    for first, last in spans:
        if first - reached > LONGEST_HOLE_DAYS * DAY_MS:
            days = (first - reached) / DAY_MS
            raise InvalidCandles(
                f"no symbol has candles for {days:.0f} days in the middle of the data, at most "
                f"{LONGEST_HOLE_DAYS} are allowed; run the periods one by one"
            )
        reached = max(reached, last)


def funding_of(path: Path | None, series: Sequence[SymbolSeries]) -> Funding:
    """Return the payments of a file of rates that fall into the recording; none without a file."""
    if path is None:
        return {}
    rates = read_funding(path)
    first, end = series_period(series)
    found: dict[str, tuple[tuple[int, float], ...]] = {}
    for one in series:
        times, values = rates.get(one.symbol, (np.array([]), np.array([])))
        inside = (times >= first) & (times < end)
        pairs = zip(times[inside].tolist(), values[inside].tolist(), strict=True)
        found[one.symbol] = tuple(pairs)
    return found
