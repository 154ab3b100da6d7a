"""The signal threshold."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.risk.threshold import HOUR_MS, SignalThreshold, ThresholdRule, ThresholdSeed

DAY_MS = 24 * HOUR_MS
SEED = ThresholdSeed(quantiles=tuple(i / 1000 for i in range(1001)), per_day=3000.0)


def auto(per_day: int = 150, seed: ThresholdSeed = SEED) -> SignalThreshold:
    return SignalThreshold(ThresholdRule(per_day=per_day), seed)


def test_threshold_when_fixed_is_just_that():
    threshold = SignalThreshold(ThresholdRule(fixed=0.62))

    assert threshold.value == 0.62
    assert threshold.passes(0.62)
    assert not threshold.passes(0.6199)
    assert not threshold.passes(float("nan"))


def test_threshold_when_seeded_is_the_quantile_that_yields_n_a_day():
    assert auto(150).value == pytest.approx(0.95, abs=0.002)
    assert auto(300).value == pytest.approx(0.90, abs=0.002)


def test_threshold_when_nothing_is_known_is_one_half():
    assert auto(seed=ThresholdSeed()).value == 0.5


def test_threshold_when_own_history_grows_follows_it():
    threshold = auto(150)
    threshold.advance(0)
    for hour in range(170):
        for k in range(100):  # 2400 a day, all between 0.0 and 0.5
            threshold.observe(k / 200, hour * HOUR_MS + k)
    threshold.advance(170 * HOUR_MS)

    assert threshold.value == pytest.approx(0.5 * (1 - 150 / 2400), abs=0.01)


def test_threshold_when_scores_arrive_does_not_move_within_the_hour():
    threshold = auto()
    threshold.advance(0)
    before = threshold.value
    for k in range(5000):
        threshold.observe(0.999, k)

    assert threshold.value == before
    assert threshold.advance(HOUR_MS)
    assert threshold.value > before
    assert not threshold.advance(HOUR_MS + 1)


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=40),
    st.lists(st.floats(0, 1), min_size=1, max_size=40),
)
def test_threshold_uses_the_past_only(past, future):
    first, second = auto(50), auto(50)
    for one in (first, second):
        for k, value in enumerate(past):
            one.observe(value, k)
        one.advance(HOUR_MS)
    before = first.value
    for k, value in enumerate(future):
        second.observe(value, HOUR_MS + k)
    assert second.value == before == first.value


def test_history_when_older_than_a_week_is_forgotten():
    threshold = auto()
    for k in range(5000):
        threshold.observe(1.0, k)
    threshold.advance(HOUR_MS)
    high = threshold.value
    for hour in range(2, 172):
        threshold.advance(hour * HOUR_MS)

    assert high == 1.0
    assert threshold.value < 1.0


def test_budget_when_spent_stops_until_the_next_utc_day():
    threshold = SignalThreshold(ThresholdRule(fixed=0.0, per_day=3))

    assert [threshold.spend(k) for k in range(4)] == [True, True, True, False]
    assert threshold.used_today == 3
    assert threshold.spend(DAY_MS)
    assert threshold.used_today == 1


def test_history_when_dumped_and_loaded_gives_the_same_threshold():
    first = auto(50)
    for hour in range(30):
        for k in range(20):
            first.observe((hour * 7 + k * 13) % 100 / 100, hour * HOUR_MS + k)
    first.spend(29 * HOUR_MS)
    data = json.loads(json.dumps(first.dump()))

    second = auto(50)
    hours = [(hour, dict(map(tuple, counts))) for hour, counts in data["hours"]]
    second.load(data["day"], data["used"], hours)
    for one in (first, second):
        one.advance(31 * HOUR_MS)

    assert second.value == first.value
    assert second.used_today == first.used_today


def test_rule_when_changed_keeps_the_history():
    threshold = auto(150)
    threshold.change_rule(ThresholdRule(per_day=300))
    assert threshold.rule.per_day == 300
    assert threshold.value == pytest.approx(0.90, abs=0.002)


def test_score_when_it_is_no_number_counts_as_the_lowest():
    threshold = auto(50)
    threshold.observe(float("nan"), 0)
    threshold.observe(float("-inf"), 0)

    assert threshold.dump()["hours"] == [[0, [(0, 2)]]]


def test_reseed_when_another_scorer_works_forgets_scores_and_keeps_the_days_cap():
    threshold = auto(150)
    for hour in range(200):
        for _ in range(40):
            threshold.observe(0.2, hour * HOUR_MS)
    now_ms = 200 * HOUR_MS
    threshold.advance(now_ms)
    assert threshold.spend(now_ms)
    other = ThresholdSeed(quantiles=tuple(i / 10_000 for i in range(1001)), per_day=3000.0)

    threshold.reseed(other)

    fresh = auto(150, other)
    assert threshold.value == fresh.value == pytest.approx(0.095, abs=0.001)
    assert threshold.used_today == 1
    assert threshold.rule == ThresholdRule(per_day=150)
    threshold.advance(now_ms + HOUR_MS)
    assert threshold.value == pytest.approx(fresh.value, abs=0.001)


def test_reseed_when_scores_follow_learns_from_these_only():
    old, new = auto(150), auto(150)
    for hour in range(300):
        old.observe(0.9, hour * HOUR_MS)
    old.reseed(SEED)
    for hour in range(300, 320):
        old.observe(0.5, hour * HOUR_MS)
        new.observe(0.5, hour * HOUR_MS)

    assert old.dump()["hours"][-19:] == new.dump()["hours"][-19:]
    assert old.value == new.value


@given(
    st.lists(st.floats(allow_nan=True, allow_infinity=True, width=32), max_size=50),
    st.integers(1, 3),
)
def test_scores_when_observed_at_once_count_as_one_by_one(scores, hours):
    one, many = auto(50), auto(50)
    for hour in range(hours):
        many.observe_all(np.array(scores, dtype=np.float64), hour * HOUR_MS)
        for score in scores:
            one.observe(score, hour * HOUR_MS)
    if not scores:
        for hour in range(hours):
            one.advance(hour * HOUR_MS)

    assert many.dump() == one.dump()
    assert many.advance(hours * HOUR_MS) == one.advance(hours * HOUR_MS)
    assert many.value == one.value


def walked(per_day: int, seed: ThresholdSeed, own: list[tuple[float, int]], hours: int) -> float:
    """Return the threshold as the definition says: from the best score down, bin by bin."""
    counts = dict.fromkeys(range(10_001), 0.0)
    for score, count in own:
        counts[math.floor(score * 10_000 + 1e-9)] += count
    for score in seed.quantiles:
        weight = seed.per_day * (168 - hours) / 24.0 / len(seed.quantiles)
        counts[math.floor(score * 10_000 + 1e-9)] += weight
    reached = 0.0
    for bin_ in range(10_000, -1, -1):
        reached += counts[bin_]
        if reached >= per_day * 168 / 24.0:
            return bin_ / 10_000
    return 0.0


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(1, 400)), max_size=20), st.integers(1, 400))
def test_threshold_when_computed_is_where_a_walk_from_the_best_score_ends(own, per_day):
    threshold = auto(per_day)
    threshold.advance(0)
    for score, count in own:
        threshold.observe_all(np.full(count, score), 0)
    threshold.advance(HOUR_MS)

    assert threshold.value == walked(per_day, SEED, own, 1)
