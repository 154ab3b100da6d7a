"""What schema `smc.v2` has beside the twelve: the Setup's geometry, its symbol and the market.

Formulas over the columns of `models.features`; d is the direction. What is computed from an
unknown quantity (NaN) is unknown.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_PERCENT = 100.0


def raw_v2(c: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return the features by name, not yet clipped."""
    d, atr, close = c["direction"], c["atr"], c["close"]
    top, bottom = c["high_400"], c["low_400"]
    # Twice the distance from the middle of the range, and its whole height: no branch on d.
    height = top - bottom
    lean = d * (2.0 * close - top - bottom)
    in_atr = d * close / atr
    return {
        "stop_atr": np.abs(c["entry"] - c["stop"]) / atr,
        "log_atr_price": np.log(atr / close),
        "cost_to_risk": c["cost_r"],
        "volatility_regime": np.log(atr / c["mean_true_range_400"]),
        "range_ahead_atr": (height - lean) / (2.0 * atr),
        "range_behind_atr": (height + lean) / (2.0 * atr),
        "return_15_atr": d * (close - c["close_15_ago"]) / atr,
        "return_60_atr": d * (close - c["close_60_ago"]) / atr,
        "relative_15m_atr": _relative(c, "15m") * in_atr,
        "relative_60m_atr": _relative(c, "60m") * in_atr,
        "btc_15m_pct": d * c["btc_return_15m"] * _PERCENT,
        "market_breadth": 0.5 + d * (c["breadth_15m"] - 0.5),
        "recipe_id": c["recipe"],
        "timeframe_id": c["timeframe"],
    }


def _relative(c: Mapping[str, Floats], span: str) -> Floats:
    return c[f"symbol_return_{span}"] - c[f"market_return_{span}"]
