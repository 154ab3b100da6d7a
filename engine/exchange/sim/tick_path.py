"""The trades of one minute in all symbols, prepared so that any instant of it is one lookup.

A minute is a fixed number of points. Everything a candle needs is accumulated once over the
points; revealing the minute up to some instant is then a gather, and how often or at which
instants somebody looks cannot change what the candle closes at.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from engine.exchange.sim.candle_columns import MINUTE_MS, TickCandles
from engine.exchange.sim.scales import BoolArray, FloatArray, IntArray

_Number = TypeVar("_Number", np.int64, np.float64)

HIDDEN = int(np.iinfo(np.int64).max)


@dataclass(frozen=True, slots=True)
class MinutePath:
    """Accumulated trades of one minute, arrays of shape (points + 1, symbols).

    Row 0 is the instant before the first point, row ``j`` the state after ``j`` points.

    Attributes:
        last: Last traded price in ticks; the previous close until something trades.
        high: Highest traded price so far in ticks; the previous close until something trades.
        low: Lowest traded price so far in ticks; the previous close until something trades.
        open: First traded price of the minute, shape (symbols,).
        lots: Lots traded so far.
        taker_lots: Lots bought by takers so far.
        quote: Quote volume so far.
        trades: Trades so far.
        taker_buys: Whether the latest trade lifted the ask.
        spread: Ask minus bid in ticks during this minute, shape (symbols,), at least 1.
    """

    last: IntArray
    high: IntArray
    low: IntArray
    open: IntArray
    lots: IntArray
    taker_lots: IntArray
    quote: FloatArray
    trades: IntArray
    taker_buys: BoolArray
    spread: IntArray

    @property
    def points(self) -> int:
        """Points in the minute."""
        return len(self.last) - 1

    def candles(self, revealed: IntArray) -> TickCandles:
        """The candles after ``revealed[i]`` points of symbol ``i`` (0 .. points)."""
        at = (revealed, np.arange(len(revealed)))
        trades = self.trades[at]
        last = self.last[at]
        return TickCandles(
            open=np.where(trades > 0, self.open, last),
            high=self.high[at],
            low=self.low[at],
            close=last,
            lots=self.lots[at],
            taker_lots=self.taker_lots[at],
            quote=self.quote[at],
            trades=trades,
        )

    def quotes(self, revealed: IntArray) -> tuple[IntArray, IntArray]:
        """Bid and ask in ticks after ``revealed`` points: the latest trade hit one of them."""
        at = (revealed, np.arange(len(revealed)))
        bid = np.maximum(self.last[at] - np.where(self.taker_buys[at], self.spread, 0), 1)
        return bid, bid + self.spread

    def traded_between(self, index: int, start: int, end: int) -> list[int]:
        """Prices in ticks of one symbol at the points after ``start`` up to ``end`` that traded."""
        grew = np.diff(self.trades[start : end + 1, index]) > 0
        prices: list[int] = self.last[start + 1 : end + 1, index][grew].tolist()
        return prices


@dataclass(frozen=True)
class MinuteTrades:
    """What trades at each point of a minute, arrays of shape (points, symbols).

    Prices and sides count only where ``trades`` is positive; lots and quote volume must be zero
    where it is not.

    Attributes:
        price: Price in ticks.
        lots: Lots traded at the point.
        taker_lots: Of them bought by takers.
        quote: Quote volume of the point.
        trades: Number of trades.
        taker_buys: Whether the latest trade of the point lifted the ask.
        close_before: Last price before the minute in ticks, shape (symbols,).
        buys_before: Side of the last trade before the minute, shape (symbols,).
        spread: Ask minus bid in ticks during the minute, shape (symbols,), at least 1.
        quote_total: Quote volume of the minute where it is known better than by adding up.
    """

    price: IntArray
    lots: IntArray
    taker_lots: IntArray
    quote: FloatArray
    trades: IntArray
    taker_buys: BoolArray
    close_before: IntArray
    buys_before: BoolArray
    spread: IntArray
    quote_total: FloatArray | None = None

    @cached_property
    def candles(self) -> TickCandles:
        """The finished candles; equal to those of the fully revealed `path`, only cheaper."""
        traded = self.trades > 0
        any_traded = traded.any(axis=0)
        symbols = np.arange(len(self.close_before))
        first = np.argmax(traded, axis=0)
        close = np.where(any_traded, self.price[self._last_point, symbols], self.close_before)
        high = np.where(traded, self.price, 0).max(axis=0)
        low = np.where(traded, self.price, HIDDEN).min(axis=0)
        total = self.quote.sum(axis=0) if self.quote_total is None else self.quote_total
        return TickCandles(
            open=np.where(any_traded, self.price[first, symbols], close),
            high=np.where(any_traded, high, close),
            low=np.where(any_traded, low, close),
            close=close,
            lots=self.lots.sum(axis=0),
            taker_lots=self.taker_lots.sum(axis=0),
            quote=total,
            trades=self.trades.sum(axis=0),
        )

    @cached_property
    def buys_after(self) -> BoolArray:
        """Side of the last trade at the end of the minute."""
        last = self.taker_buys[self._last_point, np.arange(len(self.close_before))]
        sides: BoolArray = np.where((self.trades > 0).any(axis=0), last, self.buys_before)
        return sides

    def path(self) -> MinutePath:
        """Everything accumulated over the points."""
        traded = self.trades > 0
        trades = _summed(self.trades)
        last = np.concatenate((self.close_before[None], self.price))
        taker_buys = np.concatenate((self.buys_before[None], self.taker_buys))
        for index, silent in enumerate(~traded):
            np.copyto(last[index + 1], last[index], where=silent)
            np.copyto(taker_buys[index + 1], taker_buys[index], where=silent)
        finished = self.candles
        quote = _summed(self.quote)
        quote[-1] = finished.quote
        return MinutePath(
            last=last,
            high=_extreme(np.maximum, np.where(traded, self.price, 0), last, trades),
            low=_extreme(np.minimum, np.where(traded, self.price, HIDDEN), last, trades),
            open=finished.open,
            lots=_summed(self.lots),
            taker_lots=_summed(self.taker_lots),
            quote=quote,
            trades=trades,
            taker_buys=taker_buys,
            spread=self.spread,
        )

    @cached_property
    def _last_point(self) -> IntArray:
        points = len(self.trades)
        last: IntArray = points - 1 - np.argmax(self.trades[::-1] > 0, axis=0)
        return last


def revealed_points(elapsed_ms: int, points: int, phases: FloatArray) -> IntArray:
    """Points behind us ``elapsed_ms`` into the minute (0 .. 60000), one count per symbol.

    Args:
        elapsed_ms: Time since the minute opened.
        points: Points in a minute.
        phases: Each symbol's offset in 0..1 of a point's duration, so that not all move at once.
    """
    if elapsed_ms >= MINUTE_MS:
        return np.full(len(phases), points)
    passed = np.floor(elapsed_ms * points / MINUTE_MS - phases).astype(np.int64) + 1
    return np.clip(passed, 0, points)


def split_whole(totals: IntArray, shares: FloatArray) -> IntArray:
    """Split whole totals (symbols,) over points by ``shares`` (points, symbols), sums exact.

    The shares need not add up to one; every column's parts add up to its total exactly.
    """
    edges = np.cumsum(shares, axis=0)
    whole = np.rint(edges / edges[-1] * totals).astype(np.int64)
    whole[-1] = totals
    parts: IntArray = np.diff(whole, axis=0, prepend=0)
    return parts


def _summed(parts: npt.NDArray[_Number]) -> npt.NDArray[_Number]:
    total = np.zeros((len(parts) + 1, parts.shape[1]), dtype=parts.dtype)
    np.cumsum(parts, axis=0, out=total[1:])
    return total


def _extreme(pick: np.ufunc, price: IntArray, last: IntArray, trades: IntArray) -> IntArray:
    """Running extreme of the traded prices; the last price until something trades."""
    result = last.copy()
    np.copyto(result[1:], pick.accumulate(price, axis=0), where=trades[1:] > 0)
    return result
