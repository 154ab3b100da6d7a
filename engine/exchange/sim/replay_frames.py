"""Recorded candles: reading, judging and laying them out for replay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from engine.exchange.sim.candle_columns import MINUTE_MS
from engine.exchange.sim.market import MarketError
from engine.exchange.sim.scales import MAX_TICKS, BoolArray, FloatArray, IntArray

PRICES: Final = ("open", "high", "low", "close")
REQUIRED: Final = ("symbol", "open_time", *PRICES, "volume")
OPTIONAL: Final = ("quote_volume", "trades", "taker_buy_base")
MAX_DIGITS: Final = 8
LARGEST_EXACT: Final = 2.0**53

AT: Final = pl.col("open_time").dt.epoch("ms")

Source = Path | str | pl.DataFrame | pl.LazyFrame


class ReplayError(MarketError):
    """Recorded candles cannot be used; the message names the file and the row."""


@dataclass(frozen=True, slots=True)
class Recording:
    """Candles of one period, arrays of shape (minutes, symbols).

    Attributes:
        symbols: Venue symbols, sorted.
        first_minute: First minute of the period, minutes since the epoch.
        prices: Open, high, low and close in ticks, shape (4, minutes, symbols).
        lots: Volume in lots.
        quote: Quote volume; estimated as volume times the mean price where not recorded.
        trades: Number of trades, -1 where not recorded.
        taker_lots: Lots bought by takers, -1 where not recorded.
        traded: Minutes with a trade; others have no candle.
        price_digits: Decimals of each symbol's prices.
        lot_digits: Decimals of each symbol's volumes.
    """

    symbols: tuple[str, ...]
    first_minute: int
    prices: npt.NDArray[np.int32]
    lots: IntArray
    quote: FloatArray
    trades: npt.NDArray[np.int32]
    taker_lots: IntArray
    traded: BoolArray
    price_digits: tuple[int, ...]
    lot_digits: tuple[int, ...]

    @property
    def minutes(self) -> int:
        """Length of the period."""
        return len(self.traded)


def read_recording(
    sources: Sequence[Source], symbols: Sequence[str] | None = None, *, common: bool = True
) -> Recording:
    """Read candle files (or frames) and lay them out over one period.

    Args:
        sources: Parquet files, folders of them, or frames in the schema of the candle store.
        symbols: Only these, or all.
        common: Cover only the minutes all symbols share; otherwise from the first to the last
            minute of any, and symbols that begin later or end earlier are silent there.

    Raises:
        ReplayError: a file is missing or has a wrong column, a bad row, or no common period.
    """
    names: list[str] = []
    frames: list[pl.DataFrame] = []
    for name, frame in _opened(sources):
        checked = _checked(len(names), name, frame, symbols)
        names.append(name)
        frames.append(checked)
    if not any(frame.height for frame in frames):
        raise ReplayError(f"no candles of {_listed(symbols)} in {len(names)} file(s)")
    merged = frames[0] if len(frames) == 1 else pl.concat(frames).sort("symbol", "minute")
    _refuse_overlap(merged, names)
    missing = set(symbols or ()) - set(merged["symbol"].unique().to_list())
    if missing:
        raise ReplayError(f"no candles of {_listed(sorted(missing))}")
    spans = merged.group_by("symbol").agg(
        pl.col("minute").min().alias("first"), pl.col("minute").max().alias("last")
    )
    begins, ends = spans["first"].to_list(), spans["last"].to_list()
    first, last = (max(begins), min(ends)) if common else (min(begins), max(ends))
    if last < first:
        late = spans.sort("first").row(-1)[0]
        early = spans.sort("last").row(0)[0]
        raise ReplayError(f"no common period: {early} ends before {late} begins")
    kept = merged.filter(pl.col("minute").is_between(first, last))
    return _laid_out(kept, first, last - first + 1)


def _opened(sources: Sequence[Source]) -> Iterator[tuple[str, pl.DataFrame]]:
    """Every source as a named frame, one at a time; folders give their Parquet files in order."""
    for number, source in enumerate(sources, start=1):
        if isinstance(source, pl.LazyFrame):
            yield f"frame {number}", source.collect()
        elif isinstance(source, pl.DataFrame):
            yield f"frame {number}", source
        else:
            for path in _files(Path(source)):
                yield path.name, _read(path)


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(path.glob("*.parquet"))
    if not path.is_file():
        raise ReplayError(f"{path}: no such file or folder")
    return [path]


def _read(path: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(path)
    except pl.exceptions.PolarsError as error:
        raise ReplayError(f"{path.name}: not a Parquet file ({error})") from error


def _checked(
    file: int, name: str, frame: pl.DataFrame, symbols: Sequence[str] | None
) -> pl.DataFrame:
    """The frame in one fixed schema, or a `ReplayError` naming the first offending row."""
    missing = [column for column in REQUIRED if column not in frame.columns]
    if missing:
        raise ReplayError(f"{name}: column {missing[0]!r} is missing; needed: {' '.join(REQUIRED)}")
    wrong = [c for c in (*PRICES, "volume") if not frame.schema[c].is_numeric()]
    if wrong or frame.schema["open_time"].base_type() is not pl.Datetime:
        column = wrong[0] if wrong else "open_time"
        wanted = "a number" if wrong else "a datetime"
        raise ReplayError(f"{name}: {column} must be {wanted}, is {frame.schema[column]}")
    for complaint, offends in _complaints():
        rows = frame.select(offends.fill_null(value=False).arg_max().alias("row"), offends.any())
        row, found = rows.row(0)
        if found:
            raise ReplayError(f"{name} row {row} ({frame['symbol'][row]}): {complaint}")
    if symbols is not None:
        frame = frame.filter(pl.col("symbol").is_in(list(symbols)))
    return frame.select(
        "symbol",
        (AT // MINUTE_MS).alias("minute"),
        *(pl.col(column).cast(pl.Float64) for column in (*PRICES, "volume")),
        *(
            (pl.col(column) if column in frame.columns else pl.lit(None))
            .cast(pl.Float64)
            .alias(column)
            for column in OPTIONAL
        ),
        pl.lit(file, dtype=pl.UInt16).alias("file"),
    )


def _complaints() -> list[tuple[str, pl.Expr]]:
    """What makes a row unusable, most basic first."""
    same = pl.col("symbol") == pl.col("symbol").shift()
    step = AT - AT.shift()
    found = [("symbol or open_time is null", pl.col("symbol").is_null() | AT.is_null())]
    for column in (*PRICES, "volume"):
        value = pl.col(column)
        found.append((f"{column} is not a number", value.is_null() | ~value.is_finite()))
    lowest = pl.min_horizontal("open", "close")
    highest = pl.max_horizontal("open", "close")
    found += [
        ("prices must be above zero", pl.col("low") <= 0),
        ("volume is negative", pl.col("volume") < 0),
        ("high lies below open or close", pl.col("high") < highest),
        ("low lies above open or close", pl.col("low") > lowest),
        ("open_time is not a whole minute", AT % MINUTE_MS != 0),
        ("same symbol and minute as the row before", same & (step == 0)),
        ("not sorted by symbol and open_time", same & (step < 0)),
        ("not sorted by symbol and open_time", pl.col("symbol") < pl.col("symbol").shift()),
    ]
    return found


def _refuse_overlap(merged: pl.DataFrame, names: Sequence[str]) -> None:
    same = (pl.col("symbol") == pl.col("symbol").shift()) & (
        pl.col("minute") == pl.col("minute").shift()
    )
    twice = merged.with_columns(pl.col("file").shift().alias("other")).filter(same).head(1)
    if twice.height:
        row = twice.row(0, named=True)
        raise ReplayError(
            f"{names[row['other']]} and {names[row['file']]} both hold {row['symbol']} at minute "
            f"{row['minute'] * MINUTE_MS} ms"
        )


def _laid_out(rows: pl.DataFrame, first_minute: int, minutes: int) -> Recording:
    names = sorted(rows["symbol"].unique().to_list())
    shape = (minutes, len(names))
    prices = np.ones((4, *shape), dtype=np.int32)
    lots, taker_lots = np.zeros(shape, dtype=np.int64), np.full(shape, -1, dtype=np.int64)
    quote, trades = np.zeros(shape), np.full(shape, -1, dtype=np.int32)
    traded = np.zeros(shape, dtype=np.bool_)
    price_digits, lot_digits = [], []
    for index, name in enumerate(names):
        part = rows.filter(pl.col("symbol") == name)
        at = part["minute"].to_numpy() - first_minute
        candles = part.select(PRICES).to_numpy().T
        volume = part["volume"].to_numpy()
        digits, lot_places = digits_of(candles), digits_of(volume)
        if candles.max() * 10.0**digits > MAX_TICKS:
            raise ReplayError(f"{name}: prices up to {candles.max()} with {digits} decimals")
        prices[:, at, index] = np.rint(candles * 10.0**digits)
        lots[at, index] = np.rint(volume * 10.0**lot_places)
        estimate = volume * candles.mean(axis=0)
        quote[at, index] = _or(part["quote_volume"], estimate)
        trades[at, index] = _or(part["trades"], np.full(len(at), -1.0))
        taker = _or(part["taker_buy_base"], np.full(len(at), np.nan))
        taker_lots[at, index] = np.nan_to_num(np.rint(taker * 10.0**lot_places), nan=-1.0)
        # Volume zero with a moving price is a recording fault, not a quiet minute.
        traded[at, index] = (volume > 0) | (candles[1] > candles[2])
        price_digits.append(digits)
        lot_digits.append(lot_places)
    return Recording(
        tuple(names), first_minute, prices, lots, quote, trades, taker_lots, traded,
        tuple(price_digits), tuple(lot_digits),
    )  # fmt: skip


def digits_of(values: FloatArray) -> int:
    """Fewest decimals (at most 8) that write all values exactly."""
    largest = float(np.max(np.abs(values), initial=1.0))
    for digits in range(MAX_DIGITS + 1):
        power = 10.0**digits
        if largest * power * 10.0 > LARGEST_EXACT or np.array_equal(
            np.rint(values * power) / power, values
        ):
            return digits
    return MAX_DIGITS


def _or(column: pl.Series, otherwise: FloatArray) -> FloatArray:
    recorded = column.to_numpy()
    known: FloatArray = np.where(np.isfinite(recorded), recorded, otherwise)
    return known


def _listed(names: Sequence[str] | None) -> str:
    return "any symbol" if not names else ", ".join(list(names)[:5])
