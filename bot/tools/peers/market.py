"""The candles that ours and the peers work on, and the entries that the peers are given."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bot.backtest_input import read_series
from bot.tools.bench.candles import START_MS, random_walk
from engine.backtest.series import MINUTE_MS, SymbolSeries
from engine.domain.errors import InvalidCandles
from engine.smc.frame import CandleArrays, detect_frame
from engine.smc.params import DetectorParams
from storage.candle_sources import CandleFiles, open_sources
from storage.candles import scan_candles, write_candles

ENTRY_COLUMNS = ("bar", "direction", "stop", "target")


@dataclass(frozen=True, slots=True)
class PeerMarket:
    """Some symbols without holes, and in words where they come from."""

    series: tuple[SymbolSeries, ...]
    origin: str

    def first(self, symbols: int, candles: int) -> "PeerMarket":
        """Return the first candles of the first symbols; all there are where there are fewer."""
        kept = tuple(_cut(one, slice(0, candles)) for one in self.series[:symbols])
        return PeerMarket(kept, self.origin)

    @property
    def candles(self) -> int:
        """Number of candles of all symbols."""
        return sum(map(len, self.series))

    @property
    def words(self) -> str:
        """The load in words."""
        return f"{len(self.series)} symbols × {self.candles:,} candles in all, {self.origin}"


def synthetic(symbols: int, candles: int) -> PeerMarket:
    """Return random walks of `candles` minutes each, the same in every run."""
    return PeerMarket(tuple(walk(at, candles) for at in range(1, symbols + 1)), "synthetic")


def walk(number: int, candles: int) -> SymbolSeries:
    """Return one random walk; another number is another walk."""
    times = START_MS + MINUTE_MS * np.arange(candles, dtype=np.int64)
    made = random_walk(candles, number)
    return SymbolSeries(symbol=f"WALK{number:03}USDT", open_ms=times, candles=made)


def recorded(paths: Sequence[Path], symbols: int) -> PeerMarket:
    """Return the longest stretch without a hole of each of the first symbols of files.

    Raises:
        InvalidCandles: the files are unusable; says why.
    """
    files = [file for source in open_sources(paths) for file in source.files]
    source = CandleFiles("candles", files)
    wanted = source.symbols()[:symbols]
    if not wanted:
        raise InvalidCandles(f"{', '.join(map(str, paths))}: there are no candles")
    series = read_series(source, wanted, lambda _text, _share: None)
    longest = (
        _cut(one, max(one.segments, key=lambda part: part.stop - part.start)) for one in series
    )
    return PeerMarket(tuple(longest), f"from {', '.join(path.name for path in paths)}")


def entries_of(series: SymbolSeries) -> NDArray[np.float64]:
    """Return our setups as rows of `ENTRY_COLUMNS`: at most one a bar, stop and target around it.

    A peer enters at the open after `bar`; where that lies beyond stop or target, none enters.
    """
    found = detect_frame(series.candles, DetectorParams())
    bar, direction, stop, target = (found.setup_column(name) for name in ENTRY_COLUMNS)
    rows = np.column_stack((bar, direction, stop, target))
    rows = rows[bar + 1 < len(series)]
    opens = series.candles.open[rows[:, 0].astype(np.int64) + 1]
    around = (rows[:, 1] * (opens - rows[:, 2]) > 0) & (rows[:, 1] * (rows[:, 3] - opens) > 0)
    rows = rows[around]
    _, first = np.unique(rows[:, 0], return_index=True)
    return rows[first]


def candles_in(paths: Sequence[Path]) -> tuple[int, int]:
    """Return how many symbols and candles files and folders hold.

    Raises:
        InvalidCandles: a file is no candle file.
    """
    sources = open_sources(paths)
    files = [file for source in sources for file in source.files]
    rows = sum(scan_candles(file).select(pl.len()).collect().item() for file in files)
    return sum(len(source.symbols()) for source in sources), rows


def write_for_peers(market: PeerMarket, folder: Path) -> list[Path]:
    """Write each symbol with its entries as one NumPy archive."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for one in market.series:
        candles = one.candles
        path = folder / f"{one.symbol}.npz"
        np.savez(
            path,
            open_ms=one.open_ms,
            open=candles.open,
            high=candles.high,
            low=candles.low,
            close=candles.close,
            volume=candles.quote_volume / candles.close,
            entries=entries_of(one),
        )
        written.append(path)
    return written


def write_for_us(market: PeerMarket, folder: Path) -> Path:
    """Write each symbol as one candle file, as our own verbs read them; return the folder."""
    for one in market.series:
        candles = one.candles
        frame = pl.DataFrame(
            {
                "symbol": [one.symbol] * len(one),
                "open_time": pl.Series(one.open_ms).cast(pl.Datetime("ms", "UTC")),
                "open": candles.open,
                "high": candles.high,
                "low": candles.low,
                "close": candles.close,
                "volume": candles.quote_volume / candles.close,
                "quote_volume": candles.quote_volume,
            }
        )
        write_candles(frame, folder / f"{one.symbol}.parquet")
    return folder


def _cut(one: SymbolSeries, part: slice) -> SymbolSeries:
    candles = one.candles
    return SymbolSeries(
        symbol=one.symbol,
        open_ms=one.open_ms[part],
        candles=CandleArrays(
            open=candles.open[part],
            high=candles.high[part],
            low=candles.low[part],
            close=candles.close[part],
            quote_volume=candles.quote_volume[part],
        ),
    )
