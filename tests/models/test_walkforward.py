"""Tests of models/walkforward.py."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import TooLittleData
from models.walkforward import DAY_MS, learnable, period_weights, walk

HOUR = 3_600_000


def times(days: int, a_day: int = 50, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    proved = np.repeat(np.arange(days) * DAY_MS, a_day) + chance.integers(0, DAY_MS, days * a_day)
    return proved, proved + chance.integers(1, 30 * HOUR, len(proved))


@given(st.integers(2, 6), st.integers(30, 80), st.integers(0, 100))
def test_fold_when_made_knows_nothing_of_its_test(folds: int, days: int, seed: int) -> None:
    proved, known = times(days, seed=seed)
    embargo = 12 * HOUR
    steps = walk(proved, known, folds=folds, embargo_ms=embargo)
    for step in steps:
        assert proved[step.test].min() >= step.start_ms
        assert known[step.train].max() < step.start_ms
        assert proved[step.train].max() < step.start_ms - embargo
        left_out = np.count_nonzero(proved < step.start_ms) - len(step.train)
        assert step.purged == left_out > 0
    judged = np.concatenate([step.test for step in steps])
    assert len(np.unique(judged)) == len(judged)
    assert set(judged) == set(np.flatnonzero(proved >= steps[0].start_ms))
    assert [step.number for step in steps] == list(range(1, folds + 1))


def test_walk_when_periods_are_years_apart_counts_covered_days() -> None:
    proved, known = times(40)
    late = proved + np.where(proved >= 20 * DAY_MS, 1000 * DAY_MS, 0)
    steps = walk(late, known - proved + late, folds=3, embargo_ms=HOUR)
    assert [len(step.test) for step in steps] == [500, 500, 500]
    assert steps[1].start_ms == 1020 * DAY_MS


def test_walk_when_days_are_few_says_how_many_it_takes() -> None:
    with pytest.raises(
        TooLittleData, match=r"7 days with setups are too few for 5 folds, it .* 12"
    ):
        walk(*times(7), folds=5, embargo_ms=0)


def test_walk_when_the_embargo_eats_the_past_says_so() -> None:
    with pytest.raises(TooLittleData, match="fold 1 has 0 rows to learn from"):
        walk(*times(30), folds=5, embargo_ms=10 * DAY_MS)


def test_learnable_when_a_label_is_still_open_is_not() -> None:
    proved, known = np.array([10, 10, 95]), np.array([50, 101, 99])
    assert learnable(proved, known, 100, 20).tolist() == [True, False, False]


def test_weights_when_periods_differ_in_size_give_each_the_same_total() -> None:
    small, large = times(10, 10)[0], times(10, 90)[0] + 500 * DAY_MS
    weights = period_weights(np.concatenate([small, large]))
    assert weights[:100].sum() == pytest.approx(weights[100:].sum())
    assert weights.mean() == pytest.approx(1.0)
    assert period_weights(small).tolist() == [1.0] * 100
