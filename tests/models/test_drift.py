"""Drift: the stability index, what chance makes of it, and the word for it."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.bundling import training_histograms
from models.drift import (
    LEAST_COUNT,
    Drift,
    DriftCounter,
    Histogram,
    Stability,
    chi_square_95,
    stability_index,
)

TENTHS = Histogram(
    "x",
    tuple(i / 10 for i in range(1, 10)),
    {"1m": (0.1,) * 10 + (0.0,), "5m": (0.5, 0.5) + (0.0,) * 9},
)


def counted(values: np.ndarray, timeframe: str = "1m") -> Drift:
    counter = DriftCounter([TENTHS])
    for value in values.tolist():
        counter.add(timeframe, (value,))
    (drift,) = counter.drifts()
    return drift


def test_index_when_shares_are_equal_is_zero_and_grows_with_the_difference() -> None:
    even = [0.25] * 4
    assert stability_index(even, even) == 0.0
    assert stability_index([0.5, 0.5], [0.6, 0.4]) == pytest.approx(
        0.1 * math.log(0.6 / 0.5) - 0.1 * math.log(0.4 / 0.5)
    )


@given(st.lists(st.integers(0, 50), min_size=2, max_size=12), st.data())
def test_index_when_anything_is_counted_is_finite_and_not_negative(
    counts: list[int], data: st.DataObject
) -> None:
    others = data.draw(st.lists(st.integers(0, 50), min_size=len(counts), max_size=len(counts)))
    first = [n / max(1, sum(counts)) for n in counts]
    second = [n / max(1, sum(others)) for n in others]
    assert 0.0 <= stability_index(first, second) < math.inf


def test_noise_when_compared_with_tables_is_the_quantile_of_chi_square() -> None:
    assert [chi_square_95(k) for k in (2, 5, 9, 20)] == pytest.approx(
        [5.99, 11.07, 16.92, 31.41], rel=0.01
    )
    assert chi_square_95(0) == 0.0


def test_noise_when_nothing_has_drifted_is_exceeded_about_once_in_twenty() -> None:
    random = np.random.default_rng(5)
    told = [counted(random.random(300)) for _ in range(400)]
    exceeded = sum(drift.index > drift.noise for drift in told)
    assert 8 <= exceeded <= 36  # 20 expected, four standard deviations


def test_word_when_enough_are_counted_follows_the_index() -> None:
    random = np.random.default_rng(6)
    assert counted(random.random(3000)).stability is Stability.STABLE
    assert counted(random.random(3000) ** 1.5).stability is Stability.SHIFTING
    assert counted(random.random(3000) ** 2).stability is Stability.DRIFTED


def test_word_when_few_are_counted_is_not_one_that_chance_could_speak() -> None:
    random = np.random.default_rng(7)
    assert counted(random.random(30)).stability is Stability.TOO_FEW
    # ... but what chance cannot explain is told of few, too.
    assert counted(np.full(99, 0.95)).stability is Stability.TOO_FEW
    assert counted(np.full(100, 0.95)).stability is Stability.DRIFTED


def test_word_when_few_but_enough_are_counted_is_seldom_a_false_alarm() -> None:
    random = np.random.default_rng(9)
    words = [counted(random.random(LEAST_COUNT)).stability for _ in range(400)]
    alarms = sum(word in {Stability.SHIFTING, Stability.DRIFTED} for word in words)
    assert alarms <= 0.1 * len(words)


def test_missing_values_when_counted_have_a_bin_of_their_own() -> None:
    counter = DriftCounter([TENTHS])
    for value in (0.05, math.nan, None):
        counter.add("1m", (value,))
    assert TENTHS.bin_of(math.nan) == 10
    (drift,) = counter.drifts()
    assert drift.count == 3
    assert drift.index > 1.0  # two thirds missing where none was


def test_timeframes_when_mixed_are_expected_in_the_mixture_of_now() -> None:
    counter = DriftCounter([TENTHS])
    for value in np.linspace(0.0, 0.19, 200).tolist():
        counter.add("5m", (value,))
    assert counter.drifts()[0].index == pytest.approx(0.0, abs=0.01)
    for value in (np.arange(1000) / 1000).tolist():
        counter.add("1m", (value,))
    assert counter.count == 1200
    assert counter.drifts()[0].index == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize(("timeframe", "values"), [("1h", (0.5,)), ("1m", (0.5, 0.5)), ("1m", ())])
def test_setup_when_the_training_had_no_such_is_left_out(
    timeframe: str, values: tuple[float, ...]
) -> None:
    counter = DriftCounter([TENTHS])
    counter.add(timeframe, values)
    assert counter.count == 0
    assert counter.drifts() == ()


def test_counter_when_the_bundle_has_no_histograms_counts_nothing() -> None:
    counter = DriftCounter([])
    counter.add("1m", ())
    assert counter.drifts() == ()


def test_drifts_when_several_are_sorted_largest_first() -> None:
    counter = DriftCounter([TENTHS, Histogram("y", (0.5,), {"1m": (0.5, 0.5, 0.0)})])
    for i in range(100):
        counter.add("1m", (i / 100, 0.9))
    assert [drift.feature for drift in counter.drifts()] == ["y", "x"]


@pytest.mark.parametrize(
    ("edges", "shares", "told"),
    [
        ((0.2, 0.1), {"1m": (0.5, 0.25, 0.25, 0.0)}, "edges must rise"),
        ((math.inf,), {"1m": (1.0, 0.0, 0.0)}, "edges must be finite"),
        ((0.1,), {"1m": (0.5, 0.5)}, "1m needs two shares more than edges"),
        ((0.1,), {"1m": (1.5, -0.5, 0.0)}, "1m has a share outside 0..1"),
        ((0.1,), {"1m": (0.5, 0.4, 0.0)}, "the shares of 1m must sum to 1"),
        ((0.1,), {}, "it has no shares"),
        ((), {"1m": (1.0, 0.0)}, ""),
    ],
)
def test_histogram_when_checked_names_its_fault(
    edges: tuple[float, ...], shares: dict[str, tuple[float, ...]], told: str
) -> None:
    assert Histogram("x", edges, shares).fault() == told


def test_histogram_when_made_from_training_puts_a_tenth_in_each_bin_of_all() -> None:
    random = np.random.default_rng(8)
    inputs = random.random((2000, 2)).astype(np.float32)
    inputs[::4, 1] = np.nan
    kinds = np.array(["1m"] * 1500 + ["5m"] * 500, dtype=object)

    first, second = training_histograms(("a", "b"), inputs, kinds)

    assert first.fault() == second.fault() == ""
    mixed = [0.75 * m1 + 0.25 * m5 for m1, m5 in zip(*first.shares.values(), strict=True)]
    assert mixed == pytest.approx([0.1] * 10 + [0.0], abs=0.002)
    assert second.shares["1m"][-1] == 0.25


def test_histogram_when_a_feature_is_constant_or_unknown_is_still_sound() -> None:
    inputs = np.stack([np.ones(50), np.full(50, np.nan)], axis=1).astype(np.float32)
    told = training_histograms(("a", "b"), inputs, np.array(["1m"] * 50, dtype=object))
    assert [one.fault() for one in told] == ["", ""]
    assert told[1].shares["1m"] == (0.0, 1.0)
