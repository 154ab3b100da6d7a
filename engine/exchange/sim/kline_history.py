"""One symbol's candles of any interval out of the book, up to and including the open minute."""

from __future__ import annotations

import numpy as np

from engine.exchange.sim.candle_book import COARSE_MINUTES, CandleBook, History
from engine.exchange.sim.candle_columns import TickCandles
from engine.exchange.sim.kline_rows import joined, merged


def interval_history(
    book: CandleBook,
    symbol: int,
    current: TickCandles,
    minutes: int,
    start: int | None,
) -> History:
    """Candles ``minutes`` long, oldest first, the unfinished one last.

    Short intervals come from the 1-minute candles. Multiples of 15 minutes that reach further
    back take their past from the 15-minute candles.

    Args:
        book: Closed candles.
        symbol: Index of the symbol.
        current: Candles of the open minute.
        minutes: Length of the interval.
        start: First slot wanted (minute of the epoch divided by ``minutes``), None for all held.
    """
    listed = int(book.first_traded[symbol])
    if listed > book.fine.next_slot:
        listed = book.fine.next_slot
        if not current.trades[symbol]:
            return _with_open(book, symbol, current, listed).tail_from(listed + 1)
    wanted = max(start * minutes if start is not None else 0, listed)
    oldest = max(book.fine.oldest_slot, listed)
    if minutes % COARSE_MINUTES or wanted >= oldest:
        whole = oldest if oldest == listed else -(-oldest // minutes) * minutes
        fine = _with_open(book, symbol, current, max(whole, wanted // minutes * minutes))
        return merged(fine, minutes)
    past = book.coarse.history(symbol, wanted // COARSE_MINUTES)
    recent = _with_open(book, symbol, current, book.coarse.next_slot * COARSE_MINUTES)
    return merged(joined(past, merged(recent, COARSE_MINUTES)), minutes // COARSE_MINUTES)


def _with_open(book: CandleBook, symbol: int, current: TickCandles, start: int) -> History:
    """1-minute candles from minute ``start`` on with the open one at the end."""
    closed = book.fine.history(symbol, start)
    values = (
        book.fine.next_slot, current.open[symbol], current.high[symbol], current.low[symbol],
        current.close[symbol], current.lots[symbol], current.taker_lots[symbol],
        current.quote[symbol], current.trades[symbol],
    )  # fmt: skip
    return joined(closed, History(*(np.array([value]) for value in values)))
