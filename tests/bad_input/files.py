"""Candle files as users really have them: damaged, mislabelled, cut off, odd."""

from collections.abc import Callable
from pathlib import Path

import polars as pl

from tests.engine.backtest.markets import wandering

MINUTES = 900
Damage = Callable[[pl.DataFrame], pl.DataFrame]


def good(minutes: int = MINUTES, symbol: str = "AAAUSDT", seed: int = 3) -> pl.DataFrame:
    """Return candles without fault."""
    one = wandering(seed=seed, minutes=minutes, symbol=symbol)
    candles = one.candles
    return pl.DataFrame(
        {
            "symbol": [symbol] * len(one),
            "open_time": pl.Series(one.open_ms).cast(pl.Datetime("ms", "UTC")),
            "open": candles.open,
            "high": candles.high,
            "low": candles.low,
            "close": candles.close,
            "volume": candles.quote_volume / candles.close,
            "quote_volume": candles.quote_volume,
        }
    )


def at_row(row: int, **values: object) -> Damage:
    """Return a damage that writes values into one row."""

    def damage(frame: pl.DataFrame) -> pl.DataFrame:
        chosen = pl.int_range(pl.len()) == row
        return frame.with_columns(
            pl.when(chosen).then(pl.lit(value)).otherwise(pl.col(name)).alias(name)
            for name, value in values.items()
        )

    return damage


def epoch(unit: str) -> Damage:
    """Return a damage that writes times as whole numbers of a unit."""

    def damage(frame: pl.DataFrame) -> pl.DataFrame:
        ms = pl.col("open_time").dt.epoch("ms")
        number = {"s": ms // 1000, "ms": ms, "us": ms * 1000}[unit]
        return frame.with_columns(number.alias("open_time"))

    return damage


def flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Let nothing trade for two hours."""
    quiet = pl.int_range(pl.len()).is_between(300, 420)
    price = pl.lit(100.0)
    return frame.with_columns(
        *(
            pl.when(quiet).then(price).otherwise(pl.col(name)).alias(name)
            for name in ("open", "high", "low", "close")
        ),
        *(
            pl.when(quiet).then(0.0).otherwise(pl.col(name)).alias(name)
            for name in ("volume", "quote_volume")
        ),
    )


DAMAGES: dict[str, tuple[Damage, str]] = {
    "repeated row": (lambda f: pl.concat([f[:50], f[49:]]), "repeats"),
    "unsorted rows": (lambda f: pl.concat([f[500:], f[:500]]), "goes back"),
    "prices in strings": (lambda f: f.with_columns(pl.col("close").cast(pl.String)), "close"),
    "negative price": (at_row(7, low=-1.0), "low, row 7: -1.0 is not positive"),
    "zero price": (at_row(7, low=0.0), "low, row 7: 0.0 is not positive"),
    "price that is not a number": (at_row(7, high=float("nan")), "high, row 7"),
    "infinite price": (at_row(7, high=float("inf")), "high, row 7"),
    "empty price": (at_row(7, high=None), "high, row 7"),
    "negative volume": (at_row(7, volume=-3.0), "volume, row 7: -3.0 is negative"),
    "high below low": (at_row(7, high=1.0), "row 7"),
    "times in seconds": (epoch("s"), "open_time"),
    "times in milliseconds as numbers": (epoch("ms"), "open_time"),
    "times in microseconds as numbers": (epoch("us"), "open_time"),
    "times between the minutes": (
        lambda f: f.with_columns(pl.col("open_time").dt.offset_by("7s")),
        "is not a whole minute",
    ),
    "no symbol column": (lambda f: f.drop("symbol"), "column symbol is missing"),
    "no close column": (lambda f: f.drop("close"), "column close is missing"),
    "no rows": (lambda f: f.clear(), "no candles"),
}
"""What is done to good candles, and what the refusal must say."""

BROKEN: dict[str, Callable[[Path], Path]] = {}
"""Writers of files that are no Parquet at all; each returns what is given to the verb."""


def broken(write: Callable[[Path], Path]) -> Callable[[Path], Path]:
    """Register a writer."""
    BROKEN[write.__name__.replace("_", " ")] = write
    return write


@broken
def empty_file(folder: Path) -> Path:
    """Write nothing."""
    path = folder / "candles.parquet"
    path.touch()
    return path


@broken
def text_named_parquet(folder: Path) -> Path:
    """Write CSV under a wrong name."""
    path = folder / "candles.parquet"
    good().write_csv(path)
    return path


@broken
def truncated_parquet(folder: Path) -> Path:
    """Cut the end off, as an interrupted copy does."""
    path = folder / "candles.parquet"
    good().write_parquet(path)
    path.write_bytes(path.read_bytes()[:-200])
    return path


@broken
def parquet_damaged_inside(folder: Path) -> Path:
    """Overwrite bytes in the middle."""
    path = folder / "candles.parquet"
    good().write_parquet(path)
    content = bytearray(path.read_bytes())
    content[200:4_000] = b"x" * 3_800
    path.write_bytes(content)
    return path


@broken
def missing_file(folder: Path) -> Path:
    """Write nothing at all."""
    return folder / "candles.parquet"


@broken
def folder_without_candles(folder: Path) -> Path:
    """Leave only a note."""
    path = folder / "candles"
    path.mkdir()
    (path / "readme.txt").write_text("later")
    return path
