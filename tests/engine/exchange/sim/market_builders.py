"""Small markets and minutes for tests of the embedded exchange's market."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from engine.exchange.sim.candle_columns import MINUTE_MS, TickCandles
from engine.exchange.sim.synthetic import SyntheticMarket
from engine.exchange.sim.tick_path import MinuteTrades

START_MS = 1_790_000_040_000 // MINUTE_MS * MINUTE_MS


def small_market(symbols=5, seed=3, warm_minutes=40, start_ms=START_MS):
    return SyntheticMarket(symbols, seed=seed, start_ms=start_ms, warm_minutes=warm_minutes)


def walk_to(market, to_ms, step_ms=60_000):
    """Advance in steps of at most ``step_ms`` and return every step taken."""
    steps = []
    while market.now_ms < to_ms:
        steps.append(market.advance(min(to_ms, market.now_ms + step_ms)))
    return steps


def closed_minutes(steps):
    return [step.closed for step in steps if step.closed is not None]


def minute_trades(price, trades, lots=None, buys=None, before=(100,), spread=(1,)):
    """A minute from nested lists of shape (points, symbols)."""
    price = np.array(price, dtype=np.int64)
    trades = np.array(trades, dtype=np.int64)
    lots = trades if lots is None else np.array(lots, dtype=np.int64)
    buys = np.zeros(price.shape, dtype=bool) if buys is None else np.array(buys, dtype=bool)
    before = np.array(before, dtype=np.int64)
    return MinuteTrades(
        price=price,
        lots=lots,
        taker_lots=lots * buys,
        quote=(price * lots).astype(float),
        trades=trades,
        taker_buys=buys,
        close_before=before,
        buys_before=np.zeros(len(before), dtype=bool),
        spread=np.array(spread, dtype=np.int64),
    )


def tick_candles(rows):
    """Candles from rows (open, high, low, close, lots, taker_lots, quote, trades), one a symbol."""
    columns = list(zip(*rows, strict=True))
    whole = [np.array(column, dtype=np.int64) for column in columns]
    whole[6] = whole[6].astype(float)
    return TickCandles(*whole)


def recorded_frame(symbol="AAAUSDT", minutes=30, seed=1, start=None, digits=2, **columns):
    """A plausible recording of one symbol, prices with ``digits`` decimals."""
    rng = np.random.default_rng(seed)
    close = np.round(50 + np.cumsum(rng.normal(0, 0.05, minutes)), digits)
    opened = np.concatenate(([50.0], close[:-1]))
    high = np.round(np.maximum(opened, close) + rng.integers(0, 9, minutes) / 10**digits, digits)
    low = np.round(np.minimum(opened, close) - rng.integers(0, 9, minutes) / 10**digits, digits)
    start = start or datetime(2025, 5, 4, tzinfo=UTC)
    data = {
        "symbol": [symbol] * minutes,
        "open_time": [start + timedelta(minutes=index) for index in range(minutes)],
        "open": opened,
        "high": high,
        "low": low,
        "close": close,
        "volume": np.round(rng.uniform(10, 900, minutes), 1),
        **columns,
    }
    return pl.DataFrame(data).with_columns(pl.col("open_time").cast(pl.Datetime("ms", "UTC")))
