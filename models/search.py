"""Random search over the shape of the trees, judged by the walk-forward of the training rows.

The budget is in trials, so a search repeats. Every trial is a try and is counted on the card.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from models.study import StudyRules, loss_of, walk_forward
from models.training import Table, TreeParams

Told = Callable[[str], None]
LEARNING_RATES = (0.01, 0.02, 0.03, 0.05)
LEAVES = (4, 7, 15, 31, 63)
LEAST_ROWS = (50, 100, 200, 400, 800)
FRACTIONS = (0.5, 0.65, 0.8, 1.0)
L2 = (0.0, 1.0, 5.0, 20.0)


@dataclass(frozen=True, slots=True)
class Trial:
    """One shape and its log-loss out of fold, with equal weight a period."""

    params: TreeParams
    loss: float


def candidates(trials: int, seed: int) -> list[TreeParams]:
    """Return the default shape and `trials` random ones, different from each other."""
    chance = np.random.default_rng(seed)
    found = [TreeParams()]
    while len(found) < trials + 1:
        shape = TreeParams(
            learning_rate=float(chance.choice(LEARNING_RATES)),
            num_leaves=int(chance.choice(LEAVES)),
            min_data_in_leaf=int(chance.choice(LEAST_ROWS)),
            feature_fraction=float(chance.choice(FRACTIONS)),
            lambda_l2=float(chance.choice(L2)),
        )
        if shape not in found:
            found.append(shape)
    return found


def search(table: Table, rules: StudyRules, trials: int, told: Told | None = None) -> list[Trial]:
    """Return every trial, the best first; ties go to the earlier one, the default foremost.

    Args:
        table: training rows only.
        rules: folds, seed and embargo; its `trees` are not used.
        trials: random shapes beside the default.
        told: called with what is being done.
    """
    done = []
    for number, params in enumerate(candidates(trials, rules.seed)):
        if told is not None:
            told(f"trial {number} of {trials}")
        here = StudyRules(
            embargo_ms=rules.embargo_ms, folds=rules.folds, seed=rules.seed, trees=params
        )
        done.append(Trial(params, loss_of(table, walk_forward(table, here))))
    return sorted(done, key=lambda trial: trial.loss)
