"""Equity over time, put together from finished trades and the minutes they lived through."""

from collections.abc import Mapping, Sequence

import numpy as np

from engine.backtest.recorder import BacktestTrade
from engine.backtest.series import MINUTE_MS, SymbolSeries

Points = tuple[tuple[int, float], ...]


def equity_curve(
    trades: Sequence[BacktestTrade],
    series: Mapping[str, SymbolSeries],
    start_ms: int,
    end_ms: int,
    balance: float,
) -> Points:
    """Return (exchange ms, USDT) at the close of each minute in which equity changed.

    Open trades are valued at the minute's close without their costs; costs are booked with the
    end of the trade. The first point is the start.
    """
    minutes = max((end_ms - start_ms) // MINUTE_MS, 0) + 2
    booked = np.zeros(minutes)
    floating = np.zeros(minutes)
    for one in trades:
        closed = one.closed
        end = min((closed.closed_ms - start_ms) // MINUTE_MS + 1, minutes - 1)
        booked[end] += float(closed.net)
        for at, profit in _floating(one, series[closed.symbol], start_ms, end):
            floating[at] += profit
    equity = balance + np.cumsum(booked) + floating
    changed = np.flatnonzero(np.diff(equity, prepend=np.nan) != 0)
    moments = start_ms + changed * MINUTE_MS
    return tuple(zip(moments.tolist(), equity[changed].tolist(), strict=True))


def _floating(
    trade: BacktestTrade, series: SymbolSeries, start_ms: int, end: int
) -> list[tuple[int, float]]:
    """Return the unrealised profit at each minute boundary before the trade's end."""
    closed = trade.closed
    entry, size = float(closed.entry_price), float(closed.qty) * int(closed.direction)
    first = (closed.opened_ms - start_ms) // MINUTE_MS + 1
    price = entry
    found: list[tuple[int, float]] = []
    for at in range(first, end):
        row = series.row_of(start_ms + (at - 1) * MINUTE_MS)
        if row >= 0:
            price = series.close(row)
        found.append((at, (price - entry) * size))
    return found
