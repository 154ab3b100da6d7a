"""Every trade of a run as a list whose charts are drawn in the browser when asked for."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson

from bot.backtesting import Backtested
from engine.backtest.recorder import BacktestTrade
from engine.backtest.series import MINUTE_MS, SymbolSeries

MOST_TRADES = 3_000
"""Trades whose candles are put into the page; it stays below some ten megabytes."""
BEFORE, AFTER = 45, 15
MOST_CANDLES = 240
SCRIPT = Path(__file__).with_name("backtest_trades.js")


def trades_section(made: Backtested) -> str:
    """Return the HTML of the trade list of the main run, with its data and script."""
    trades = made.results[made.main].recorder.trades
    by_name = {one.symbol: one for one in made.series}
    rows = [trade_data(one, by_name[one.closed.symbol]) for one in trades[:MOST_TRADES]]
    left_out = len(trades) - len(rows)
    note = f"<p>{left_out} later trades are in the JSON only.</p>" if left_out else ""
    # "</" would end the script element early.
    data = orjson.dumps(rows).decode().replace("</", "<\\/")
    return (
        "<h2>Trades</h2>\n<p>Click a trade for its candles; click a column to sort.</p>\n"
        f'{note}<div id="trades"></div>\n'
        f'<script id="trade-data" type="application/json">{data}</script>\n'
        f"<script>\n{SCRIPT.read_text(encoding='utf-8')}</script>\n"
    )


def trade_data(trade: BacktestTrade, series: SymbolSeries) -> dict[str, Any]:
    """Return what the page needs of one trade: figures, levels, and candles as whole ticks."""
    closed, setup = trade.closed, trade.signal.setup
    first_ms, rows = _window(closed.opened_ms, closed.closed_ms, series)
    candles = series.candles
    scale = _scale(setup.entry)
    base = round(setup.entry * scale)
    columns = (candles.open, candles.high, candles.low, candles.close)
    return {
        "symbol": closed.symbol,
        "side": closed.direction.name.lower(),
        "tf": setup.timeframe.value,
        "opened": closed.opened_ms,
        "closed": closed.closed_ms,
        "score": round(trade.signal.score.value, 4),
        "reason": "end of data" if trade.end_of_data else closed.reason.value,
        "netR": round(closed.net_r, 3),
        "net": round(float(closed.net), 2),
        "fees": round(float(closed.fees), 2),
        "slip": round(float(trade.slippage), 2),
        "funding": round(float(closed.funding), 2),
        "qty": _text(closed.qty),
        "entry": float(closed.entry_price),
        "exit": float(closed.exit_price),
        "stop": setup.stop,
        "target": setup.target,
        "zone": [setup.zone_bottom, setup.zone_top],
        "first": first_ms,
        "scale": scale,
        "base": base,
        "candles": [[round(float(c[row]) * scale) - base for c in columns] for row in rows],
    }


def _window(opened_ms: int, closed_ms: int, series: SymbolSeries) -> tuple[int, list[int]]:
    """Return the first open time and the rows around a trade, the first minutes if it is long."""
    first = opened_ms - opened_ms % MINUTE_MS - BEFORE * MINUTE_MS
    last = min(closed_ms + AFTER * MINUTE_MS, first + MOST_CANDLES * MINUTE_MS)
    times = range(first, last + 1, MINUTE_MS)
    rows = [row for row in map(series.row_of, times) if row >= 0]
    return (int(series.open_ms[rows[0]]) if rows else first), rows


def _scale(price: float) -> float:
    """Return a power of ten that keeps six significant digits of a price as a whole number."""
    scale = 1.0
    while price * scale < 100_000:
        scale *= 10
    return scale


def _text(value: Decimal) -> str:
    return f"{value.normalize():f}"
