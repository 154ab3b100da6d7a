"""Fit LightGBM the same way every time: same rows, same seed, same bytes."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.schema import Schema
from models.walkforward import learnable, period_weights

if TYPE_CHECKING:
    import lightgbm

Floats = NDArray[np.float64]
LAST_SHARE = 0.15
"""Share of the rows, the latest ones, on which the number of trees is decided."""
LEAST_JUDGING_ROWS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeParams:
    """Shape of the trees; the names are LightGBM's.

    The defaults are deliberately blunt: on patterns with nearly no signal, every degree of
    freedom is spent on noise.
    """

    learning_rate: float = 0.03
    num_leaves: int = 15
    min_data_in_leaf: int = 200
    feature_fraction: float = 0.8
    lambda_l2: float = 5.0
    most_rounds: int = 400
    patience: int = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What is learnt from, as columns of equal length, by time; `features` names the inputs."""

    features: tuple[str, ...]
    inputs: NDArray[np.float32]
    wins: NDArray[np.bool_]
    proved_at_ms: NDArray[np.int64]
    known_at_ms: NDArray[np.int64]

    def take(self, rows: NDArray[np.int64]) -> "Table":
        """Return some of the rows."""
        return Table(
            features=self.features,
            inputs=self.inputs[rows],
            wins=self.wins[rows],
            proved_at_ms=self.proved_at_ms[rows],
            known_at_ms=self.known_at_ms[rows],
        )


def table_of(rows: pl.DataFrame, schema: Schema) -> Table:
    """Return the table of labelled rows: y = 1 if the net result is above 0."""
    return Table(
        features=schema.names,
        inputs=rows.select(schema.names).to_numpy(),
        wins=(rows["net_r"] > 0).to_numpy(),
        proved_at_ms=rows["proved_at_ms"].to_numpy(),
        known_at_ms=rows["known_at_ms"].to_numpy(),
    )


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model as LightGBM text, with the number of trees early stopping chose."""

    text: str
    rounds: int


def fit(
    table: Table, params: TreeParams, *, seed: int, embargo_ms: int, rounds: int | None = None
) -> Fitted:
    """Return a model of the table with that many trees.

    Without a number it is decided on the last rows by a model of the earlier ones, with the
    embargo between them; then all rows are fitted with that number.
    """
    if rounds is None:
        rounds = _rounds(table, params, seed, embargo_ms)
    booster = _train(table, params, seed, rounds)
    return Fitted(booster.model_to_string(num_iteration=rounds), rounds)


def outputs_of(text: str, inputs: NDArray[np.float32]) -> Floats:
    """Return a model's raw outputs in 0..1."""
    import lightgbm  # noqa: PLC0415 - 22 MB and 0.4 s

    outputs = lightgbm.Booster(model_str=text).predict(inputs, num_threads=1)
    return np.clip(np.asarray(outputs, dtype=np.float64), 0.0, 1.0)


def gains_of(text: str) -> dict[str, float]:
    """Return each feature's share of the total gain of the splits; zeros without a split."""
    import lightgbm  # noqa: PLC0415

    booster = lightgbm.Booster(model_str=text)
    gains = booster.feature_importance("gain")
    total = float(gains.sum()) or 1.0
    return {
        name: float(gain) / total for name, gain in zip(booster.feature_name(), gains, strict=True)
    }


def _rounds(table: Table, params: TreeParams, seed: int, embargo_ms: int) -> int:
    cut = int(np.quantile(table.proved_at_ms, 1 - LAST_SHARE))
    late = np.flatnonzero(table.proved_at_ms >= cut)
    early = np.flatnonzero(learnable(table.proved_at_ms, table.known_at_ms, cut, embargo_ms))
    if len(late) < LEAST_JUDGING_ROWS or len(early) < LEAST_JUDGING_ROWS:
        return params.patience
    booster = _train(table.take(early), params, seed, params.most_rounds, table.take(late))
    return max(1, int(booster.best_iteration))


def _train(
    table: Table, params: TreeParams, seed: int, rounds: int, judge: Table | None = None
) -> "lightgbm.Booster":
    import lightgbm  # noqa: PLC0415

    data = lightgbm.Dataset(
        table.inputs,
        table.wins.astype(np.float32),
        weight=period_weights(table.proved_at_ms),
        feature_name=list(table.features),
        free_raw_data=False,
    )
    extra: dict[str, Any] = {}
    if judge is not None:
        extra["valid_sets"] = [
            lightgbm.Dataset(
                judge.inputs,
                judge.wins.astype(np.float32),
                weight=period_weights(judge.proved_at_ms),
                reference=data,
            )
        ]
        extra["callbacks"] = [lightgbm.early_stopping(params.patience, verbose=False)]
    return lightgbm.train(_settings(params, seed), data, rounds, **extra)


def _settings(params: TreeParams, seed: int) -> dict[str, Any]:
    shape = asdict(params)
    del shape["most_rounds"], shape["patience"]
    return {
        **shape,
        "objective": "binary",
        "metric": "binary_logloss",
        "deterministic": True,
        "force_row_wise": True,
        "seed": seed,
        # Sums of floats depend on how threads share the rows.
        "num_threads": 1,
        "verbosity": -1,
    }
