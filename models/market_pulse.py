"""The cross-section of a data set: every symbol's pulse on disk, added up when rows are loaded.

A symbol's part must not depend on other symbols, so it carries beside its rows what it adds to the
market. The sum is a table of the minutes of its source, made of integers: equal whoever made the
parts and in whatever order they are read.
"""

import io
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from engine.smc.market_table import MarketTable, Pulse, pulse_of

_SOURCE, _SYMBOL = "smcbot.source", "smcbot.symbol"
_FIELDS = ("open_ms", "short", "long")


class StoredPulse(NamedTuple):
    """A pulse and whose it is."""

    source: str
    symbol: str
    pulse: Pulse


def packed_pulse(candles: pl.DataFrame, source: str, symbol: str) -> bytes:
    """Return the pulse of a symbol's minutes as the bytes of a file."""
    times = candles["open_time"].dt.epoch("ms").to_numpy()
    pulse = pulse_of(times, candles["close"].to_numpy())
    packed = io.BytesIO()
    frame = pl.DataFrame(dict(zip(_FIELDS, pulse, strict=True)))
    frame.write_parquet(packed, compression="lz4", metadata={_SOURCE: source, _SYMBOL: symbol})
    return packed.getvalue()


def read_pulse(file: Path) -> StoredPulse:
    """Return the pulse that `packed_pulse` made."""
    whose = pl.read_parquet_metadata(file)
    frame = pl.read_parquet(file)
    pulse = Pulse(*(frame[name].to_numpy() for name in _FIELDS))
    return StoredPulse(whose[_SOURCE], whose[_SYMBOL], pulse)


def market_tables(files: Iterable[Path]) -> dict[str, MarketTable]:
    """Return the market of every source; memory is that of the minutes, not of the symbols."""
    tables: dict[str, MarketTable] = {}
    for file in files:
        source, symbol, pulse = read_pulse(file)
        tables.setdefault(source, MarketTable()).add(symbol, pulse)
    return tables


def with_market(rows: pl.DataFrame, pulse: Pulse, table: MarketTable) -> pl.DataFrame:
    """Return setups of one symbol with the columns `models.feature_table.MARKET_COLUMNS`.

    Args:
        rows: has `proved_at_ms`.
        pulse: of the symbol.
        table: of its source.
    """
    columns = table.columns(pulse, rows["proved_at_ms"].to_numpy().astype(np.int64))
    return rows.hstack(pl.DataFrame(columns).with_columns(pl.all().fill_nan(None)))
