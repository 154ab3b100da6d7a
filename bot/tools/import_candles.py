"""The user's own candle files into months of Parquet, refused where they are no 1m candles."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from bot.tools.download.dumps import MINUTE_MS, Month
from engine.domain.errors import InvalidCandles
from storage.candles import NULLABLE, refuse_bad_values, write_candles

TIMES = ("open_time", "open_time_ms", "date", "time", "timestamp", "datetime")
REQUIRED = ("open", "high", "low", "close", "volume")
READERS: dict[str, Callable[[Path], pl.DataFrame]] = {
    ".csv": pl.read_csv,
    ".parquet": pl.read_parquet,
    ".feather": pl.read_ipc,
    ".ipc": pl.read_ipc,
}
_FREQTRADE = re.compile(r"^([A-Za-z0-9]+)_([A-Za-z0-9]+)(?:_[A-Za-z0-9]+)?-(\w+?)(?:-\w+)?$")
_OURS = re.compile(r"^([A-Z0-9]+)(?:-(\w+?)(?:-[\d-]+)?)?$")
_UNITS = ((10**17, "ns"), (10**14, "us"), (10**11, "ms"), (10**8, "s"))
"""Smallest plausible epoch number of each unit: 1973 in each of them."""


@dataclass(frozen=True, slots=True)
class Imported:
    """One symbol and month written."""

    symbol: str
    month: str
    rows: int
    path: Path


def import_files(files: Sequence[Path], folder: Path, symbol: str | None = None) -> list[Imported]:
    """Write the candles of files as DIR/SYMBOL/SYMBOL-1m-YYYY-MM.parquet.

    Nothing is written before everything was read, and no existing month is overwritten.

    Args:
        files: CSV, Parquet or Feather; freqtrade's file names tell the symbol.
        folder: where the months go.
        symbol: for files that tell none, neither by a column nor by name.

    Raises:
        InvalidCandles: the first fault with the file it is in.
    """
    frames = [read_file(file, symbol) for file in files]
    if not frames:
        raise InvalidCandles("no files were given")
    whole = pl.concat(frames).unique(maintain_order=True).sort("symbol", "open_time")
    double = whole.filter(pl.struct("symbol", "open_time").is_duplicated())
    if len(double):
        name, at = double["symbol"][0], double["open_time"][0]
        raise InvalidCandles(f"two different candles of {name} at {at}")
    parts = _months(whole, folder)
    existing = [path for path, _ in parts if path.exists()]
    if existing:
        raise InvalidCandles(f"{existing[0]} exists already; move it away or import elsewhere")
    for path, part in parts:
        write_candles(part, path)
    return [
        Imported(part["symbol"][0], path.stem.rsplit("1m-", 1)[-1], len(part), path)
        for path, part in parts
    ]


def read_file(file: Path, symbol: str | None = None) -> pl.DataFrame:
    """Return one file in the schema of `storage.candles`, its rows in the file's order.

    Raises:
        InvalidCandles: unreadable, empty, a column is missing, the symbol is unknown, a row is no
            candle, or the candles are not of one minute.
    """
    raw = _read(file)
    missing = [name for name in REQUIRED if name not in raw.columns]
    if missing:
        raise InvalidCandles(f"{file.name}: column {missing[0]} is missing; found {raw.columns}")
    named = [name for name in TIMES if name in raw.columns]
    if not named:
        raise InvalidCandles(f"{file.name}: no time column, allowed are {', '.join(TIMES)}")
    try:
        frame = raw.select(
            _symbol(file, raw, symbol),
            _utc(file, raw[named[0]]).alias("open_time"),
            *(pl.col(name).cast(pl.Float64) for name in REQUIRED),
            *(
                pl.col(name).cast(kind) if name in raw.columns else pl.lit(None, kind).alias(name)
                for name, kind in NULLABLE.items()
            ),
        )
    except PolarsError as error:
        raise InvalidCandles(f"{file.name}: {_first_line(error)}") from error
    if frame.is_empty():
        raise InvalidCandles(f"{file.name} has no candles")
    refuse_bad_values(Path(file.name), frame)
    _refuse_other_intervals(file, frame)
    return frame


def _read(file: Path) -> pl.DataFrame:
    reader = READERS.get(file.suffix.lower())
    if reader is None:
        allowed = ", ".join(READERS)
        raise InvalidCandles(f"{file.name} is no candle file, allowed are {allowed}")
    if not file.is_file():
        raise InvalidCandles(f"{file} does not exist")
    try:
        frame = reader(file)
    except (PolarsError, OSError) as error:
        raise InvalidCandles(f"{file.name} cannot be read: {_first_line(error)}") from error
    names = [name.strip().lower() for name in frame.columns]
    if len(set(names)) < len(names):
        raise InvalidCandles(f"{file.name}: two columns of one name among {names}")
    return frame.rename(dict(zip(frame.columns, names, strict=True)))


def _symbol(file: Path, raw: pl.DataFrame, given: str | None) -> pl.Expr:
    """Return the symbol: the column, the option, or the file's name."""
    if "symbol" in raw.columns:
        return pl.col("symbol").cast(pl.String)
    return pl.lit(given or symbol_of(file.stem)).alias("symbol")


