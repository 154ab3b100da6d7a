"""Labelled rows without a market: features at random, results with an edge as strong as wanted."""

from functools import cache

import numpy as np
import polars as pl

from models.schema import SMC12_V1
from tests.models.sources import T0

DAY_MS = 86_400_000


@cache
def labelled(
    count: int = 4_000, *, days: int = 60, edge: float = 0.0, seed: int = 1, first_day: int = 0
) -> pl.DataFrame:
    """Return rows by time; with `edge` > 0 deep sweeps win more often, and often enough to pay."""
    chance = np.random.default_rng(seed)
    low = np.array([feature.low for feature in SMC12_V1.features])
    high = np.array([feature.high for feature in SMC12_V1.features])
    inputs = (low + chance.random((count, len(low))) * (high - low)).astype(np.float32)
    won = chance.random(count) < 1 / 3 + edge * (inputs[:, 3] / 3 - 0.5)
    gross = np.where(won, 2.0, -1.0)
    null = np.where(chance.random(count) < 1 / 3, 2.0, -1.0)
    cost = chance.uniform(0.02, 0.4, count)
    proved = T0 + np.sort(chance.integers(first_day, first_day + days, count) * DAY_MS)
    proved += chance.integers(0, 1440, count) * 60_000
    held = chance.integers(1, 120, count)
    frame = pl.DataFrame(
        {
            "setup_id": [f"S{seed}-{i}" for i in range(count)],
            "symbol": chance.choice(["AUSDT", "BUSDT"], count),
            "timeframe": chance.choice(["1m", "5m"], count),
            "recipe": ["sweep_bos_retest"] * count,
            "direction": chance.choice([-1, 1], count),
            "proved_at_ms": proved,
            "source": ["made"] * count,
            "outcome": np.where(won, 1, 0),
            "gross_r": gross,
            "net_r": gross - cost,
            "gross_bps": gross * 100,
            "net_bps": (gross - cost) * 100,
            "cost_r": cost,
            "known_at_ms": proved + held * 60_000,
            "held_minutes": held,
            "null_gross_r": null,
            "null_net_r": null - cost,
            **{name: inputs[:, i] for i, name in enumerate(SMC12_V1.names)},
        }
    )
    return frame.sort("proved_at_ms", "setup_id")
