"""Candle series for detector tests: synthetic ones of several characters, and real ones."""

import random
from typing import NamedTuple

import numpy as np
import polars as pl

from engine.smc.frame import CandleArrays
from tests.shared import shared_path


class Row(NamedTuple):
    open: float
    high: float
    low: float
    close: float
    quote: float


def walk(
    seed: int,
    length: int,
    *,
    tick: float = 0.01,
    start: float = 100.0,
    volatility: float = 5.0,
    flat_share: float = 0.02,
    gap_share: float = 0.3,
) -> list[Row]:
    """Return a random walk on a tick grid with quiet and wild spells and flat minutes.

    `volatility` is in ticks a candle, `flat_share` the share of minutes without a trade,
    `gap_share` that of candles whose open differs from the close before.
    """
    rng = random.Random(seed)
    price = round(start / tick)
    rows: list[Row] = []
    spell = 1.0
    for _ in range(length):
        if rng.random() < 0.02:
            spell = rng.choice((0.4, 1.0, 2.5))
        if rng.random() < flat_share:
            rows.append(Row(*(price * tick,) * 4, 0.0))
            continue
        scale = volatility * spell
        opened = price + (rng.randint(-1, 1) if rng.random() < gap_share else 0)
        closed = max(opened + round(rng.gauss(0, scale)), 10)
        opened = max(opened, 10)
        high = max(opened, closed) + round(abs(rng.gauss(0, scale / 2)))
        low = max(min(opened, closed) - round(abs(rng.gauss(0, scale / 2))), 5)
        quote = rng.lognormvariate(4, 1)
        rows.append(Row(opened * tick, high * tick, low * tick, closed * tick, quote))
        price = closed
    return rows


CHARACTERS: dict[str, dict[str, float]] = {
    "plain": {},
    "coarse ticks": {"tick": 0.5, "start": 50.0, "volatility": 0.8, "flat_share": 0.2},
    "mostly flat": {"flat_share": 0.7},
    "wild": {"volatility": 60.0, "gap_share": 0.8},
}


def arrays(rows: list[Row]) -> CandleArrays:
    columns = np.array(rows, dtype=np.float64).reshape(-1, 5).T
    return CandleArrays(
        open=columns[0],
        high=columns[1],
        low=columns[2],
        close=columns[3],
        quote_volume=columns[4],
    )


def real(file: str, symbol: str, first: int = 0, length: int | None = None) -> list[Row]:
    """Return real 1-minute candles of the shared folder, or skip when it is absent."""
    path = shared_path(f"data/klines_1m/{file}.parquet")
    frame = (
        pl.scan_parquet(path)
        .filter(pl.col("symbol") == symbol)
        .slice(first, length)
        .select(
            "open",
            "high",
            "low",
            "close",
            quote=pl.col("volume") * pl.sum_horizontal("open", "high", "low", "close") / 4,
        )
        .collect()
    )
    return [Row(*row) for row in frame.iter_rows()]