def symbol_of(stem: str) -> str:
    """Return the symbol a file name tells: `BTC_USDT_USDT-1m-futures` or `BTCUSDT-1m-2025-05`.

    Raises:
        InvalidCandles: it tells none, or another interval than one minute.
    """
    found = _FREQTRADE.match(stem)
    name, interval = (found[1] + found[2], found[3]) if found else ("", None)
    if not found and (own := _OURS.match(stem)):
        name, interval = own[1], own[2]
    if not name:
        raise InvalidCandles(f"{stem}: the name tells no symbol, give it by --symbol")
    if interval not in {None, "1m"}:
        raise InvalidCandles(f"{stem}: candles of {interval}, allowed are 1m")
    return name.upper()


def _utc(file: Path, times: pl.Series) -> pl.Series:
    """Return times in UTC milliseconds; numbers are told apart by their size."""
    if times.dtype == pl.String:
        try:
            times = times.str.to_datetime(time_unit="ms", time_zone="UTC", strict=True)
        except PolarsError as error:
            raise InvalidCandles(f"{file.name}: column {times.name}: {error}") from error
    if isinstance(times.dtype, pl.Datetime):
        if times.dtype.time_zone is None:
            times = times.dt.replace_time_zone("UTC")
        return times.dt.convert_time_zone("UTC").cast(pl.Datetime("ms", "UTC"))
    if not times.dtype.is_numeric() or not len(times) or times.null_count():
        raise InvalidCandles(f"{file.name}: column {times.name} holds no times")
    numbers = times.cast(pl.Int64)
    least = int(numbers.min())  # type: ignore[arg-type]
    unit = next((name for limit, name in _UNITS if least >= limit), None)
    if unit is None:
        raise InvalidCandles(f"{file.name}: column {times.name} begins at {least}, no epoch time")
    per_ms = {"ns": 1_000_000, "us": 1_000, "ms": 1, "s": 1}[unit]
    ms = numbers * 1000 if unit == "s" else numbers // per_ms
    return ms.cast(pl.Datetime("ms", "UTC"))


def _refuse_other_intervals(file: Path, frame: pl.DataFrame) -> None:
    """Holes are allowed, a whole file of 5-minute candles is not."""
    steps = frame.sort("symbol", "open_time").select(
        pl.col("open_time").dt.epoch("ms").diff().over("symbol")
    )["open_time"]
    shortest = steps.drop_nulls().filter(steps.drop_nulls() > 0).min()
    if shortest is not None and shortest != MINUTE_MS:
        seconds = int(shortest) / 1000  # type: ignore[arg-type]
        raise InvalidCandles(f"{file.name}: candles are {seconds:g} s apart, allowed is 60 s")


def _months(whole: pl.DataFrame, folder: Path) -> list[tuple[Path, pl.DataFrame]]:
    keyed = whole.with_columns(_month=pl.col("open_time").dt.strftime("%Y-%m"))
    return [
        (
            folder / str(symbol) / f"{symbol}-1m-{Month.parse(str(month))}.parquet",
            part.drop("_month"),
        )
        for (symbol, month), part in keyed.group_by(["symbol", "_month"], maintain_order=True)
    ]


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
