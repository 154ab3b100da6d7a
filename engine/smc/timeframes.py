"""Candles of longer timeframes, built from closed 1-minute candles as they arrive."""

from typing import NamedTuple

from engine.domain.candle import Timeframe
from engine.domain.errors import InvalidCandles


class BuiltCandle(NamedTuple):
    """A complete candle; the fields are the arguments of `Detector.step`, in order."""

    open_time_ms: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    quote_volume: float


class TimeframeBuilder:
    """Builds one symbol's candles of one timeframe, aligned to the exchange's clock.

    A candle is given out at the close of its last minute and only if every one of its minutes
    was seen; a hole makes it vanish, because half a candle would show false highs and lows.

    Args:
        timeframe: a multiple of the minute, longer than it.

    Raises:
        ValueError: `timeframe` is the minute itself.
    """

    __slots__ = ("_candle", "_last_ms", "_minutes", "_seen", "_timeframe")

    def __init__(self, timeframe: Timeframe) -> None:
        if timeframe is Timeframe.M1:
            raise ValueError("1m candles are not built, allowed are 5m, 15m and 1h")
        self._timeframe = timeframe
        self._minutes = timeframe.ms // Timeframe.M1.ms
        self._candle: BuiltCandle | None = None
        self._seen = 0
        self._last_ms: int | None = None

    def add(
        self,
        open_time_ms: int,
        open_: float,
        high: float,
        low: float,
        close: float,
        volume: float,
        quote_volume: float,
    ) -> BuiltCandle | None:
        """Take in a closed minute and return the candle it completes, if it does.

        Args:
            open_time_ms: open time of the minute, later than the one before.
            open_: open price.
            high: high price.
            low: low price.
            close: close price.
            volume: base volume.
            quote_volume: quote volume.

        Raises:
            InvalidCandles: the minute is not later than the last one, or not on a minute.
        """
        if open_time_ms % Timeframe.M1.ms:
            raise InvalidCandles(f"minute at {open_time_ms} does not begin on a minute")
        if self._last_ms is not None and open_time_ms <= self._last_ms:
            raise InvalidCandles(f"minute at {open_time_ms} is not later than {self._last_ms}")
        self._last_ms = open_time_ms
        opening = self._timeframe.opening(open_time_ms)
        minute = BuiltCandle(opening, open_, high, low, close, volume, quote_volume)
        candle = self._candle
        if candle is None or candle.open_time_ms != opening:
            self._candle, self._seen = minute, 1
        else:
            self._candle, self._seen = _joined(candle, minute), self._seen + 1
        ends_it = open_time_ms + Timeframe.M1.ms == opening + self._timeframe.ms
        return self._candle if ends_it and self._seen == self._minutes else None


def _joined(candle: BuiltCandle, minute: BuiltCandle) -> BuiltCandle:
    """Return the candle extended by a later minute."""
    return BuiltCandle(
        open_time_ms=candle.open_time_ms,
        open=candle.open,
        high=max(candle.high, minute.high),
        low=min(candle.low, minute.low),
        close=minute.close,
        volume=candle.volume + minute.volume,
        quote_volume=candle.quote_volume + minute.quote_volume,
    )
