"""Detected setups as a table: the columns that features are computed from, without objects."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.domain.candle import Timeframe
from engine.domain.setup import Recipe
from engine.smc.frame import Detected
from engine.smc.setup_row import CONTEXT_COLUMNS, RECIPES
from models.feature_table import COLUMNS

Times = NDArray[np.int64]


def setup_table(found: Detected, symbol: str, timeframe: Timeframe, opened: Times) -> pl.DataFrame:
    """Return detected setups as a table with the columns `models.feature_table.COLUMNS`."""
    bar = found.setup_column("bar").astype(np.int64)
    codes = found.setup_column("recipe").astype(np.int64)
    open_ms = opened[bar] if len(bar) else np.empty(0, np.int64)
    frame = pl.DataFrame(
        {
            "symbol": pl.Series([symbol] * len(bar), dtype=pl.String),
            "timeframe": pl.Series([timeframe.value] * len(bar), dtype=pl.String),
            "recipe": pl.Series([recipe.value for recipe in RECIPES]).gather(codes),
            "open_ms": open_ms,
            "proved_at_ms": open_ms + timeframe.ms,
            **{
                name: found.setup_column(name)
                for name in ("direction", "entry", "stop", "target", *CONTEXT_COLUMNS)
            },
        }
    )
    letter = pl.when(pl.col("direction") > 0).then(pl.lit("L")).otherwise(pl.lit("S"))
    parts = ("symbol", "timeframe", "recipe")
    identity = pl.concat_str(*parts, letter, "open_ms", separator="-").alias("setup_id")
    return (
        frame.with_columns(pl.col(pl.Float64).fill_nan(None))
        .with_columns(identity)
        .select(pl.col(name).cast(kind) for name, kind in COLUMNS.items())
    )


def known_recipes(rows: pl.DataFrame) -> tuple[str, ...]:
    """Return the recipes of the rows in the order of `Recipe`."""
    present = set(rows["recipe"].unique().to_list())
    return tuple(recipe.value for recipe in Recipe if recipe.value in present)


def known_timeframes(rows: pl.DataFrame) -> tuple[str, ...]:
    """Return the timeframes of the rows, shortest first."""
    present = set(rows["timeframe"].unique().to_list())
    return tuple(timeframe.value for timeframe in Timeframe if timeframe.value in present)
