"""Funding-rate files: Parquet with symbol, funding_time (UTC) and funding_rate."""

from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from polars.exceptions import PolarsError

from engine.domain.errors import InvalidCandles

COLUMNS = ("symbol", "funding_time", "funding_rate")
Rates = tuple[NDArray[np.int64], NDArray[np.float64]]


def read_funding(path: Path) -> dict[str, Rates]:
    """Return times (Unix ms, rising strictly) and rates (share of the notional) by symbol.

    Raises:
        InvalidCandles: names the file and the fault.
    """
    try:
        frame = pl.read_parquet(path)
    except (PolarsError, OSError) as error:
        raise InvalidCandles(f"{path}: {(str(error).splitlines() or ['unreadable'])[0]}") from error
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise InvalidCandles(f"{path}: column {missing[0]} is missing")
    if not isinstance(frame.schema["funding_time"], pl.Datetime):
        raise InvalidCandles(f"{path}: column funding_time is not a time")
    rates = frame["funding_rate"].cast(pl.Float64, strict=False)
    if not rates.is_finite().fill_null(value=False).all():
        raise InvalidCandles(f"{path}: column funding_rate has empty or not finite values")
    ordered = frame.sort("symbol", "funding_time").unique(
        ["symbol", "funding_time"], keep="first", maintain_order=True
    )
    return {
        str(symbol): (
            part["funding_time"].dt.epoch("ms").to_numpy(),
            part["funding_rate"].cast(pl.Float64).to_numpy(),
        )
        for (symbol,), part in ordered.group_by(["symbol"], maintain_order=True)
    }
