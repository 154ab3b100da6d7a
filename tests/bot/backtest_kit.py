"""Candle files and a finished backtest for tests of the front."""

from pathlib import Path

import polars as pl

from bot.backtesting import Backtested, BacktestOrder, run_backtests
from bot.settings import Settings
from engine.backtest.series import SymbolSeries
from storage.candles import write_candles
from tests.engine.backtest.markets import wandering

SYMBOLS = ("AAAUSDT", "BBBUSDT")


def write_series(path: Path, *series: SymbolSeries) -> Path:
    """Write series as one candle file."""
    frames = []
    for one in sorted(series, key=lambda one: one.symbol):
        candles = one.candles
        frames.append(
            pl.DataFrame(
                {
                    "symbol": [one.symbol] * len(one),
                    "open_time": pl.Series(one.open_ms).cast(pl.Datetime("ms", "UTC")),
                    "open": candles.open,
                    "high": candles.high,
                    "low": candles.low,
                    "close": candles.close,
                    "volume": candles.quote_volume / candles.close,
                    "quote_volume": candles.quote_volume,
                }
            )
        )
    write_candles(pl.concat(frames), path)
    return path


def market_file(folder: Path, minutes: int = 1_100) -> Path:
    """Write a lively random market of two symbols."""
    made = [wandering(seed=3, minutes=minutes, symbol=name) for name in SYMBOLS]
    return write_series(folder / "market.parquet", *made)


def backtested(folder: Path, **fields: object) -> Backtested:
    """Return a backtest over the random market."""
    values: dict[str, object] = {"data": (market_file(folder),), "heuristic": True}
    order = BacktestOrder(**(values | fields))  # type: ignore[arg-type]
    return run_backtests(order, Settings(_env_file=None), lambda _text, _done: None)  # type: ignore[call-arg]
