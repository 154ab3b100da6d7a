"""Bounded window of closed 1-minute candles in compact arrays.

Six columns of eight bytes: 500 candles of 530 symbols stay below 13 MB. Times are not kept, since
every candle opens a minute after the one before it.
"""

from array import array
from collections.abc import Iterator

from engine.domain.candle import Candle, Timeframe

_COLUMNS = 6
_ROW = 8 * _COLUMNS
_MINUTE_MS = Timeframe.M1.ms


class Series:
    """The newest `capacity` candles of one symbol, without gap and without duplicate.

    The buffer is allocated once; `append` overwrites the oldest row.
    """

    __slots__ = ("_capacity", "_count", "_last_ms", "_next", "_rows", "symbol")

    def __init__(self, symbol: str, capacity: int = 500) -> None:
        if capacity < 1:
            raise ValueError(f"{symbol}: a series needs at least one candle, not {capacity}")
        self.symbol = symbol
        self._capacity = capacity
        self._rows = array("d", bytes(_ROW * capacity))
        self._next = 0
        self._count = 0
        self._last_ms = -1

    def __len__(self) -> int:
        return self._count

    @property
    def last_open_time_ms(self) -> int:
        """Open time of the newest candle, -1 when empty."""
        return self._last_ms

    def closes_at(
        self, open_time_ms: int, short: int, long: int
    ) -> tuple[float | None, float | None, float | None]:
        """Return the close of the candle that opened then and those of two candles before it.

        Args:
            open_time_ms: of the candle.
            short: how many candles before it the second close lies.
            long: and the third.

        Returns:
            Each None where it is not in the window; all None where the candle is not.
        """
        back = (self._last_ms - open_time_ms) // _MINUTE_MS
        count = self._count
        if back < 0 or back >= count:
            return None, None, None
        rows, capacity, at = self._rows, self._capacity, self._next - 1 - back
        return (
            rows[at % capacity * _COLUMNS + 3],
            rows[(at - short) % capacity * _COLUMNS + 3] if back + short < count else None,
            rows[(at - long) % capacity * _COLUMNS + 3] if back + long < count else None,
        )

    def follows(self, open_time_ms: int) -> bool:
        """Return whether a candle opening then continues the series without a gap."""
        return self._last_ms < 0 or open_time_ms == self._last_ms + Timeframe.M1.ms

    def append(self, candle: Candle) -> None:
        """Add the next candle; the caller has checked that it `follows`."""
        at = self._next
        row = at * _COLUMNS
        rows = self._rows
        self._last_ms = candle.open_time_ms
        rows[row] = candle.open
        rows[row + 1] = candle.high
        rows[row + 2] = candle.low
        rows[row + 3] = candle.close
        rows[row + 4] = candle.volume
        rows[row + 5] = candle.quote_volume
        self._next = at + 1 if at + 1 < self._capacity else 0
        if self._count < self._capacity:
            self._count += 1

    def clear(self) -> None:
        """Forget everything; used when a gap makes the window worthless."""
        self._next = self._count = 0
        self._last_ms = -1

    def last(self, n: int) -> tuple[Candle, ...]:
        """Return the newest `n` candles, oldest first."""
        return tuple(self._window(min(max(n, 0), self._count)))

    def _window(self, n: int) -> Iterator[Candle]:
        for back in range(n, 0, -1):
            at = (self._next - back) % self._capacity
            row = at * _COLUMNS
            yield Candle(
                symbol=self.symbol,
                open_time_ms=self._last_ms - (back - 1) * _MINUTE_MS,
                open=self._rows[row],
                high=self._rows[row + 1],
                low=self._rows[row + 2],
                close=self._rows[row + 3],
                volume=self._rows[row + 4],
                quote_volume=self._rows[row + 5],
            )
