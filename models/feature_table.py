"""Tables of setups and of their features, for research; the live process has no need of them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import fields
from operator import attrgetter

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.domain.setup import MarketContext, Setup, SmcContext
from models.features import (
    CONTEXT,
    COST,
    MARKET,
    WORDS,
    Floats,
    costs,
    features_of,
    inputs_of,
)
from models.schema import SMC12_V1, Schema

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

MARKET_COLUMNS: dict[str, pl.DataType] = {name: pl.Float64() for name in MARKET}
"""Columns of the cross-section, for the schemas that read it; null where unknown."""

_AT_ONCE = 65_536
"""Rows computed at a time, so that the work of a large table stays small."""
_VALUES = {"timeframe", "recipe", "direction"}
_NOWHERE = MarketContext(**dict.fromkeys(MARKET))


def frame_of(setups: Sequence[Setup]) -> pl.DataFrame:
    """Return setups as a table with `COLUMNS` and `MARKET_COLUMNS`, in the given order."""
    read, look = attrgetter(*map(_path, COLUMNS)), attrgetter(*MARKET)
    rows = [(*read(setup), *look(setup.market or _NOWHERE)) for setup in setups]
    return pl.DataFrame(rows, schema={**COLUMNS, **MARKET_COLUMNS}, orient="row")


def features(
    frame: pl.DataFrame, schema: Schema = SMC12_V1, cost_ratio: float | None = None
) -> pl.DataFrame:
    """Return the feature columns of a table of setups, one row a setup; null where unknown.

    Args:
        frame: has the columns `inputs_of(schema)`.
        schema: which features.
        cost_ratio: where given, costs are computed by it and the column `cost_r` is not read.
    """
    made = pl.DataFrame(table_matrix(frame, schema, cost_ratio), schema=list(schema.names))
    return made.fill_nan(None)


def table_matrix(
    frame: pl.DataFrame, schema: Schema = SMC12_V1, cost_ratio: float | None = None
) -> NDArray[np.float32]:
    """Return the features of a table as `models.features.matrix_of` does of setups."""
    parts = [_matrix(part, schema, cost_ratio) for part in _slices(frame)]
    return np.concatenate(parts)


def is_among(
    frame: pl.DataFrame, recipes: Collection[str], timeframes: Collection[str]
) -> NDArray[np.bool_]:
    """Return by row whether both its recipe and its timeframe are among these."""
    both = pl.col("recipe").is_in(recipes) & pl.col("timeframe").is_in(timeframes)
    return frame.select(both).to_series().to_numpy()


def _slices(frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    for begin in range(0, max(len(frame), 1), _AT_ONCE):
        yield frame.slice(begin, _AT_ONCE)


def _matrix(frame: pl.DataFrame, schema: Schema, cost_ratio: float | None) -> NDArray[np.float32]:
    columns = {
        name: _column(frame[name])
        for name in inputs_of(schema)
        if name != COST or cost_ratio is None
    }
    if cost_ratio is not None and COST in inputs_of(schema):
        columns[COST] = costs(columns["entry"], columns["stop"], cost_ratio)
    return features_of(columns, schema)


def _column(values: pl.Series) -> Floats:
    """Return a column as numbers: words by their places, null as NaN."""
    if values.name in WORDS:
        values = values.cast(pl.Enum(WORDS[values.name])).to_physical()
    return np.ascontiguousarray(values.cast(pl.Float64).to_numpy())


def _path(name: str) -> str:
    if name in CONTEXT:
        return f"context.{name}"
    return f"{name}.value" if name in _VALUES else name
