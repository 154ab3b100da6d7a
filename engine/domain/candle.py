"""One OHLCV interval of one instrument, and the intervals the engine knows."""

from dataclasses import dataclass
from enum import Enum


class Timeframe(Enum):
    """Candle interval; the value is the venue's spelling."""

    M1 = "1m"
    M5 = "5m"
    M15 = "15m"
    H1 = "1h"

    @property
    def ms(self) -> int:
        """Length in milliseconds."""
        return _LENGTH_MS[self]

    def opening(self, time_ms: int) -> int:
        """Return the open time of the interval that contains `time_ms`."""
        return time_ms - time_ms % self.ms


_LENGTH_MS = {
    Timeframe.M1: 60_000,
    Timeframe.M5: 300_000,
    Timeframe.M15: 900_000,
    Timeframe.H1: 3_600_000,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candle:
    """A closed 1-minute candle as the venue published it (or as continuity rebuilt it).

    Prices are float64 for analysis; volume is in base units, `quote_volume` in USDT.
    `first_trade_id` and `last_trade_id` are the venue's trade ids, -1 where the source
    has none (REST klines, minutes written flat).
    """

    symbol: str
    open_time_ms: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    quote_volume: float
    trades: int = 0
    first_trade_id: int = -1
    last_trade_id: int = -1

    @property
    def close_time_ms(self) -> int:
        """Exchange time at which the minute ended (exclusive)."""
        return self.open_time_ms + Timeframe.M1.ms


def flat_candle(symbol: str, open_time_ms: int, price: float) -> Candle:
    """Return the candle of a minute without a trade: all prices at the last close, no volume."""
    return Candle(
        symbol=symbol,
        open_time_ms=open_time_ms,
        open=price,
        high=price,
        low=price,
        close=price,
        volume=0.0,
        quote_volume=0.0,
    )
