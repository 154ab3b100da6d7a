"""From a study to the bundle on disk that the bot loads."""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.dataset_rules import DatasetRules
from models.drift import Histogram
from models.evaluation import Scored, payoff_ratio
from models.manifest import Manifest, Steps
from models.setup_table import known_recipes, known_timeframes
from models.study import Study
from models.study_rules import StudyRules
from models.training import outputs_of, table_of

Floats = NDArray[np.float64]
COST_EDGES = (0.05, 0.10, 0.15, 0.20)
"""Cost/R at which payoff buckets meet."""
LEAST_A_BUCKET = 30
OUTCOME_QUANTILES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
GOLDEN_ROWS = 32
BIN_QUANTILES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Where the bins of the drift histograms meet."""
SCORE_QUANTILES = 21


def manifest_of(
    study: Study,
    rows: pl.DataFrame,
    *,
    dataset: DatasetRules,
    rules: StudyRules,
    provenance: Mapping[str, Any],
    created: str,
) -> Manifest:
    """Return the manifest of a study; `save_bundle` fills in the hash of the text.

    Args:
        study: the result.
        rows: the rows it was fitted on.
        dataset: how they were made.
        rules: how it was trained.
        provenance: names, digests and periods of the data; no paths.
        created: ISO time; not part of the bundle's identity.
    """
    inputs = table_of(rows, rules.features).inputs
    golden = golden_rows(inputs)
    costs = dataset.labels.costs
    return Manifest(
        sha256="0" * 64,
        schema=rules.schema,
        features=rules.features.names,
        recipes=known_recipes(rows),
        timeframes=known_timeframes(rows),
        knots_x=study.calibration.x,
        knots_y=study.calibration.y,
        payoff=payoff_steps(study.out_of_fold),
        outcomes=outcome_steps(study.out_of_fold.outputs),
        quantiles=score_quantiles(study.out_of_fold),
        threshold=study.threshold,
        round_trip_cost_ratio=dataset.labels.round_trip_cost_ratio,
        golden_inputs=tuple(tuple(row) for row in golden.astype(np.float64).tolist()),
        golden_outputs=tuple(outputs_of(study.text, golden).tolist()),
        edge=study.verdict.edge,
        histograms=training_histograms(rules.features.names, inputs, rows["timeframe"].to_numpy()),
        costs={**asdict(costs), "side_cost_ratio": dataset.labels.side_cost_ratio},
        provenance=provenance,
        metrics=_metrics(study, rules),
        versions=_versions(),
        created=created,
        host=platform.node(),
    )


def payoff_steps(scored: Scored) -> Steps:
    """Return mean net win over mean net loss by cost/R, measured out of fold.

    A bucket without enough wins and losses takes the ratio of all rows.
    """
    cost, net = scored.column("cost_r"), scored.column("net_r")
    overall = payoff_ratio(net[net > 0], net[net <= 0])
    bucket = np.searchsorted(COST_EDGES, cost, side="right")
    values = []
    for number in range(len(COST_EDGES) + 1):
        here = net[bucket == number]
        wins, losses = here[here > 0], here[here <= 0]
        enough = min(len(wins), len(losses)) >= LEAST_A_BUCKET
        values.append(payoff_ratio(wins, losses) if enough else overall)
    return Steps(COST_EDGES, tuple(values))


def outcome_steps(outputs: Floats) -> Steps:
    """Return how many outcomes out of fold lie near an output: those of the same step."""
    edges = np.unique(np.quantile(outputs, OUTCOME_QUANTILES))
    counts = np.bincount(np.searchsorted(edges, outputs, side="right"), minlength=len(edges) + 1)
    return Steps(tuple(edges.tolist()), tuple(counts.astype(float).tolist()))


def score_quantiles(scored: Scored) -> tuple[float, ...]:
    """Return evenly spaced quantiles of the outputs of tradable rows; of all without any."""
    outputs = scored.outputs[scored.tradable]
    if not len(outputs):
        outputs = scored.outputs
    return tuple(np.quantile(outputs, np.linspace(0, 1, SCORE_QUANTILES)).tolist())


def training_histograms(
    names: Sequence[str], inputs: NDArray[np.float32], timeframes: NDArray[np.object_]
) -> tuple[Histogram, ...]:
    """Return where each column of inputs lies, in tenths of all of it, by timeframe."""
    kinds = sorted(set(timeframes.tolist()))
    return tuple(
        _histogram(name, inputs[:, column].astype(np.float64), timeframes, kinds)
        for column, name in enumerate(names)
    )


def _histogram(
    name: str, values: Floats, timeframes: NDArray[np.object_], kinds: Sequence[str]
) -> Histogram:
    known = ~np.isnan(values)
    edges = np.unique(np.quantile(values[known], BIN_QUANTILES)) if known.any() else np.empty(0)
    bins = np.where(known, np.searchsorted(edges, values, side="right"), len(edges) + 1)
    shares = {}
    for kind in kinds:
        here = bins[timeframes == kind]
        shares[kind] = tuple((np.bincount(here, minlength=len(edges) + 2) / len(here)).tolist())
    return Histogram(name, tuple(edges.tolist()), shares)


def golden_rows(inputs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return rows spread over the data, the same for the same data."""
    at = np.unique(np.linspace(0, len(inputs) - 1, GOLDEN_ROWS).astype(np.int64))
    return inputs[at]


def _metrics(study: Study, rules: StudyRules) -> dict[str, Any]:
    return {
        "verdict": study.verdict.reason,
        "folds": study.folds,
        "out_of_fold": study.pooled,
        "test": study.test,
        "gains": study.gains,
        "drift_psi": study.drift,
        "rounds": study.rounds,
        "rules": asdict(rules),
    }


def _versions() -> dict[str, str]:
    import lightgbm  # noqa: PLC0415 - 22 MB and 0.4 s

    versions: Sequence[tuple[str, str]] = (
        ("python", platform.python_version()),
        ("lightgbm", str(lightgbm.__version__)),
        ("numpy", np.__version__),
        ("polars", pl.__version__),
    )
    return dict(versions)
