"""One symbol of one source as a piece of work, and its finished rows as a file."""

import io
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Protocol

import orjson
import polars as pl
from polars.exceptions import PolarsError
from typing_extensions import override

from models.dataset_rules import Counts, DatasetRules
from models.labels import FundingHistory
from models.market_pulse import packed_pulse
from models.silence import Stretch, is_untraded, outside
from models.symbol_rows import rows_of

_COUNTS = "smcbot.counts"


class Candles(Protocol):
    """Whoever has the candles of a symbol."""

    def candles(self, symbol: str) -> pl.DataFrame:
        """Return checked 1m candles: open_time, open, high, low, close, quote_volume."""
        ...


@dataclass(frozen=True, slots=True)
class Shipped:
    """Candles as bytes, for workers that do not see the files."""

    arrow: bytes

    def candles(self, symbol: str) -> pl.DataFrame:
        """Return the candles that were sent."""
        return pl.read_ipc(io.BytesIO(self.arrow))


@dataclass(frozen=True, slots=True, kw_only=True)
class PartTask:
    """What a worker needs to make a part.

    Attributes:
        source: name of the source.
        symbol: the symbol.
        rules: how rows are made.
        candles: who has the candles.
        holes: stretches of the source that are taken out.
        funding: rates of the symbol.
    """

    source: str
    symbol: str
    rules: DatasetRules
    candles: Candles
    holes: tuple[Stretch, ...]
    funding: FundingHistory

    @override
    def __str__(self) -> str:
        return f"{self.source} {self.symbol}"


def shipped(task: PartTask) -> PartTask:
    """Return the task with its candles in it."""
    packed = io.BytesIO()
    task.candles.candles(task.symbol).write_ipc(packed, compression="lz4")
    return replace(task, candles=Shipped(packed.getvalue()))


@dataclass(frozen=True, slots=True)
class Made:
    """A finished part as bytes of files."""

    rows: bytes
    pulse: bytes


def make_part(task: PartTask) -> Made:
    """Return the rows of one symbol, with their counts in the file.

    Raises:
        InvalidCandles: the candles break their contract.
    """
    counts = Counts()
    candles = _usable(task, counts)
    rows = rows_of(candles, task.symbol, task.source, task.rules, counts, funding=task.funding)
    packed = io.BytesIO()
    rows.write_parquet(packed, metadata={_COUNTS: orjson.dumps(asdict(counts)).decode()})
    return Made(packed.getvalue(), packed_pulse(candles, task.source, task.symbol))


def _usable(task: PartTask, counts: Counts) -> pl.DataFrame:
    """Return the candles without what is recorded silence."""
    candles = task.candles.candles(task.symbol)
    kept = outside(candles["open_time"].dt.epoch("ms").to_numpy(), task.holes)
    counts.masked = len(kept) - int(kept.sum())
    if counts.masked:
        candles = candles.filter(pl.Series(kept))
    if is_untraded(candles, task.rules.silence):
        counts.dropped = 1
        return candles.clear()
    return candles


@dataclass(frozen=True, slots=True)
class Part:
    """Where the rows of one symbol of one source are, or will be.

    Attributes:
        folder: of all parts.
        key: digest of all that the part follows from.
    """

    folder: Path
    key: str

    @property
    def rows(self) -> Path:
        """The file of the rows."""
        return self.folder / f"{self.key}.rows.parquet"

    @property
    def pulse(self) -> Path:
        """The file of what the symbol adds to its source's market."""
        return self.folder / f"{self.key}.pulse.parquet"

    def is_made(self) -> bool:
        """Return whether the part is there and whole."""
        try:
            self.counts()
        except (OSError, PolarsError, KeyError, TypeError, ValueError):
            return False
        return self.pulse.is_file()

    def keep(self, made: Made) -> None:
        """Write the part; its files appear whole or not at all, the rows last."""
        _write(self.pulse, made.pulse)
        _write(self.rows, made.rows)

    def counts(self) -> Counts:
        """Return what was seen and left out; it stands at the end of the file."""
        return Counts(**orjson.loads(pl.read_parquet_metadata(self.rows)[_COUNTS]))


def _write(file: Path, content: bytes) -> None:
    partial = file.with_name(f"{file.name}.{os.getpid()}.partial")
    try:
        partial.write_bytes(content)
        partial.replace(file)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
