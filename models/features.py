"""The twelve features of schema `smc12.v1` as Polars expressions over raw setup columns.

The same expressions serve a burst of live setups and a lazy query over Parquet. Every feature is
mirrored by the setup's direction d (+1 long, -1 short), clipped to its range, finite, float32.
"""

from collections.abc import Sequence
from dataclasses import fields
from operator import attrgetter
from typing import TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.domain.setup import Setup, SmcContext
from models.confidence import confidence
from models.schema import SMC12_V1

Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)

CONTEXT: tuple[str, ...] = tuple(field.name for field in fields(SmcContext))

_KINDS: dict[object, pl.DataType] = {
    int: pl.Int64(),
    float: pl.Float64(),
    float | None: pl.Float64(),
}

COLUMNS: dict[str, pl.DataType] = {
    "setup_id": pl.String(),
    "symbol": pl.String(),
    "timeframe": pl.String(),
    "recipe": pl.String(),
    "direction": pl.Int8(),
    "proved_at_ms": pl.Int64(),
    "entry": pl.Float64(),
    "stop": pl.Float64(),
    "target": pl.Float64(),
    **{field.name: _KINDS[field.type] for field in fields(SmcContext)},
}
"""Columns of a table of setups: one row a setup, one column a context quantity."""

_READ = {"direction": COLUMNS["direction"], **{name: COLUMNS[name] for name in CONTEXT}}
_context_values = attrgetter(*CONTEXT)

SWEEP_FADE_CANDLES = 10.0
NO_LEVEL_CANDLES = 120.0


def frame_of(setups: Sequence[Setup]) -> pl.DataFrame:
    """Return setups as a table with the columns `COLUMNS`, in the given order."""
    rows = [
        (
            s.setup_id,
            s.symbol,
            s.timeframe.value,
            s.recipe.value,
            s.direction.value,
            s.proved_at_ms,
            s.entry,
            s.stop,
            s.target,
            *_context_values(s.context),
        )
        for s in setups
    ]
    return pl.DataFrame(rows, schema=COLUMNS, orient="row")


def feature_expressions() -> tuple[pl.Expr, ...]:
    """Return features 1-11, clipped, float64, over the columns `COLUMNS`.

    Feature 12 is `confidence.confidence()` over the columns these eleven make.
    """
    return _EXPRESSIONS


def features(frame: Frame) -> Frame:
    """Return the twelve feature columns of a table of setups, eager or lazy, one row a setup."""
    # One after the other: waking threads costs more than thirty rows do.
    eleven = frame.select_seq(*_EXPRESSIONS)
    return eleven.with_columns_seq(_CONFIDENCE).cast(pl.Float32())


def matrix_of(setups: Sequence[Setup]) -> NDArray[np.float32]:
    """Return the features of setups as an array of shape (setups, 12), float32, finite."""
    # A row holds only what the expressions read: a burst must not pay for identifiers.
    rows = [(s.direction.value, *_context_values(s.context)) for s in setups]
    frame = pl.DataFrame(rows, schema=_READ, orient="row")
    return features(frame).to_numpy()


def _raw() -> dict[str, pl.Expr]:
    d = pl.col("direction")
    atr, close = pl.col("atr"), pl.col("close")
    return {
        "market_structure": _market_structure(),
        "order_blocks_count": pl.col("live_order_blocks_near").clip(0, 5) / 5.0,
        "institutional_candle": pl.col("best_body_5") / atr,
        "liquidity_grab": pl.col("sweep_depth")
        / atr
        * (-pl.col("sweep_age_candles") / SWEEP_FADE_CANDLES).exp(),
        "fvg_size_atr": ((pl.col("gap_near_edge") - pl.col("gap_far_edge")).abs() / atr).fill_null(
            0.0
        ),
        "fvg_proximity": (d * (close - pl.col("gap_near_edge")) / atr).fill_null(5.0),
        "ob_proximity": (d * (close - pl.col("block_near_edge")) / atr).fill_null(5.0),
        "atr_normalized_volume": _effort_against_result(),
        "rsi_14": _mirrored_rsi(),
        "momentum_atr": d * (close - pl.col("close_10_ago")) / atr,
        "time_to_next_level": _candles_to_next_level() / NO_LEVEL_CANDLES,
    }


# Below, branches are replaced by arithmetic where infinities clip to the right bound: each node
# of an expression costs about 10 µs a burst, and `when` costs several.


def _market_structure() -> pl.Expr:
    # At most one of the two runs is positive.
    return (pl.col("breaks_with_trend").clip(0, 3) - pl.col("breaks_against_trend").clip(0, 3)) / 3


def _effort_against_result() -> pl.Expr:
    mean = pl.col("mean_quote_volume_20")
    effort = pl.when(mean > 0).then(pl.col("quote_volume") / mean).otherwise(1.0)
    result = pl.col("true_range") / pl.col("atr")
    # A ratio of 0 goes to its bound; where both are 0 (NaN) there was no effort, which comes first.
    return (effort / result).log().fill_nan(-3.0)


def _mirrored_rsi() -> pl.Expr:
    return 0.5 + pl.col("direction") * (pl.col("rsi") / 100.0 - 0.5)


def _candles_to_next_level() -> pl.Expr:
    distance = (pl.col("nearest_opposing_pool") - pl.col("close")).abs()
    # At no pace the level is infinitely far; at no distance either (NaN) it says nothing.
    candles = (distance / pl.col("mean_abs_change_20")).fill_nan(NO_LEVEL_CANDLES)
    return candles.fill_null(NO_LEVEL_CANDLES)


def _expressions() -> tuple[pl.Expr, ...]:
    ranges = {feature.name: feature for feature in SMC12_V1.features}
    return tuple(
        raw.clip(ranges[name].low, ranges[name].high).alias(name) for name, raw in _raw().items()
    )


_EXPRESSIONS = _expressions()
_CONFIDENCE = confidence()
