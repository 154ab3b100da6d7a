"""What a recording is made of, apart from the files: `run` needs no table library to fill these."""

from dataclasses import dataclass
from typing import Any, NamedTuple

HOUR_MS = 3_600_000
FOLDER = "candles"
"""Name of the folder beside the database."""


class CandleRow(NamedTuple):
    """One closed candle as it reached the core; the fields are the file's columns."""

    symbol: str
    open_time: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    quote_volume: float
    trades: int
    run: int
    seq: int
    arrived_ms: int
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something beside candles that decides about signals: `kind` says what, `data` is JSON."""

    run: int
    seq: int
    at_ms: int
    kind: str
    data: dict[str, Any]
