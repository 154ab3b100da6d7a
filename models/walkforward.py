"""Splits by time: every fold is judged by a model that knew only what lay well before it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.errors import TooLittleData

DAY_MS = 86_400_000
PERIOD_GAP_DAYS = 7
LEAST_TRAINING_ROWS = 200

Rows = NDArray[np.int64]
Times = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """Row numbers of one step of the walk.

    Attributes:
        number: 1-based.
        train: rows whose labels were known, embargo included, before the fold began.
        test: rows proved inside the fold.
        start_ms: begin of the fold, a UTC midnight.
        purged: earlier rows left out because they came too close.
    """

    number: int
    train: Rows
    test: Rows
    start_ms: int
    purged: int


def walk(proved_at_ms: Times, known_at_ms: Times, *, folds: int, embargo_ms: int) -> list[Fold]:
    """Return the folds: covered days in `folds` + 1 equal blocks, the first for training only.

    Days without a setup do not count, so that periods years apart walk like one.

    Args:
        proved_at_ms: when each row's setup was proved, in any order.
        known_at_ms: when its label became known.
        folds: number of test blocks.
        embargo_ms: time between the last training row and the fold: the longest label life plus
            the warm-up.

    Raises:
        TooLittleData: too few days, or a fold would have nearly nothing to learn from.
    """
    days = np.unique(proved_at_ms // DAY_MS)
    if len(days) < 2 * (folds + 1):
        raise TooLittleData(
            f"{len(days)} days with setups are too few for {folds} folds, "
            f"it takes {2 * (folds + 1)}"
        )
    starts = [int(block[0]) * DAY_MS for block in np.array_split(days, folds + 1)]
    edges = [*starts[1:], int(days[-1] + 1) * DAY_MS]
    return [
        _fold(number, proved_at_ms, known_at_ms, edges[number - 1], edges[number], embargo_ms)
        for number in range(1, folds + 1)
    ]


def _fold(
    number: int, proved: Times, known: Times, start_ms: int, end_ms: int, embargo_ms: int
) -> Fold:
    train = np.flatnonzero(learnable(proved, known, start_ms, embargo_ms))
    test = np.flatnonzero((proved >= start_ms) & (proved < end_ms))
    if len(train) < LEAST_TRAINING_ROWS:
        raise TooLittleData(
            f"fold {number} has {len(train)} rows to learn from, it takes {LEAST_TRAINING_ROWS}; "
            "give more data or fewer folds"
        )
    before = int(np.count_nonzero(proved < start_ms))
    return Fold(
        number=number, train=train, test=test, start_ms=start_ms, purged=before - len(train)
    )


def learnable(proved: Times, known: Times, start_ms: int, embargo_ms: int) -> NDArray[np.bool_]:
    """Return which rows a model for the time from `start_ms` may have seen."""
    allowed: NDArray[np.bool_] = (proved < start_ms - embargo_ms) & (known < start_ms)
    return allowed


def period_weights(proved_at_ms: Times) -> NDArray[np.float64]:
    """Return weights with mean 1 that give every period the same total.

    A period ends where no symbol has a setup for more than `PERIOD_GAP_DAYS` days; otherwise a
    month with a hundred symbols would outvote a year of ten.
    """
    days = proved_at_ms // DAY_MS
    covered = np.unique(days)
    firsts = covered[np.flatnonzero(np.diff(covered, prepend=-(10**9)) > PERIOD_GAP_DAYS)]
    period = np.searchsorted(firsts, days, side="right") - 1
    sizes = np.bincount(period, minlength=len(firsts))
    weights: NDArray[np.float64] = len(days) / (len(firsts) * sizes[period])
    return weights
