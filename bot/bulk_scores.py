"""Scores of whole recordings: found rows as one table, without a Setup object for each."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.backtest.detection import Found
from engine.backtest.scoring import BulkScorer, score_one_by_one
from engine.backtest.series import Floats
from engine.backtest.surroundings import Surroundings
from engine.ports import Scorer
from engine.smc import setup_row
from engine.smc.params import DetectorParams
from models.feature_table import COLUMNS


@runtime_checkable
class TableScorer(Protocol):
    """A scorer that can judge a table of setups at once."""

    def values(self, table: pl.DataFrame) -> NDArray[np.float64]:
        """Return `Score.value` of every row, bit for bit what `score` gives a Setup."""
        ...


def looks_around(scorer: Scorer) -> bool:
    """Return whether a scorer reads what the other symbols did."""
    return bool(getattr(scorer, "reads_market", False))


def bulk_scorer(scorer: Scorer, params: DetectorParams, around: Surroundings | None) -> BulkScorer:
    """Return the fastest way to score rows that the scorer knows."""
    if not isinstance(scorer, TableScorer):
        return score_one_by_one(scorer, params, around)
    judge: TableScorer = scorer

    def values(parts: Sequence[Found]) -> list[Floats]:
        sizes = [len(part.rows) for part in parts]
        if not sum(sizes):
            return [np.empty(0) for _ in parts]
        table = table_of(parts)
        if around is not None:
            table = table.hstack(_market(parts, around))
        return np.split(judge.values(table), np.cumsum(sizes)[:-1])

    return values


def table_of(parts: Sequence[Found]) -> pl.DataFrame:
    """Return found rows as a table with `models.feature_table.COLUMNS`, without ids."""
    rows = np.concatenate([part.rows for part in parts])
    sizes = [len(part.rows) for part in parts]
    proved = np.concatenate([part.times + part.timeframe.ms for part in parts])
    recipes = pl.Series([recipe.value for recipe in setup_row.RECIPES])
    named: dict[str, pl.Series | NDArray[np.generic]] = {
        "symbol": _repeated([part.symbol for part in parts], sizes),
        "timeframe": _repeated([part.timeframe.value for part in parts], sizes),
        "recipe": recipes.gather(rows[:, setup_row.RECIPE].astype(np.int64)),
        "proved_at_ms": proved,
    }
    for at, name in enumerate(setup_row.COLUMNS):
        if name in COLUMNS and name not in named:
            named[name] = pl.Series(rows[:, at]).fill_nan(None)
    return pl.DataFrame(named).select(
        pl.col(name).cast(kind) for name, kind in COLUMNS.items() if name in named
    )


def _market(parts: Sequence[Found], around: Surroundings) -> pl.DataFrame:
    """Return the columns of the cross-section, null where it is unknown."""
    frames = [
        pl.DataFrame(around.columns(part.symbol, part.times + part.timeframe.ms)) for part in parts
    ]
    return pl.concat(frames).fill_nan(None)


def _repeated(names: Sequence[str], sizes: Sequence[int]) -> pl.Series:
    return pl.Series(names).gather(np.repeat(np.arange(len(names)), sizes))
