"""Random markets lively enough to be traded."""

from collections.abc import Container

import numpy as np

from engine.backtest.series import SymbolSeries
from tests.engine.backtest.recording import Row, series_of


def wandering(
    *,
    seed: int,
    minutes: int,
    symbol: str = "AAAUSDT",
    swing: float = 0.003,
    hole: Container[int] = (),
) -> SymbolSeries:
    """Return a random walk on a tick of 0.01 around 100; `swing` is the size of a minute's move."""
    rng = np.random.default_rng([seed, sum(map(ord, symbol))])
    rows: list[Row | None] = []
    price = 100.0
    for at in range(minutes):
        steps = price * np.cumsum(np.r_[0.0, rng.standard_t(4, 6) * swing / 2.5])
        steps -= 0.02 * (price - 100.0) * np.linspace(0, 1, 7)  # keeps it near 100
        path = np.maximum(np.round(price + steps, 2), 1.0)
        row = (float(path[0]), float(path.max()), float(path.min()), float(path[-1]))
        rows.append(None if at in hole else row)
        price = row[3]
    return series_of(rows, symbol)
