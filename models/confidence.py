"""The heuristic confidence: a documented weighted sum of features 1-11 through a logistic.

No data was fitted. The weights say what practitioners of these patterns look for, in log-odds,
around the base rate measured on real candles: a target at twice the stop is reached by about a
third of all setups, hence ln(0.33 / 0.67) = -0.7 at a neutral setup. It ranks; it is no
probability, and studies of these patterns found no edge in any such ranking.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

INTERCEPT = -0.7

WEIGHTS: dict[str, float] = {
    # A break that continues the trend is preferred to one that turns it.
    "market_structure": 0.20,
    # Stacked order blocks: more places where price may be defended.
    "order_blocks_count": 0.25,
    # A wide body in the direction shows urgency; five ATR add 0.5.
    "institutional_candle": 0.10,
    # A deep and recent sweep of resting orders is the core of the default recipe.
    "liquidity_grab": 0.30,
    # The size of the imbalance left behind.
    "fvg_size_atr": 0.05,
    # The farther price has run from gap and block, the more of the move is spent.
    "fvg_proximity": -0.04,
    "ob_proximity": -0.06,
    # Volume without range (effort without result) is absorption: mildly against.
    "atr_normalized_volume": -0.05,
    # Strength in the direction, and no more of it than the sum above gives.
    "rsi_14": 0.30,
    "momentum_atr": 0.03,
    # Room before the next opposing pool.
    "time_to_next_level": 0.25,
}

NEUTRAL: dict[str, float] = {
    "market_structure": 0.0,
    "order_blocks_count": 0.2,
    "institutional_candle": 1.0,
    "liquidity_grab": 0.2,
    "fvg_size_atr": 0.5,
    "fvg_proximity": 1.0,
    "ob_proximity": 1.0,
    "atr_normalized_volume": 0.0,
    "rsi_14": 0.5,
    "momentum_atr": 0.0,
    "time_to_next_level": 0.2,
}
"""Feature values of an ordinary setup; the weights act on the distance from these."""


# The neutral values go into one constant: half the work for the same sum.
_CONSTANT = INTERCEPT - sum(weight * NEUTRAL[name] for name, weight in WEIGHTS.items())


def log_odds(columns: Mapping[str, Floats]) -> Floats:
    """Return the weighted sum of the columns of features 1-11, as log-odds."""
    total = np.full(len(columns[next(iter(WEIGHTS))]), _CONSTANT)
    for name, weight in WEIGHTS.items():
        total += weight * columns[name]
    return total


def confidence(columns: Mapping[str, Floats]) -> Floats:
    """Return the heuristic score in [0, 1], the logistic of `log_odds`, as feature 12."""
    score: Floats = 1.0 / (1.0 + np.exp(-log_odds(columns)))
    return score
