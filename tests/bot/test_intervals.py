import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.intervals import mean_interval


def test_interval_when_fewer_than_two_values_is_none():
    assert mean_interval([], random.Random(1), 100) is None
    assert mean_interval([1.0], random.Random(1), 100) is None


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=30), st.integers())
def test_interval_when_computed_lies_within_the_values_and_repeats_for_a_seed(values, seed):
    low, high = mean_interval(values, random.Random(seed), 200)

    assert min(values) - 1e-9 <= low <= high <= max(values) + 1e-9
    assert (low, high) == mean_interval(values, random.Random(seed), 200)


def test_interval_when_values_are_normal_covers_the_mean_about_95_times_in_100():
    rng = random.Random(7)
    hits = 0
    for _ in range(200):
        values = [rng.gauss(0.3, 1.0) for _ in range(60)]
        low, high = mean_interval(values, rng, 400)
        hits += low <= 0.3 <= high

    assert 178 <= hits <= 198


def test_interval_when_values_are_very_many_is_what_resampling_gives():
    rng = random.Random(7)
    values = [rng.choice((-1.1, -1.0, 1.7)) for _ in range(2_000)]

    many = mean_interval(values, rng, 1_000)
    resampled = mean_interval(values[:-1], rng, 1_000)

    assert many == pytest.approx(resampled, abs=0.02)
