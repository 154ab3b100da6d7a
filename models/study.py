"""One training from rows to numbers: walk forward, calibrate, choose, fit, judge once."""

import math
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.calibration import Calibration
from models.errors import TooLittleData
from models.evaluation import (
    Report,
    Scored,
    Verdict,
    choose_threshold,
    evaluate,
    verdict,
)
from models.measures import auc, log_loss, stability_index
from models.out_of_fold import (
    Floats,
    Told,
    Walked,
    base_rate,
    calibrated_by_earlier,
    calibration_of,
    recentred,
    walk_forward,
)
from models.schema import Schema
from models.study_rules import StudyRules
from models.training import Table, fit, gains_of, outputs_of, table_of
from models.walkforward import Fold
from models.workers import Serial, Workers

_SERIAL = Serial()


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """The result of a training.

    Attributes:
        text: the final model, fitted on all rows.
        calibration: fitted on the outputs of all folds.
        threshold: raw output from which setups are signals, chosen on the folds.
        walked: scored rows of the folds that could be calibrated by earlier ones.
        out_of_fold: all scored rows of the walk, calibrated by the final calibration; payoffs and
            quantiles are measured on them, probabilities are not to be judged on them.
        tested: the test rows scored by the final model; None without test data.
        folds: one report a fold.
        pooled: the report on `walked`.
        test: the report on `tested`.
        verdict: whether there is an edge.
        gains: share of the gain of each feature.
        drift: stability index of each feature, test against training.
        rounds: trees of the final model.
    """

    text: str
    calibration: Calibration
    threshold: float
    walked: Scored
    out_of_fold: Scored
    tested: Scored | None
    folds: list[Report]
    pooled: Report
    test: Report | None
    verdict: Verdict
    gains: dict[str, float]
    drift: dict[str, float]
    rounds: int


def study(
    rows: pl.DataFrame,
    test: pl.DataFrame | None,
    rules: StudyRules,
    told: Told | None = None,
    workers: Workers = _SERIAL,
) -> Study:
    """Return the study of labelled rows.

    Args:
        rows: what may be learnt from.
        test: rows of another time, touched only by the last step; None without.
        rules: how.
        told: called with what is being done.
        workers: who fits the folds; the result is the same whoever does.

    Raises:
        TooLittleData: too few rows or days.
    """
    if rules.folds < 2:
        raise TooLittleData(f"{rules.folds} folds: calibration by earlier folds takes 2 or more")
    table = table_of(rows, rules.features)
    walked = walk_forward(table, rules, told, workers)
    probability = calibrated_by_earlier(table, walked)
    later = walked.fold > 1
    base, all_rows = base_rate(table), np.ones(len(later), dtype=np.bool_)
    level = recentred(walked.outputs, walked.base, base)
    scored = _scored(rows, walked, level, probability, later)
    whole = calibration_of(table, walked, all_rows, base)
    everything = _scored(rows, walked, level, whole(level), all_rows)
    threshold = choose_threshold(everything, seed=rules.seed)
    if told is not None:
        told("the final model")
    # Calibration and threshold were measured on the models of the folds. A final model of far
    # fewer or more trees spreads its outputs otherwise, and might never reach the threshold.
    rounds = int(np.median(walked.rounds))
    final = fit(table, rules.trees, seed=rules.seed, embargo_ms=rules.embargo_ms, rounds=rounds)
    tested = None if test is None else _tested(test, final.text, whole, table, rules.features)
    report = None if tested is None else evaluate(tested, threshold, seed=rules.seed)
    return Study(
        text=final.text,
        calibration=whole,
        threshold=threshold,
        walked=scored,
        out_of_fold=everything,
        tested=tested,
        folds=[_fold_report(rows, walked, probability, fold) for fold in walked.folds],
        pooled=evaluate(scored, threshold, seed=rules.seed),
        test=report,
        verdict=verdict(report),
        gains=gains_of(final.text),
        drift={} if test is None else _drift(rows, test, rules.features),
        rounds=final.rounds,
    )


def _scored(
    rows: pl.DataFrame,
    walked: Walked,
    outputs: Floats,
    probability: Floats,
    kept: NDArray[np.bool_],
) -> Scored:
    return Scored(
        rows=rows[walked.order[kept]],
        outputs=outputs[kept],
        probability=probability[kept],
        base_rate=float(np.mean(walked.base[kept])),
    )


def _tested(
    test: pl.DataFrame, text: str, calibration: Calibration, table: Table, schema: Schema
) -> Scored:
    outputs = outputs_of(text, table_of(test, schema).inputs)
    return Scored(
        rows=test,
        outputs=outputs,
        probability=calibration(outputs),
        base_rate=base_rate(table),
    )


def _fold_report(rows: pl.DataFrame, walked: Walked, probability: Floats, fold: Fold) -> Report:
    here = walked.fold == fold.number
    scored = _scored(rows, walked, walked.outputs, probability, here)
    wins = scored.column("net_r") > 0
    calibrated = fold.number > 1
    return {
        "fold": fold.number,
        "start_ms": fold.start_ms,
        "train": len(fold.train),
        "purged": fold.purged,
        "test": len(fold.test),
        "rounds": walked.rounds[fold.number - 1],
        "auc_net": auc(scored.outputs, wins),
        "auc_gross": auc(scored.outputs, scored.column("gross_r") > 0),
        "log_loss": log_loss(scored.probability, wins) if calibrated else None,
        "log_loss_base_rate": log_loss(np.full(len(wins), scored.base_rate), wins),
        "net_r": float(np.mean(scored.column("net_r"))),
        "null_net_r": float(np.mean(scored.column("null_net_r"))),
    }


def _drift(rows: pl.DataFrame, test: pl.DataFrame, schema: Schema) -> dict[str, float]:
    found = {name: stability_index(_known(rows[name]), _known(test[name])) for name in schema.names}
    # A feature that a side lacks altogether cannot be compared.
    return {name: value for name, value in found.items() if math.isfinite(value)}


def _known(column: pl.Series) -> Floats:
    """Return the values of a feature that its sources had."""
    return column.cast(pl.Float64).fill_nan(None).drop_nulls().to_numpy()
