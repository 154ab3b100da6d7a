"""Recorded minutes of one symbol, found by time."""

from bisect import bisect_right
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.domain.candle import Candle, Timeframe
from engine.domain.errors import InvalidCandles
from engine.smc.frame import CandleArrays
from engine.smc.resample import contiguous

MINUTE_MS = Timeframe.M1.ms
DAY_MINUTES = 1440
LEAST_MINUTES = 60
"""Minutes of history from which a day's volume is extrapolated; below it counts as 0."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Prices of one minute."""

    open: float
    high: float
    low: float
    close: float


@dataclass(slots=True)
class SymbolSeries:
    """One symbol's minutes, oldest first; holes are allowed and split it into segments.

    Attributes:
        symbol: the venue's spelling.
        open_ms: open times, strictly rising, on whole minutes.
        candles: the prices and quote volumes (USDT), one row a minute.
        segments: slices of rows without a hole between them.

    Raises:
        InvalidCandles: columns differ in length, are empty, or times do not strictly rise.
    """

    symbol: str
    open_ms: Ints
    candles: CandleArrays
    segments: list[slice] = field(init=False)
    _starts: list[int] = field(init=False)
    _columns: tuple[memoryview, ...] = field(init=False, repr=False, compare=False)
    _quote_sum: Floats = field(init=False)

    def __post_init__(self) -> None:
        if len(self.open_ms) != len(self.candles):
            raise InvalidCandles(f"{self.symbol}: columns differ in length")
        if len(self.open_ms) == 0:
            raise InvalidCandles(f"{self.symbol}: no candles")
        try:
            self.segments = contiguous(self.open_ms, Timeframe.M1)
        except InvalidCandles as error:
            raise InvalidCandles(f"{self.symbol}: {error}") from error
        self._starts = [int(self.open_ms[part.start]) for part in self.segments]
        # A view gives out Python's own numbers, several times faster than an array's scalars.
        self._columns = tuple(
            np.ascontiguousarray(column, dtype=np.float64).data
            for column in (
                self.candles.open,
                self.candles.high,
                self.candles.low,
                self.candles.close,
                self.candles.quote_volume,
            )
        )
        self._quote_sum = np.concatenate(([0.0], np.cumsum(self.candles.quote_volume)))

    def __len__(self) -> int:
        return len(self.open_ms)

    @property
    def first_ms(self) -> int:
        """Open time of the first minute."""
        return int(self.open_ms[0])

    @property
    def end_ms(self) -> int:
        """Close time (exclusive) of the last minute."""
        return int(self.open_ms[-1]) + MINUTE_MS

    def row_of(self, open_ms: int) -> int:
        """Return the row of the minute that opened then, -1 if it is not recorded."""
        at = bisect_right(self._starts, open_ms) - 1
        if at < 0:
            return -1
        part = self.segments[at]
        row = int(part.start) + (open_ms - self._starts[at]) // MINUTE_MS
        return row if row < part.stop else -1

    def close_before(self, open_ms: int) -> float | None:
        """Return the last close of a minute that had ended by then, None if there is none."""
        row = int(np.searchsorted(self.open_ms, open_ms)) - 1
        return self.close(row) if row >= 0 else None

    def close(self, row: int) -> float:
        """Return the close of a row."""
        close: float = self._columns[3][row]
        return close

    def bar(self, row: int) -> Bar:
        """Return the prices of a row."""
        open_, high, low, close, _ = self._columns
        return Bar(open=open_[row], high=high[row], low=low[row], close=close[row])

    def candle(self, row: int) -> Candle:
        """Return a row as the candle the core knows; its base volume is estimated."""
        open_, high, low, closes, quote = self._columns
        close, quote_volume = closes[row], quote[row]
        return Candle(
            symbol=self.symbol,
            open_time_ms=int(self.open_ms[row]),
            open=open_[row],
            high=high[row],
            low=low[row],
            close=close,
            volume=quote_volume / close,
            quote_volume=quote_volume,
        )

    def day_volume(self, at_ms: int) -> float:
        """Return the quote volume of the day before `at_ms`, from minutes closed by then.

        A shorter history is extrapolated to a day; holes count as minutes without volume.
        """
        return float(self.day_volumes(np.array([at_ms]))[0])

    def day_volumes(self, at_ms: Ints) -> Floats:
        """Return `day_volume` at each of these times."""
        first = np.maximum(self.first_ms, at_ms - DAY_MINUTES * MINUTE_MS)
        minutes = (at_ms - first) // MINUTE_MS
        low = np.searchsorted(self.open_ms, first)
        high = np.searchsorted(self.open_ms, at_ms - MINUTE_MS + 1)
        total = self._quote_sum[high] - self._quote_sum[low]
        volumes: Floats = total * DAY_MINUTES / np.maximum(minutes, 1)
        return np.where(minutes < LEAST_MINUTES, 0.0, volumes)
