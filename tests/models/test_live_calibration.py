"""Probabilities against outcomes: buckets, intervals, comparison with the card and a challenger."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.live_calibration import (
    Calibration,
    CardBin,
    Comparison,
    card_bins,
    merged,
    wilson,
)

CARD = tuple(CardBin(0.2 + 0.02 * i, 0.21 + 0.02 * i, 100) for i in range(10))
WIDE = (0.2, 0.4)


def filled(probabilities: np.ndarray, wins: np.ndarray) -> Calibration:
    counter = Calibration(CARD, WIDE)
    for p, won in zip(probabilities.tolist(), wins.tolist(), strict=True):
        counter.add(p, won=won)
    return counter


def test_buckets_when_filled_stand_beside_the_cards() -> None:
    counter = filled(np.array([0.21, 0.21, 0.38, 0.9]), np.array([True, False, True, False]))

    buckets = counter.buckets()

    assert [bucket.count for bucket in buckets] == [2, 0, 0, 0, 2]
    assert [bucket.card for bucket in buckets] == pytest.approx([0.22, 0.26, 0.30, 0.34, 0.38])
    assert (buckets[0].predicted, buckets[0].observed) == (pytest.approx(0.21), 0.5)
    assert math.isnan(buckets[1].observed)
    assert (buckets[1].least, buckets[1].most) == (0.0, 1.0)
    assert buckets[0].high == buckets[1].low == pytest.approx(0.23)


def test_brier_when_counted_is_the_mean_squared_error() -> None:
    counter = filled(np.array([0.2, 0.6]), np.array([False, True]))
    assert counter.brier == pytest.approx((0.04 + 0.16) / 2)
    assert counter.brier_base_rate == pytest.approx(0.25)
    assert (counter.count, counter.wins, counter.expected_wins) == (2, 1, pytest.approx(0.8))


def test_brier_when_nothing_is_known_is_not_a_number_anybody_could_read() -> None:
    counter = Calibration((), WIDE)
    assert counter.brier is None
    assert counter.brier_base_rate is None
    assert counter.surprise == 0.0


def test_surprise_when_the_probabilities_hold_is_small_and_else_large() -> None:
    random = np.random.default_rng(3)
    p = random.uniform(0.2, 0.4, 4000)
    assert abs(filled(p, random.random(4000) < p).surprise) < 3.0
    assert filled(p, random.random(4000) < p - 0.1).surprise < -8.0


def test_buckets_when_the_card_is_bare_divide_the_models_range() -> None:
    buckets = Calibration((), WIDE).buckets()
    assert [bucket.high for bucket in buckets[:-1]] == pytest.approx([0.24, 0.28, 0.32, 0.36])
    assert {bucket.card for bucket in buckets} == {None}


def test_buckets_when_the_model_says_one_thing_only_are_still_sound() -> None:
    counter = Calibration((), (0.3, 0.3))
    counter.add(0.3, won=True)
    assert sum(bucket.count for bucket in counter.buckets()) == 1


@given(st.integers(0, 400), st.integers(0, 400))
def test_interval_when_asked_holds_the_share_and_stays_within_0_and_1(a: int, b: int) -> None:
    wins, count = min(a, b), max(a, b)
    low, high = wilson(wins, count)
    assert 0.0 <= low <= high <= 1.0
    if count:
        assert low <= wins / count + 1e-12
        assert wins / count - 1e-12 <= high


def test_interval_when_compared_with_a_table_is_wilsons() -> None:
    assert wilson(10, 40) == pytest.approx((0.1419, 0.4019), abs=1e-3)


def test_comparison_when_the_challenger_knows_better_says_so() -> None:
    random = np.random.default_rng(4)
    p = random.uniform(0.1, 0.9, 2000)
    both = Comparison()
    for truth, won in zip(p.tolist(), (random.random(2000) < p).tolist(), strict=True):
        both.add(0.5, truth, won=won)
    assert both.briers is not None
    assert both.briers[1] < both.briers[0]
    assert both.interval is not None
    assert both.interval[1] < 0.0


def test_comparison_when_both_say_the_same_finds_no_difference() -> None:
    both = Comparison()
    assert both.interval is None
    for won in (True, False, True):
        both.add(0.4, 0.4, won=won)
    assert both.interval == (0.0, 0.0)
    assert both.count == 3


def test_card_when_its_table_is_read_rises_and_leaves_empty_bins_out() -> None:
    rows = [
        {"predicted": 0.4, "observed": 0.5, "count": 10},
        {"predicted": 0.2, "observed": 0.1, "count": 10},
        {"predicted": 0.3, "observed": 0.1, "count": 0},
    ]
    assert card_bins({"probability": {"calibration": rows}}) == (
        CardBin(0.2, 0.1, 10),
        CardBin(0.4, 0.5, 10),
    )


@pytest.mark.parametrize(
    "report", [{}, {"probability": 5}, {"probability": {"calibration": [{"count": 1}]}}]
)
def test_card_when_it_has_no_table_is_bare(report: dict[str, object]) -> None:
    assert card_bins(report) == ()


def test_bins_when_merged_keep_their_outcomes() -> None:
    few = merged(CARD, 5)
    assert len(few) == 5
    assert sum(one.count for one in few) == 1000
    assert few[0] == CardBin(pytest.approx(0.21), pytest.approx(0.22), 200)
    assert merged((), 5) == ()


def test_bins_when_they_say_the_same_become_one() -> None:
    plateau = (CardBin(0.3, 0.2, 10), CardBin(0.3, 0.4, 30), CardBin(0.4, 0.4, 10))
    assert merged(plateau, 5) == (CardBin(pytest.approx(0.3), pytest.approx(0.35), 40), plateau[2])
