"""What models say about rows they had not seen: the walk over the folds, and its calibration."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from models.calibration import Calibration, isotonic
from models.study_rules import StudyRules
from models.training import Table, TreeParams, fit, outputs_of
from models.walkforward import Fold, period_weights, walk
from models.workers import Serial, Workers

Floats = NDArray[np.float64]
Told = Callable[[str], None]
_SERIAL = Serial()


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
class FoldTask:
    """One step of the walk as a piece of work.

    Attributes:
        number: of the fold.
        known: rows to learn from.
        unseen: inputs of the rows to score.
        trees: shape of the trees.
        seed: of LightGBM.
        embargo_ms: between training and judging rows.
    """

    number: int
    known: Table
    unseen: NDArray[np.float32]
    trees: TreeParams
    seed: int
    embargo_ms: int

    @override
    def __str__(self) -> str:
        return f"fold {self.number}"


@dataclass(frozen=True, slots=True)
class FoldAnswer:
    """What the model of a fold said, its base rate and its number of trees."""

    outputs: Floats
    base: float
    rounds: int


def fit_fold(task: FoldTask) -> FoldAnswer:
    """Fit on the known rows and score the others."""
    fitted = fit(task.known, task.trees, seed=task.seed, embargo_ms=task.embargo_ms)
    return FoldAnswer(outputs_of(fitted.text, task.unseen), base_rate(task.known), fitted.rounds)


def walk_forward(
    table: Table, rules: StudyRules, told: Told | None = None, workers: Workers = _SERIAL
) -> Walked:
    """Fit one model a fold on what was known before it and score the fold.

    Args:
        table: all rows, by time.
        rules: folds, shape of the trees, seed and embargo.
        told: called with what was done.
        workers: who fits; the result is the same whoever does.

    Raises:
        TooLittleData: too few rows or days.
    """
    steps = walk(
        table.proved_at_ms, table.known_at_ms, folds=rules.folds, embargo_ms=rules.embargo_ms
    )
    # The later a fold, the longer it takes: the longest first keeps all workers busy to the end.
    latest = list(reversed(range(len(steps))))
    tasks = (_task(table, rules, steps[place]) for place in latest)
    answers: dict[int, FoldAnswer] = {}
    with closing(workers.each(fit_fold, tasks)) as done:
        for place, answer in done:
            answers[latest[place]] = answer
            if told is not None:
                told(f"fold {len(answers)} of {len(steps)}")
    return _walked(steps, [answers[place] for place in range(len(steps))])


def _task(table: Table, rules: StudyRules, step: Fold) -> FoldTask:
    return FoldTask(
        number=step.number,
        known=table.take(step.train),
        unseen=table.inputs[step.test],
        trees=rules.trees,
        seed=rules.seed,
        embargo_ms=rules.embargo_ms,
    )


def _walked(steps: list[Fold], answers: list[FoldAnswer]) -> Walked:
    both = list(zip(steps, answers, strict=True))
    return Walked(
        folds=steps,
        order=np.concatenate([step.test for step in steps]),
        outputs=np.concatenate([answer.outputs for answer in answers]),
        fold=np.concatenate([np.full(len(step.test), step.number) for step in steps]),
        base=np.concatenate([np.full(len(step.test), answer.base) for step, answer in both]),
        rounds=tuple(answer.rounds for answer in answers),
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


def calibrated_by_earlier(table: Table, walked: Walked) -> Floats:
    """Return probabilities of the walk: fold k by the folds before k, NaN in the first."""
    probability = np.full(len(walked.order), np.nan)
    for number in range(2, len(walked.folds) + 1):
        here = walked.fold == number
        base = float(walked.base[here][0])
        calibration = calibration_of(table, walked, walked.fold < number, base)
        probability[here] = calibration(walked.outputs[here])
    return probability


def calibration_of(
    table: Table, walked: Walked, kept: NDArray[np.bool_], base: float
) -> Calibration:
    """Return the calibration of a model with that base rate by the outputs of other folds."""
    rows = walked.order[kept]
    outputs = recentred(walked.outputs[kept], walked.base[kept], base)
    return isotonic(outputs, table.wins[rows], period_weights(table.proved_at_ms[rows]))
