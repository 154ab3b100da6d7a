"""Tests of models/calibration.py."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calibration import LEAST_A_BIN, Calibration, _pooled, isotonic
from models.errors import TooLittleData


def ones(count: int) -> np.ndarray:
    return np.ones(count)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0.1, 5)), min_size=1, max_size=7))
def test_pooling_when_compared_with_every_partition_is_the_nearest(
    points: list[tuple[float, float]],
) -> None:
    y, w = np.array([p[0] for p in points]), np.array([p[1] for p in points])
    best = np.inf
    for cuts in itertools.product([False, True], repeat=len(y) - 1):
        groups = np.concatenate(([0], np.cumsum(cuts))).astype(int)
        means = np.bincount(groups, y * w) / np.bincount(groups, w)
        if (np.diff(means) >= 0).all():
            best = min(best, float(np.sum(w * (means[groups] - y) ** 2)))
    fitted = _pooled(y, w)
    assert (np.diff(fitted) >= -1e-12).all()
    assert float(np.sum(w * (fitted - y) ** 2)) == pytest.approx(best, abs=1e-9)


def test_isotonic_when_outputs_are_wrong_learns_what_is_true() -> None:
    chance = np.random.default_rng(1)
    truth = chance.random(20_000)
    calibration = isotonic(truth**3, chance.random(20_000) < truth, ones(20_000))
    asked = np.array([0.3, 0.5, 0.8])
    assert np.allclose(calibration(asked**3), asked, atol=0.04)
    assert (np.diff(calibration.x) > 0).all()
    assert (np.diff(calibration.y) >= 0).all()


def test_isotonic_when_the_ends_are_lucky_claims_no_certainty() -> None:
    chance = np.random.default_rng(2)
    outputs = np.linspace(0, 1, 1_000)
    wins = chance.random(1_000) < 0.3
    wins[-5:], wins[:5] = True, False
    calibration = isotonic(outputs, wins, ones(1_000))
    assert 0 < calibration(np.array([1.0]))[0] < 0.6


def test_isotonic_when_all_outputs_are_equal_is_the_base_rate() -> None:
    wins = np.arange(200) % 4 == 0
    calibration = isotonic(np.full(200, 0.7), wins, ones(200))
    assert calibration(np.array([0.0, 0.7, 1.0])) == pytest.approx([0.25] * 3)
    assert len(calibration.x) == 2


def test_isotonic_when_weights_differ_listens_to_them() -> None:
    wins = np.arange(200) % 2 == 0
    calibration = isotonic(np.full(200, 0.7), wins, np.where(wins, 3.0, 1.0))
    assert calibration(np.array([0.7]))[0] == pytest.approx(0.75)


def test_isotonic_when_rows_are_few_says_so() -> None:
    with pytest.raises(TooLittleData, match=f"it takes {LEAST_A_BIN}"):
        isotonic(np.zeros(3), np.zeros(3, dtype=bool), ones(3))


def test_calibration_when_beyond_the_knots_is_flat() -> None:
    calibration = Calibration((0.2, 0.4), (0.1, 0.3))
    assert calibration(np.array([0.0, 0.3, 0.9])) == pytest.approx([0.1, 0.2, 0.3])
