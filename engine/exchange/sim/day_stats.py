"""Statistics of the last 24 hours of all symbols."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.exchange.sim.candle_book import CandleRing
from engine.exchange.sim.candle_columns import MINUTE_MS, TickCandles
from engine.exchange.sim.scales import FloatArray, IntArray, Scales

DAY_MINUTES = 1440


@dataclass(frozen=True, slots=True)
class TickerColumns:
    """The rolling 24-hour window of all symbols: 1439 closed minutes and the open one."""

    open_ms: int
    close_ms: int
    open: FloatArray
    high: FloatArray
    low: FloatArray
    last: FloatArray
    volume: FloatArray
    quote_volume: FloatArray
    weighted_average: FloatArray
    trades: IntArray
    first_id: IntArray
    last_id: IntArray


class DayStats:
    """Computes the window; its closed part is kept until the next minute closes."""

    def __init__(self, prices: Scales, quantities: Scales) -> None:
        self._prices = prices
        self._quantities = quantities
        self._slot = -1
        self._closed: TickCandles | None = None

    def columns(
        self, ring: CandleRing, current: TickCandles, last_id_before: IntArray, now_ms: int
    ) -> TickerColumns:
        """The window ending now.

        Args:
            ring: Closed 1-minute candles, at least one.
            current: Candles of the open minute.
            last_id_before: Trade ids at the end of the last closed minute.
            now_ms: Exchange time.
        """
        if self._closed is None or self._slot != ring.next_slot:
            self._closed = ring.merged(DAY_MINUTES - 1)
            self._slot = ring.next_slot
        past = self._closed
        active = current.trades > 0
        quiet = active & (past.trades == 0)
        volume = self._quantities.values(past.lots + current.lots)
        quote = past.quote + current.quote
        last = self._prices.values(current.close)
        trades = past.trades + current.trades
        last_id = last_id_before + current.trades
        high = np.where(active, np.maximum(past.high, current.high), past.high)
        low = np.where(active, np.minimum(past.low, current.low), past.low)
        return TickerColumns(
            open_ms=(ring.next_slot - DAY_MINUTES + 1) * MINUTE_MS,
            close_ms=now_ms,
            open=self._prices.values(np.where(quiet, current.open, past.open)),
            high=self._prices.values(np.where(quiet, current.high, high)),
            low=self._prices.values(np.where(quiet, current.low, low)),
            last=last,
            volume=volume,
            quote_volume=quote,
            weighted_average=np.where(volume > 0, quote / np.where(volume > 0, volume, 1), last),
            trades=trades,
            first_id=last_id - trades + 1,
            last_id=last_id,
        )
