"""Block-bootstrapped copies of real candles, for load tests only.

A copy strings together random days of its original, each scaled to begin where the one before
ended. It has the texture of real minutes, and days that never followed each other, so nothing may
be learnt from it; its name says what it is.
"""

import hashlib
import zlib
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl

DAY_MS = 86_400_000
DAY_MINUTES = 1440
PRICES = ("open", "high", "low", "close")


class Original(Protocol):
    """A source to copy: what a `models.dataset.CandleSource` is, and it survives pickling."""

    @property
    def name(self) -> str:
        """How reports call it."""
        ...

    def symbols(self) -> tuple[str, ...]:
        """Return the symbols in order."""
        ...

    def candles(self, symbol: str) -> pl.DataFrame:
        """Return checked 1m candles."""
        ...

    def digest(self) -> str:
        """Return a digest of the content."""
        ...


@dataclass(frozen=True, slots=True)
class BootstrappedSource:
    """A copy of a source; one more `models.dataset.CandleSource`.

    Attributes:
        original: what is copied.
        number: of the copy; another number is another draw.
    """

    original: Original
    number: int

    @property
    def name(self) -> str:
        """Name of the original and that this is no original."""
        return f"{self.original.name}~bootstrapped{self.number}"

    def symbols(self) -> tuple[str, ...]:
        """Return the symbols of the original, marked."""
        return tuple(f"{symbol}~{self.number}" for symbol in self.original.symbols())

    def candles(self, symbol: str) -> pl.DataFrame:
        """Return whole random days of the original, as many as it has, without a hole."""
        real = symbol.rpartition("~")[0]
        chance = np.random.default_rng([self.number, zlib.crc32(f"{self.name}/{real}".encode())])
        return bootstrapped(self.original.candles(real), chance)

    def silence(self) -> pl.DataFrame:
        """Return no silence: days are drawn for each symbol, so no minute is common to all."""
        none = pl.Series([], dtype=pl.Datetime("ms", "UTC"))
        return pl.DataFrame({"open_time": none, "symbols": none.to_physical()}).with_columns(
            silent=pl.col("symbols")
        )

    def digest(self) -> str:
        """Return a digest of the original's and of the number."""
        return hashlib.sha256(f"{self.original.digest()}/{self.number}".encode()).hexdigest()


def bootstrapped(candles: pl.DataFrame, chance: np.random.Generator) -> pl.DataFrame:
    """Return as many random whole days as a series has, from its first day on.

    Args:
        candles: open_time, open, high, low, close, quote_volume.
        chance: which days.

    Returns:
        Candles with the same columns; none if the series has no whole day.
    """
    day = pl.col("open_time").dt.epoch("ms") // DAY_MS
    whole = candles.filter(pl.len().over(day) == DAY_MINUTES)
    days = len(whole) // DAY_MINUTES
    if not days:
        return candles.clear()
    drawn = chance.integers(days, size=days)
    rows = (drawn[:, None] * DAY_MINUTES + np.arange(DAY_MINUTES)).ravel()
    taken = whole[rows]
    opens = taken["open"].to_numpy().reshape(days, DAY_MINUTES)
    closes = taken["close"].to_numpy().reshape(days, DAY_MINUTES)
    # Each day begins at the close of the one before it, the first where it really did.
    steps = np.concatenate(([1.0], closes[:-1, -1] / opens[:-1, 0]))
    scale = np.repeat(opens[0, 0] * np.cumprod(steps) / opens[:, 0], DAY_MINUTES)
    first = int(whole["open_time"].dt.epoch("ms")[0])
    times = first + 60_000 * np.arange(len(taken), dtype=np.int64)
    return taken.with_columns(
        pl.Series("open_time", times).cast(pl.Datetime("ms", "UTC")),
        *(pl.col(name) * pl.Series(scale) for name in PRICES),
    )
