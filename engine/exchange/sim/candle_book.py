"""Bounded candle history of all symbols in ticks and lots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from engine.exchange.sim.candle_columns import TickCandles
from engine.exchange.sim.scales import FloatArray, IntArray

FINE_CAPACITY: Final = 1500
COARSE_MINUTES: Final = 15
COARSE_CAPACITY: Final = 512
NEVER: Final = int(np.iinfo(np.int64).max)


@dataclass(frozen=True, slots=True)
class History:
    """Candles of one symbol, oldest first; ``slot`` is open time divided by the slot length."""

    slot: IntArray
    open: IntArray
    high: IntArray
    low: IntArray
    close: IntArray
    lots: IntArray
    taker_lots: IntArray
    quote: FloatArray
    trades: IntArray

    def tail_from(self, slot: int) -> History:
        """The part from ``slot`` on."""
        start = int(np.searchsorted(self.slot, slot))
        return History(*(getattr(self, name)[start:] for name in self.__slots__))


class CandleRing:
    """The latest ``capacity`` candles of every symbol, one row of columns per slot of time."""

    def __init__(self, symbols: int, capacity: int, first_slot: int) -> None:
        self.capacity = capacity
        self.next_slot = first_slot
        self._first_slot = first_slot
        shape = (capacity, symbols)
        # Prices fit 32 bits (scales.MAX_TICKS); this halves the largest block of memory.
        self._prices = np.zeros((4, *shape), dtype=np.int32)
        self._lots = np.zeros((2, *shape), dtype=np.int64)
        self._quote = np.zeros(shape, dtype=np.float64)
        self._trades = np.zeros(shape, dtype=np.int32)

    @property
    def oldest_slot(self) -> int:
        """First slot still held."""
        return max(self._first_slot, self.next_slot - self.capacity)

    def append(self, candles: TickCandles) -> None:
        """Add the candles of ``next_slot``, overwriting the oldest ones."""
        row = self.next_slot % self.capacity
        for column, values in enumerate((candles.open, candles.high, candles.low, candles.close)):
            self._prices[column, row] = values
        self._lots[0, row] = candles.lots
        self._lots[1, row] = candles.taker_lots
        self._quote[row] = candles.quote
        self._trades[row] = candles.trades
        self.next_slot += 1

    def history(self, symbol: int, start_slot: int) -> History:
        """Candles of one symbol from ``start_slot`` (or the oldest held) to the newest."""
        slots = np.arange(max(start_slot, self.oldest_slot), self.next_slot)
        rows = slots % self.capacity
        prices = self._prices[:, rows, symbol].astype(np.int64)
        lots = self._lots[:, rows, symbol]
        opened, high, low, close = prices
        return History(
            slot=slots,
            open=opened,
            high=high,
            low=low,
            close=close,
            lots=lots[0],
            taker_lots=lots[1],
            quote=self._quote[rows, symbol],
            trades=self._trades[rows, symbol].astype(np.int64),
        )

    def merged(self, slots: int) -> TickCandles:
        """All symbols' candles merged over the newest ``slots`` (fewer if fewer are held)."""
        rows = np.arange(max(self.next_slot - slots, self.oldest_slot), self.next_slot)
        rows %= self.capacity
        trades = self._trades[rows]
        opened, high, low, close = self._prices
        last = close[rows[-1]].astype(np.int64)
        first = np.argmax(trades > 0, axis=0)
        symbols = np.arange(trades.shape[1])
        return TickCandles(
            open=opened[rows[first], symbols].astype(np.int64),
            high=_over_traded(np.maximum, high[rows], trades, last),
            low=_over_traded(np.minimum, low[rows], trades, last),
            close=last,
            lots=self._lots[0, rows].sum(axis=0),
            taker_lots=self._lots[1, rows].sum(axis=0),
            quote=self._quote[rows].sum(axis=0),
            trades=trades.sum(axis=0, dtype=np.int64),
        )


class CandleBook:
    """Two rings: recent 1-minute candles, and 15-minute ones that reach further back."""

    def __init__(
        self,
        symbols: int,
        first_minute: int,
        fine_capacity: int = FINE_CAPACITY,
        coarse_capacity: int = COARSE_CAPACITY,
    ) -> None:
        self.fine = CandleRing(symbols, fine_capacity, first_minute)
        first_block = -(-first_minute // COARSE_MINUTES)
        self.coarse = CandleRing(symbols, coarse_capacity, first_block)
        self.first_traded = np.full(symbols, NEVER, dtype=np.int64)

    def append(self, candles: TickCandles) -> None:
        """Add the next minute; every 15th closes a coarse candle too."""
        minute = self.fine.next_slot
        self.fine.append(candles)
        np.minimum(self.first_traded, minute, out=self.first_traded, where=candles.trades > 0)
        block, rest = divmod(minute + 1, COARSE_MINUTES)
        if rest == 0 and block > self.coarse.next_slot:
            self.coarse.append(self.fine.merged(COARSE_MINUTES))


def _over_traded(
    pick: np.ufunc, prices: npt.NDArray[np.int32], trades: npt.NDArray[np.int32], last: IntArray
) -> IntArray:
    """Extreme over the candles that traded; the last price of symbols that never did."""
    fill = np.int32(0) if pick is np.maximum else np.iinfo(np.int32).max
    extreme = pick.reduce(np.where(trades > 0, prices, fill), axis=0)
    result: IntArray = np.where((trades > 0).any(axis=0), extreme, last)
    return result
