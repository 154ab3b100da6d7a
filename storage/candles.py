"""Candle files: Parquet with one row a symbol and minute, checked before anybody trusts it.

Columns: symbol, open_time (UTC, milliseconds), open, high, low, close, volume, and the nullable
quote_volume, trades, taker_buy_base, taker_buy_quote. Sorted by (symbol, open_time), unique.
"""

from collections.abc import Collection
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from engine.domain.errors import InvalidCandles
from storage.parquet import write_table

PRICES = ("open", "high", "low", "close")
SCHEMA: dict[str, pl.DataType] = {
    "symbol": pl.String(),
    "open_time": pl.Datetime("ms", "UTC"),
    "open": pl.Float64(),
    "high": pl.Float64(),
    "low": pl.Float64(),
    "close": pl.Float64(),
    "volume": pl.Float64(),
}
NULLABLE: dict[str, pl.DataType] = {
    "quote_volume": pl.Float64(),
    "trades": pl.Int64(),
    "taker_buy_base": pl.Float64(),
    "taker_buy_quote": pl.Float64(),
}
MINUTE_MS = 60_000
_ROW = "_row"
Check = tuple[str, str, pl.Expr]
"""Column, what is wrong with it, and which rows are."""


def read_candles(path: Path, *, symbols: Collection[str] | None = None) -> pl.DataFrame:
    """Return the candles of one file, every column of the schema present, checked.

    Args:
        path: a Parquet file.
        symbols: keep only these; None for all. The checks cover the rows kept.

    Raises:
        InvalidCandles: names the file, the column and the first bad row (0-based in the file).
    """
    frame = scan_candles(path)
    try:
        # Without row numbers the reader can skip what other symbols fill: 50 times faster.
        candles = _kept(frame, symbols).collect()
        _refuse_bad_rows(path, candles.with_row_index(_ROW))
    except InvalidCandles:
        _refuse_bad_rows(path, _kept(frame.with_row_index(_ROW), symbols).collect())
        raise
    except (PolarsError, OSError) as error:
        raise InvalidCandles(f"{path}: {first_line(error)}") from error
    return candles


def _kept(frame: pl.LazyFrame, symbols: Collection[str] | None) -> pl.LazyFrame:
    return frame if symbols is None else frame.filter(pl.col("symbol").is_in(list(symbols)))


def scan_candles(path: Path) -> pl.LazyFrame:
    """Return a file as a lazy frame with every column of the schema, its rows not yet checked.

    Raises:
        InvalidCandles: the file is missing, not Parquet, or lacks a column.
    """
    try:
        lazy = pl.scan_parquet(path)
        stored = lazy.collect_schema()
    except (PolarsError, OSError) as error:
        raise InvalidCandles(f"{path}: {first_line(error)}") from error
    missing = [name for name in SCHEMA if name not in stored]
    if missing:
        raise InvalidCandles(f"{path}: column {missing[0]} is missing; found {', '.join(stored)}")
    return lazy.select(
        *(_conformed(path, name, stored[name], kind) for name, kind in SCHEMA.items()),
        *(
            pl.col(name).cast(kind) if name in stored else pl.lit(None, dtype=kind).alias(name)
            for name, kind in NULLABLE.items()
        ),
    )


def write_candles(frame: pl.DataFrame, path: Path) -> None:
    """Write checked candles as Parquet (zstd); the file appears whole or not at all.

    Raises:
        InvalidCandles: the frame breaks the contract; nothing is written.
        OSError: it cannot be written.
    """
    missing = [name for name in SCHEMA if name not in frame.columns]
    if missing:
        raise InvalidCandles(f"{path}: column {missing[0]} is missing")
    _refuse_bad_rows(path, frame.with_row_index(_ROW))
    write_table(frame, path)


def quote_volume() -> pl.Expr:
    """Return the quote volume of a candle, estimated as volume × mean price where it is null."""
    mean = (pl.col("open") + pl.col("high") + pl.col("low") + pl.col("close")) / 4
    return pl.col("quote_volume").fill_null(pl.col("volume") * mean).alias("quote_volume")


def _conformed(path: Path, name: str, stored: pl.DataType, wanted: pl.DataType) -> pl.Expr:
    if name == "open_time" and not isinstance(stored, pl.Datetime):
        raise InvalidCandles(
            f"{path}: column open_time is {stored}, not a time; `import` reads numbers and text"
        )
    if name == "open_time" and isinstance(stored, pl.Datetime) and stored.time_zone is None:
        return pl.col(name).cast(pl.Datetime("ms")).dt.replace_time_zone("UTC")
    if name not in {"symbol", "open_time"} and not stored.is_numeric():
        raise InvalidCandles(f"{path}: column {name} is {stored}, not a number")
    return pl.col(name).cast(wanted)


def refuse_bad_values(path: Path, candles: pl.DataFrame) -> None:
    """Refuse rows that are no candles, whatever their order; for files that are not ours yet.

    Raises:
        InvalidCandles: names the file, the column and the first bad row (0-based).
    """
    _refuse(path, candles.with_row_index(_ROW), _value_checks(candles))


def _refuse_bad_rows(path: Path, candles: pl.DataFrame) -> None:
    previous = pl.col("open_time").shift(1)
    same_symbol = pl.col("symbol") == pl.col("symbol").shift(1)
    order: list[Check] = [
        ("open_time", "repeats", same_symbol & (pl.col("open_time") == previous)),
        ("open_time", "goes back", same_symbol & (pl.col("open_time") < previous)),
        ("symbol", "is not sorted", pl.col("symbol") < pl.col("symbol").shift(1)),
    ]
    _refuse(path, candles, _value_checks(candles) + order)


def _value_checks(candles: pl.DataFrame) -> list[Check]:
    checks: list[Check] = [
        (name, "is empty or not a finite number", ~pl.col(name).is_finite().fill_null(value=False))
        for name in (*PRICES, "volume")
    ]
    checks += [
        ("symbol", "is empty", pl.col("symbol").is_null()),
        ("open_time", "is empty", pl.col("open_time").is_null()),
        ("open_time", "is not a whole minute", pl.col("open_time").dt.epoch("ms") % MINUTE_MS != 0),
        *((name, "is not positive", pl.col(name) <= 0) for name in PRICES),
        ("volume", "is negative", pl.col("volume") < 0),
        ("quote_volume", "is negative or not a number", _bad_quote_volume(candles)),
        ("high", "is below the low", pl.col("high") < pl.col("low")),
        ("high", "is below open or close", pl.col("high") < pl.max_horizontal("open", "close")),
        ("low", "is above open or close", pl.col("low") > pl.min_horizontal("open", "close")),
    ]
    return checks


def _refuse(path: Path, candles: pl.DataFrame, checks: list[Check]) -> None:
    firsts = candles.select(
        (pl.col(_ROW).filter(bad).min()).alias(str(place))
        for place, (_, _, bad) in enumerate(checks)
    ).row(0)
    for (column, fault, _), row in zip(checks, firsts, strict=True):
        if row is not None:
            value = candles.filter(pl.col(_ROW) == row)[column][0]
            raise InvalidCandles(f"{path}: column {column}, row {row}: {value} {fault}")


def _bad_quote_volume(candles: pl.DataFrame) -> pl.Expr:
    if "quote_volume" not in candles.columns:
        return pl.lit(value=False)
    column = pl.col("quote_volume").cast(pl.Float64)
    return (column < 0) | ~column.is_finite()


def first_line(error: Exception) -> str:
    """Return what a library says of a file, without the plan of the query behind it."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
