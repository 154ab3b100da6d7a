"""One training from rows to numbers: walk forward, calibrate, choose, fit, judge once."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.calibration import Calibration, isotonic
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
from models.schema import SMC12_V1
from models.training import Table, TreeParams, fit, gains_of, outputs_of, table_of
from models.walkforward import Fold, period_weights, walk

Floats = NDArray[np.float64]
Told = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyRules:
    """How a study is made.

    Attributes:
        embargo_ms: between training and test rows.
        folds: test blocks of the walk.
        seed: of LightGBM and of the bootstrap.
        trees: shape of the trees.
        tried: shapes tried before this one was chosen; the card counts them.
    """

    embargo_ms: int
    folds: int = 5
    seed: int = 1
    trees: TreeParams = field(default_factory=TreeParams)
    tried: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """What the models of the folds said about rows they had not seen.

    Attributes:
        folds: the steps.
        order: row numbers of all test rows, fold after fold.
        outputs: raw outputs for them.
        fold: number of the fold of each.
        base: share of wins in the training rows of that fold.
        rounds: trees of each fold's model.
    """

    folds: list[Fold]
    order: NDArray[np.int64]
    outputs: Floats
    fold: NDArray[np.int64]
    base: Floats
    rounds: tuple[int, ...]


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


def walk_forward(table: Table, rules: StudyRules, told: Told | None = None) -> Walked:
    """Fit one model a fold on what was known before it and score the fold.

    Raises:
        TooLittleData: too few rows or days.
    """
    steps = walk(
        table.proved_at_ms, table.known_at_ms, folds=rules.folds, embargo_ms=rules.embargo_ms
    )
    outputs, bases, rounds = [], [], []
    for step in steps:
        if told is not None:
            told(f"fold {step.number} of {len(steps)}")
        known = table.take(step.train)
        fitted = fit(known, rules.trees, seed=rules.seed, embargo_ms=rules.embargo_ms)
        outputs.append(outputs_of(fitted.text, table.inputs[step.test]))
        bases.append(np.full(len(step.test), base_rate(known)))
        rounds.append(fitted.rounds)
    return Walked(
        folds=steps,
        order=np.concatenate([step.test for step in steps]),
        outputs=np.concatenate(outputs),
        fold=np.concatenate([np.full(len(step.test), step.number) for step in steps]),
        base=np.concatenate(bases),
        rounds=tuple(rounds),
    )


def base_rate(table: Table) -> float:
    """Return the share of net wins with equal weight a period."""
    return float(np.average(table.wins, weights=period_weights(table.proved_at_ms)))


def recentred(outputs: Floats, base: Floats, to: float) -> Floats:
    """Return outputs moved in log-odds from their models' base rates to another base rate.

    Periods differ in how often setups win, and so do the levels of models that learnt from
    different periods. Pooled as they are, outputs would rank the models instead of the setups.
    """

    def log_odds(p: Floats) -> Floats:
        kept = np.clip(p, 1e-6, 1 - 1e-6)
        return np.asarray(np.log(kept / (1 - kept)), dtype=np.float64)

    moved = log_odds(outputs) - log_odds(base) + log_odds(np.array(to))
    return np.asarray(1 / (1 + np.exp(-moved)), dtype=np.float64)


def loss_of(table: Table, walked: Walked) -> float:
    """Return the log-loss of the walk with equal weight a period: what a search minimises."""
    wins = table.wins[walked.order]
    weights = period_weights(table.proved_at_ms[walked.order])
    p = np.clip(walked.outputs, 1e-6, 1 - 1e-6)
    return float(-np.average(np.where(wins, np.log(p), np.log(1 - p)), weights=weights))


def study(
    rows: pl.DataFrame,
    test: pl.DataFrame | None,
    rules: StudyRules,
    told: Told | None = None,
) -> Study:
    """Return the study of labelled rows.

    Args:
        rows: what may be learnt from.
        test: rows of another time, touched only by the last step; None without.
        rules: how.
        told: called with what is being done.

    Raises:
        TooLittleData: too few rows or days.
    """
    if rules.folds < 2:
        raise TooLittleData(f"{rules.folds} folds: calibration by earlier folds takes 2 or more")
    table = table_of(rows)
    walked = walk_forward(table, rules, told)
    probability = calibrated_by_earlier(table, walked)
    later = walked.fold > 1
    base, all_rows = base_rate(table), np.ones(len(later), dtype=np.bool_)
    level = recentred(walked.outputs, walked.base, base)
    scored = _scored(rows, walked, level, probability, later)
    whole = _calibration(table, walked, all_rows, base)
    everything = _scored(rows, walked, level, whole(level), all_rows)
    threshold = choose_threshold(everything, seed=rules.seed)
    if told is not None:
        told("the final model")
    final = fit(table, rules.trees, seed=rules.seed, embargo_ms=rules.embargo_ms)
    tested = None if test is None else _tested(test, final.text, whole, table)
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
        drift={} if test is None else _drift(rows, test),
        rounds=final.rounds,
    )


def calibrated_by_earlier(table: Table, walked: Walked) -> Floats:
    """Return probabilities of the walk: fold k by the folds before k, NaN in the first."""
    probability = np.full(len(walked.order), np.nan)
    for number in range(2, len(walked.folds) + 1):
        here = walked.fold == number
        base = float(walked.base[here][0])
        calibration = _calibration(table, walked, walked.fold < number, base)
        probability[here] = calibration(walked.outputs[here])
    return probability


def _calibration(table: Table, walked: Walked, kept: NDArray[np.bool_], base: float) -> Calibration:
    """Return the calibration of a model with that base rate by the outputs of other folds."""
    rows = walked.order[kept]
    outputs = recentred(walked.outputs[kept], walked.base[kept], base)
    return isotonic(outputs, table.wins[rows], period_weights(table.proved_at_ms[rows]))


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


def _tested(test: pl.DataFrame, text: str, calibration: Calibration, table: Table) -> Scored:
    outputs = outputs_of(text, table_of(test).inputs)
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


def _drift(rows: pl.DataFrame, test: pl.DataFrame) -> dict[str, float]:
    return {
        name: stability_index(
            rows[name].cast(pl.Float64).to_numpy(), test[name].cast(pl.Float64).to_numpy()
        )
        for name in SMC12_V1.names
    }
