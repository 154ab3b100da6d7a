"""Tests of models/null.py."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.risk.exits import ExitPolicy
from models.label_rules import LabelRules
from models.labels import MINUTE_MS
from models.null import DAY_MINUTES, random_plans
from models.trade_paths import NOT_ENTERED, Minutes, Plans, follow
from tests.models.sources import T0

SIZE = 5_000
POLICY = ExitPolicy()


def plans(count: int, seed: int) -> Plans:
    chance = np.random.default_rng(seed)
    d = chance.choice([-1, 1], count)
    entry = chance.uniform(90, 110, count)
    return Plans(
        start=chance.integers(0, SIZE - 700, count),
        direction=d,
        entry=entry,
        stop=entry * (1 - 0.01 * d),
        target=entry * (1 + 0.03 * d),
        minutes=chance.choice([1, 5], count),
    )


@given(st.integers(0, 1_000), st.integers(0, 3 * DAY_MINUTES))
def test_null_when_drawn_keeps_day_distances_and_room(seed: int, shift: int) -> None:
    opens = np.random.default_rng(seed).uniform(50, 60, SIZE)
    given_plans = plans(50, seed)
    first_ms = T0 + shift * MINUTE_MS
    null = random_plans(given_plans, opens, first_ms, POLICY, 3, np.random.default_rng(seed))
    day = (np.repeat(given_plans.start, 3) + shift) // DAY_MINUTES
    assert np.array_equal((null.start + shift) // DAY_MINUTES, day)
    assert np.allclose(np.abs(null.entry - null.stop) / null.entry, 0.01)
    assert np.allclose(np.abs(null.target - null.entry) / null.entry, 0.03)
    assert (null.direction * (null.target - null.entry) > 0).all()
    assert np.array_equal(null.entry, opens[null.start])
    assert np.array_equal(null.minutes, np.repeat(given_plans.minutes, 3))
    minutes = Minutes(open=opens, high=opens, low=opens)
    resolved = follow(minutes, given_plans, LabelRules(max_moved_r=1e9), compiled=False).outcome
    outcome = follow(minutes, null, LabelRules(), compiled=False).outcome
    kept = np.repeat(resolved, 3) < NOT_ENTERED
    assert (outcome[kept] < NOT_ENTERED).all()


def test_null_when_drawn_often_has_no_preferred_side_or_hour() -> None:
    opens = np.full(SIZE, 100.0)
    null = random_plans(plans(500, 1), opens, T0, POLICY, 20, np.random.default_rng(1))
    assert abs(np.mean(null.direction)) < 0.05
    assert null.start.std() > 500


def test_null_when_seeded_alike_is_equal() -> None:
    opens = np.full(SIZE, 100.0)
    first, second = (
        random_plans(plans(50, 1), opens, T0, POLICY, 2, np.random.default_rng(5)) for _ in "ab"
    )
    assert np.array_equal(first.start, second.start)
    assert np.array_equal(first.direction, second.direction)


def test_null_when_the_series_ends_at_midnight_with_a_setup_stays_inside() -> None:
    opens = np.full(DAY_MINUTES, 100.0)
    last = Plans(
        start=np.array([DAY_MINUTES]),
        direction=np.array([1]),
        entry=np.array([100.0]),
        stop=np.array([99.0]),
        target=np.array([102.0]),
        minutes=np.array([60]),
    )
    null = random_plans(last, opens, T0, POLICY, 50, np.random.default_rng(1))
    assert set(null.start.tolist()) == {DAY_MINUTES - 1}
