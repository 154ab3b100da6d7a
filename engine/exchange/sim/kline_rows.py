"""Candles of one symbol at any interval, as the rows the klines endpoint returns."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from engine.exchange.sim.candle_book import History
from engine.exchange.sim.candle_columns import MINUTE_MS, taker_quote

INTERVAL_MINUTES: Final = {
    "1m": 1, "3m": 3, "5m": 5, "15m": 15, "30m": 30, "1h": 60,
    "2h": 120, "4h": 240, "6h": 360, "8h": 480, "12h": 720, "1d": 1440,
}  # fmt: skip
KlineRow = list[Any]


def joined(older: History, newer: History) -> History:
    """Two stretches of the same slot length, one after the other."""
    return History(
        *(np.concatenate((getattr(older, n), getattr(newer, n))) for n in History.__slots__)
    )


def merged(history: History, slots: int) -> History:
    """Merge candles into groups of ``slots`` aligned to the epoch.

    A slot without trades repeats an older price that nobody paid in this group, so such slots
    count only in groups in which nothing traded at all.
    """
    if slots == 1 or not len(history.slot):
        return history
    group = history.slot // slots
    labels, inverse = np.unique(group, return_inverse=True)
    group_trades = np.bincount(inverse, weights=history.trades)
    keep = (history.trades > 0) | (group_trades[inverse] == 0)
    starts = np.searchsorted(inverse[keep], np.arange(len(labels)))
    ends = np.append(starts[1:], np.count_nonzero(keep)) - 1
    return History(
        slot=labels,
        open=history.open[keep][starts],
        high=np.maximum.reduceat(history.high[keep], starts),
        low=np.minimum.reduceat(history.low[keep], starts),
        close=history.close[keep][ends],
        lots=np.add.reduceat(history.lots[keep], starts),
        taker_lots=np.add.reduceat(history.taker_lots[keep], starts),
        quote=np.add.reduceat(history.quote[keep], starts),
        trades=np.add.reduceat(history.trades[keep], starts),
    )


def cut(history: History, start: int | None, end: int | None, limit: int) -> History:
    """The candles the venue would answer with, slots ``start`` to ``end`` inclusive.

    With a start the oldest ``limit`` candles after it, without one the newest ``limit``.
    """
    low = 0 if start is None else int(np.searchsorted(history.slot, start))
    high = len(history.slot)
    if end is not None:
        high = int(np.searchsorted(history.slot, end, side="right"))
    if start is None:
        low = max(low, high - limit)
    part = slice(low, max(low, min(high, low + limit)))
    return History(*(getattr(history, name)[part] for name in History.__slots__))


def kline_rows(
    history: History,
    interval_minutes: int,
    tick: tuple[float, float],
    step: tuple[float, float],
    digits: tuple[int, int],
) -> list[KlineRow]:
    """Render the venue's rows ``[t, o, h, l, c, v, T, q, n, V, Q, "0"]``.

    Args:
        history: Candles whose slots are ``interval_minutes`` long.
        interval_minutes: Length of a slot.
        tick: Tick size as (units, power of ten), see `Scales`.
        step: Lot size in the same form.
        digits: Decimals of prices and of quantities.
    """
    span = interval_minutes * MINUTE_MS
    price, quantity = (f"%.{places}f" for places in digits)
    quote = f"%.{min(8, sum(digits))}f"
    opens = (history.slot * span).tolist()
    prices = [
        _texts(column * tick[0] / tick[1], price)
        for column in (history.open, history.high, history.low, history.close)
    ]
    taker = taker_quote(history.quote, history.taker_lots, history.lots)
    columns = zip(
        opens,
        *prices,
        _texts(history.lots * step[0] / step[1], quantity),
        _texts(history.quote, quote),
        history.trades.tolist(),
        _texts(history.taker_lots * step[0] / step[1], quantity),
        _texts(taker, quote),
        strict=True,
    )
    return [
        [t, o, h, low, c, v, t + span - 1, q, n, tv, tq, "0"]
        for t, o, h, low, c, v, q, n, tv, tq in columns
    ]


def _texts(values: npt.NDArray[np.floating], form: str) -> list[str]:
    return [form % value for value in values.tolist()]
