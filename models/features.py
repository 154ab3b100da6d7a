"""The features of a schema as Polars expressions over raw setup columns.

The same expressions serve a burst of live setups and a query over Parquet. Every feature is
mirrored by the setup's direction d (+1 long, -1 short), clipped to its range, float32; those of
`smc12.v1`, which are written here, are finite, later ones may be null (NaN in a matrix).
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.domain.setup import MarketContext, Setup, SmcContext
from models.confidence import confidence
from models.features_v2 import raw_v2
from models.schema import SCHEMAS, SMC12_V1, Schema

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

MARKET: tuple[str, ...] = tuple(field.name for field in fields(MarketContext))
MARKET_COLUMNS: dict[str, pl.DataType] = {name: pl.Float64() for name in MARKET}
"""Columns of the cross-section, for the schemas that read it; null where unknown."""
COST_COLUMNS: dict[str, pl.DataType] = {"cost_r": pl.Float64()}
"""The assumed round trip over |entry - stop|, for the schemas that read it."""
_INPUTS = {**COLUMNS, **COST_COLUMNS, **MARKET_COLUMNS}

SWEEP_FADE_CANDLES = 10.0
NO_LEVEL_CANDLES = 120.0


def frame_of(setups: Sequence[Setup]) -> pl.DataFrame:
    """Return setups as a table with `COLUMNS` and `MARKET_COLUMNS`, in the given order."""
    return _table(setups, tuple(COLUMNS), MARKET)


def feature_expressions() -> tuple[pl.Expr, ...]:
    """Return features 1-11 of `smc12.v1`, clipped, float64, over the columns `COLUMNS`.

    Feature 12 is `confidence.confidence()` over the columns these eleven make.
    """
    return _set_of(SMC12_V1).expressions


def inputs_of(schema: Schema) -> tuple[str, ...]:
    """Return the columns a schema's features are computed from."""
    return _set_of(schema).reads


def reads_market(schema: Schema) -> bool:
    """Return whether a schema's features look at the other symbols."""
    return not set(MARKET).isdisjoint(inputs_of(schema))


def features(frame: Frame, schema: Schema = SMC12_V1) -> Frame:
    """Return the feature columns of a table of setups, eager or lazy, one row a setup.

    Args:
        frame: has the columns `inputs_of(schema)`.
        schema: which features.
    """
    # One after the other: waking threads costs more than thirty rows do.
    raw = frame.select_seq(*_set_of(schema).expressions)
    made = raw.with_columns_seq(_CONFIDENCE).cast(pl.Float32())
    return made if schema is SMC12_V1 else made.select(schema.names)


def matrix_of(
    setups: Sequence[Setup], schema: Schema = SMC12_V1, cost_ratio: float = 0.0
) -> NDArray[np.float32]:
    """Return the features of setups as an array of shape (setups, features), float32.

    Args:
        setups: the setups.
        schema: which features.
        cost_ratio: round trip as a ratio of the price, as the model assumes it.
    """
    # A row holds only what the expressions read: a burst must not pay for identifiers.
    names = inputs_of(schema)
    around = tuple(name for name in names if name in MARKET_COLUMNS)
    frame = _table(setups, tuple(name for name in names if name in COLUMNS), around)
    if not COST_COLUMNS.keys().isdisjoint(names):
        frame = frame.with_columns(costs(cost_ratio))
    return features(frame, schema).to_numpy()


def costs(cost_ratio: float) -> pl.Expr:
    """Return the column `cost_r` of setups at these assumed costs."""
    risk = (pl.col("entry") - pl.col("stop")).abs()
    return (cost_ratio * pl.col("entry") / risk).alias("cost_r")


_VALUES = {"timeframe", "recipe", "direction"}
_NOWHERE = MarketContext(**dict.fromkeys(MARKET))


def _table(setups: Sequence[Setup], own: tuple[str, ...], around: tuple[str, ...]) -> pl.DataFrame:
    """Return columns of setups: two or more of `COLUMNS`, none or two or more of `MARKET`."""
    read = attrgetter(*map(_path, own))
    rows = [read(setup) for setup in setups]
    if around:
        look = attrgetter(*around)
        markets = (look(setup.market or _NOWHERE) for setup in setups)
        rows = [(*row, *market) for row, market in zip(rows, markets, strict=True)]
    schema = {name: _INPUTS[name] for name in (*own, *around)}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _path(name: str) -> str:
    if name in CONTEXT:
        return f"context.{name}"
    return f"{name}.value" if name in _VALUES else name


@dataclass(frozen=True, slots=True)
class _FeatureSet:
    """The clipped expressions of a schema but the confidence, and the columns they read."""

    expressions: tuple[pl.Expr, ...]
    reads: tuple[str, ...]


def _set_of(schema: Schema) -> _FeatureSet:
    return _SETS[schema.name]


def _feature_set(schema: Schema) -> _FeatureSet:
    raw = {**_raw(), **raw_v2()}
    made = tuple(
        raw[feature.name].clip(feature.low, feature.high).alias(feature.name)
        for feature in schema.features
        if feature.name in raw
    )
    read = {root for expression in made for root in expression.meta.root_names()}
    return _FeatureSet(made, tuple(name for name in _INPUTS if name in read))


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


_CONFIDENCE = confidence()
_SETS = {name: _feature_set(schema) for name, schema in SCHEMAS.items()}
