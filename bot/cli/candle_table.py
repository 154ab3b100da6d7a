"""Read a user's candles from CSV or Parquet and refuse what is no series of candles."""

from pathlib import Path

import numpy as np
import polars as pl

from engine.domain.errors import InvalidCandles
from engine.smc.frame import CandleArrays

PRICES = ("open", "high", "low", "close")
TIMES = ("open_time", "open_time_ms", "time", "timestamp", "datetime", "date")
SUFFIXES = (".csv", ".parquet")
_TIME_FORMATS = (
    "%Y-%m-%d %H:%M:%S%.f%:z",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%d %H:%M",
    "%Y.%m.%d %H:%M:%S%.f",
    "%Y.%m.%d %H:%M",
    "%Y/%m/%d %H:%M:%S%.f",
    "%Y-%m-%d",
    "%Y.%m.%d",
)


def read_candles(file: Path, symbol: str | None = None) -> CandleArrays:
    """Return the candles of a file.

    Column names are taken in any case: open, high, low, close; optionally a time (checked to
    rise strictly), volume and quote_volume. Where only volume exists, quote volume is estimated
    as volume x mean of the four prices; without either it is 0.

    Args:
        file: CSV or Parquet, oldest row first; or a folder of them, read in the order of their
            names, which is that of their months.
        symbol: the series to take from a file with a `symbol` column.

    Raises:
        InvalidCandles: one line saying what is wrong, where, and what is allowed.
    """
    frame = _one_symbol(_lower_names(_read(file)), symbol)
    missing = [name for name in PRICES if name not in frame.columns]
    if missing:
        raise InvalidCandles(
            f"column {', '.join(missing)} is missing; the file has: {', '.join(frame.columns)}"
        )
    if frame.is_empty():
        raise InvalidCandles("the file has no candles")
    _check_times(frame)
    columns = {name: _numbers(frame, name) for name in PRICES}
    return CandleArrays(**columns, quote_volume=_quote_volume(frame, columns))


def _read(file: Path) -> pl.DataFrame:
    """Read the whole file, or every file of a folder."""
    if file.is_dir():
        return _folder(file)
    suffix = file.suffix.lower()
    if suffix not in SUFFIXES:
        raise InvalidCandles(f"{file.name} is no candle file, allowed are {', '.join(SUFFIXES)}")
    if not file.is_file():
        raise InvalidCandles(f"{file} does not exist")
    try:
        if suffix == ".parquet":
            return pl.read_parquet(file)
        return pl.read_csv(file, infer_schema_length=10_000)
    except pl.exceptions.NoDataError:
        raise InvalidCandles(f"{file.name} is empty") from None
    except (pl.exceptions.PolarsError, OSError) as error:
        first_line = (str(error).splitlines() or ["unknown reason"])[0]
        raise InvalidCandles(f"{file.name} cannot be read: {first_line}") from None


def _folder(folder: Path) -> pl.DataFrame:
    """Read the candle files of a folder as one."""
    files = sorted(one for one in folder.rglob("*") if one.suffix.lower() in SUFFIXES)
    if not files:
        raise InvalidCandles(f"no candle file in {folder}, allowed are {', '.join(SUFFIXES)}")
    frames = [_read(one) for one in files]
    try:
        return pl.concat(frames, how="vertical_relaxed")
    except pl.exceptions.PolarsError:
        raise InvalidCandles(f"the files in {folder} have different columns") from None


def _lower_names(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with lower-case names."""
    names = [name.strip().lower() for name in frame.columns]
    double = {name for name in names if names.count(name) > 1}
    if double & {*PRICES, *TIMES, "volume", "quote_volume", "symbol"}:
        raise InvalidCandles(f"column {', '.join(sorted(double))} appears twice")
    kept = [i for i, name in enumerate(names) if name not in double]
    return frame.select(pl.nth(i).alias(names[i]) for i in kept)


def _one_symbol(frame: pl.DataFrame, symbol: str | None) -> pl.DataFrame:
    """Return one symbol's rows."""
    if "symbol" not in frame.columns:
        if symbol is not None:
            raise InvalidCandles("--symbol was given, but the file has no symbol column")
        return frame
    known = sorted(map(str, frame["symbol"].unique().to_list()))
    if symbol is None:
        if len(known) <= 1:
            return frame
        shown = ", ".join(known[:8]) + (", ..." if len(known) > 8 else "")
        raise InvalidCandles(f"the file has {len(known)} symbols, name one by --symbol: {shown}")
    if symbol not in known:
        raise InvalidCandles(f"symbol {symbol} is not in the file, it has: {', '.join(known[:8])}")
    return frame.filter(pl.col("symbol") == symbol)


def _numbers(frame: pl.DataFrame, name: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return a column as finite float64."""
    column = frame[name]
    if column.dtype == pl.String:
        column = column.str.strip_chars()
    values = column.cast(pl.Float64, strict=False)
    bad = (values.is_null() | ~values.is_finite()).arg_true()
    if len(bad):
        row = bad[0]
        given = "empty" if column[row] is None else repr(column[row])
        raise InvalidCandles(f"row {row}: {name} is {given}, allowed are finite numbers")
    return values.to_numpy()


def _quote_volume(
    frame: pl.DataFrame, prices: dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]]
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return quote volume: given, estimated or 0."""
    for name in ("quote_volume", "volume"):
        if name in frame.columns and frame[name].null_count() == 0:
            volume = _numbers(frame, name)
            if name == "quote_volume":
                return volume
            return volume * (prices["open"] + prices["high"] + prices["low"] + prices["close"]) / 4
    return np.zeros(len(frame))


def _check_times(frame: pl.DataFrame) -> None:
    """Refuse a time column that does not rise strictly."""
    name = next((name for name in TIMES if name in frame.columns), None)
    if name is None:
        return
    times = frame[name]
    if times.dtype == pl.String:
        times = _parsed(times)
    if times.null_count():
        raise InvalidCandles(f"row {times.is_null().arg_true()[0]}: {name} is empty")
    wrong = (times.head(-1) >= times.tail(-1)).arg_true()
    if len(wrong):
        row = wrong[0] + 1
        relation = "repeats" if times[row] == times[row - 1] else "is earlier than"
        raise InvalidCandles(
            f"row {row}: {name} {frame[name][row]} {relation} the row before; "
            "rows must be sorted by time, oldest first, each once"
        )


def _parsed(times: pl.Series) -> pl.Series:
    """Return text as times, read by the first format that fits the first row."""
    plain = times.str.strip_chars().str.replace("T", " ", literal=True)
    plain = plain.str.replace(r"Z$", "+00:00")
    for form in _TIME_FORMATS:
        kind = pl.Datetime("us", "UTC") if form.endswith("z") else pl.Datetime("us")
        if plain.head(1).str.strptime(kind, form, strict=False).null_count() == 0:
            parsed = plain.str.strptime(kind, form, strict=False)
            bad = (parsed.is_null() & times.is_not_null()).arg_true()
            if len(bad):
                break
            return parsed
    else:
        bad = pl.Series([0])
    raise InvalidCandles(
        f"row {bad[0]}: {times.name} {times[bad[0]]!r} cannot be read, "
        "allowed are times like 2025-05-04 12:00:00, 2025.05.04 12:00 or epoch numbers"
    )
