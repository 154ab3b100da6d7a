"""What schema `smc.v2` has beside the twelve: the Setup's geometry, its symbol and the market.

Expressions over the columns of `models.features`; d is the direction. A column that is null makes
its feature null.
"""

import polars as pl

from engine.domain.candle import Timeframe
from engine.domain.setup import Recipe

_PERCENT = 100.0


def raw_v2() -> dict[str, pl.Expr]:
    """Return the expressions by feature name, not yet clipped."""
    d, atr, close = pl.col("direction"), pl.col("atr"), pl.col("close")
    # Twice the distance from the middle of the range, and its whole height: no branch on d.
    height = pl.col("high_400") - pl.col("low_400")
    lean = d * (2.0 * close - pl.col("high_400") - pl.col("low_400"))
    in_atr = d * close / atr
    return {
        "stop_atr": (pl.col("entry") - pl.col("stop")).abs() / atr,
        "log_atr_price": (atr / close).log(),
        "cost_to_risk": pl.col("cost_r"),
        "volatility_regime": (atr / pl.col("mean_true_range_400")).log(),
        "range_ahead_atr": (height - lean) / (2.0 * atr),
        "range_behind_atr": (height + lean) / (2.0 * atr),
        "return_15_atr": d * (close - pl.col("close_15_ago")) / atr,
        "return_60_atr": d * (close - pl.col("close_60_ago")) / atr,
        "relative_15m_atr": _relative("15m") * in_atr,
        "relative_60m_atr": _relative("60m") * in_atr,
        "btc_15m_pct": d * pl.col("btc_return_15m") * _PERCENT,
        "market_breadth": 0.5 + d * (pl.col("breadth_15m") - 0.5),
        "recipe_id": _position("recipe", [recipe.value for recipe in Recipe]),
        "timeframe_id": _position("timeframe", [timeframe.value for timeframe in Timeframe]),
    }


def _relative(span: str) -> pl.Expr:
    return pl.col(f"symbol_return_{span}") - pl.col(f"market_return_{span}")


def _position(column: str, words: list[str]) -> pl.Expr:
    """Return where a word stands in the order of its enumeration; shortest timeframe first."""
    return pl.col(column).cast(pl.Enum(words)).to_physical().cast(pl.Float64)
