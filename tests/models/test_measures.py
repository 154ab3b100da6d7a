"""Tests of models/measures.py."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.measures import (
    auc,
    brier,
    calibration_bins,
    calibration_error,
    day_bootstrap,
    deflated_sharpe,
    log_loss,
    stability_index,
)


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40))
def test_auc_when_counted_pair_by_pair_is_equal(points: list[tuple[int, bool]]) -> None:
    scores = np.array([float(score) for score, _ in points])
    wins = np.array([win for _, win in points])
    pairs = [(a > b) + (a == b) / 2 for a in scores[wins] for b in scores[~wins]]
    measured = auc(scores, wins)
    assert measured == pytest.approx(np.mean(pairs)) if pairs else math.isnan(measured)


def test_losses_when_known_by_hand_are_those() -> None:
    p, wins = np.array([0.8, 0.4]), np.array([True, False])
    assert brier(p, wins) == pytest.approx((0.04 + 0.16) / 2)
    assert log_loss(p, wins) == pytest.approx(-(math.log(0.8) + math.log(0.6)) / 2)
    assert math.isfinite(log_loss(np.array([0.0]), np.array([True])))
    assert math.isnan(brier(p[:0], wins[:0]))
    assert math.isnan(log_loss(p[:0], wins[:0]))


def test_calibration_error_when_off_by_a_tenth_is_a_tenth() -> None:
    p = np.repeat([0.2, 0.6], 100)
    wins = np.tile(np.arange(100) % 10 < 1, 2)
    wins[100:] = np.arange(100) % 10 < 5
    bins = calibration_bins(p, wins, 2)
    assert [(b.predicted, b.observed, b.count) for b in bins] == [
        (pytest.approx(0.2), 0.1, 100),
        (pytest.approx(0.6), 0.5, 100),
    ]
    assert calibration_error(bins) == pytest.approx(0.1)
    assert math.isnan(calibration_error([]))


def test_bootstrap_when_days_move_together_is_wider_than_by_row() -> None:
    chance = np.random.default_rng(1)
    days = np.repeat(np.arange(40), 25)
    together = np.repeat(chance.normal(0, 1, 40), 25)
    apart = day_bootstrap(together, np.arange(1000), 1)
    whole = day_bootstrap(together, days, 1)
    assert whole.mean == apart.mean
    assert whole.high - whole.low > 3 * (apart.high - apart.low)
    assert whole.low < whole.mean < whole.high
    assert (whole.count, whole.days) == (1000, 40)


def test_bootstrap_when_repeated_covers_the_truth_about_as_often_as_it_says() -> None:
    hits = 0
    for seed in range(200):
        values = np.random.default_rng(seed).normal(0.1, 1, 400)
        interval = day_bootstrap(values, np.arange(400) // 8, seed)
        hits += interval.low <= 0.1 <= interval.high
    assert 175 <= hits <= 199


def test_bootstrap_when_there_is_nothing_says_nothing() -> None:
    assert math.isnan(day_bootstrap(np.empty(0), np.empty(0, dtype=np.int64), 1).mean)


def test_deflated_sharpe_when_tries_grow_falls() -> None:
    values = np.random.default_rng(1).normal(0, 1, 1_000)
    values += 0.08 - values.mean()
    told = [deflated_sharpe(values, tries) for tries in (1, 10, 1_000)]
    assert told[0] > told[1] > told[2]
    assert told[0] > 0.95


def test_deflated_sharpe_when_there_is_no_edge_is_a_coin() -> None:
    values = np.tile([1.0, -1.0], 500)
    assert deflated_sharpe(values, 1) == pytest.approx(0.5, abs=0.01)
    assert math.isnan(deflated_sharpe(values[:2], 1))
    assert math.isnan(deflated_sharpe(np.ones(50), 1))


def test_stability_when_nothing_moved_is_zero_and_grows_with_the_shift() -> None:
    base = np.random.default_rng(1).normal(0, 1, 10_000)
    assert stability_index(base, base) == pytest.approx(0.0, abs=1e-9)
    small, large = stability_index(base, base + 0.2), stability_index(base, base + 1)
    assert 0.01 < small < 0.2 < large
    assert stability_index(np.ones(50), np.ones(9)) == pytest.approx(0.0)
    assert math.isnan(stability_index(base, base[:0]))
