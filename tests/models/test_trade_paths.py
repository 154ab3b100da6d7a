"""Tests of models/trade_paths.py."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.candle import Timeframe
from engine.domain.position import ExitReason
from engine.domain.setup import Direction
from engine.risk.exits import deadlines, due_exit, r_multiple
from models.labels import MINUTE_MS
from models.trade_paths import (
    EXITS,
    NOT_ENTERED,
    STAGNATION,
    STOP,
    TARGET,
    TIME,
    UNRESOLVED,
    Minutes,
    Paths,
    Plans,
    follow,
)
from tests.models.plan_kit import POLICY, RULES, T0, minutes, one, plans


def test_trade_when_the_target_is_reached_leaves_there() -> None:
    assert one(minutes((100, 101, 99), (101, 104, 100)), plans()) == (TARGET, 1, 104.0)


def test_trade_when_both_lie_in_one_minute_takes_the_stop() -> None:
    assert one(minutes((100, 105, 97)), plans()) == (STOP, 0, 98.0)


def test_trade_when_it_opens_beyond_the_stop_is_filled_at_the_open() -> None:
    assert one(minutes((100, 100, 99), (95, 105, 94)), plans()) == (STOP, 1, 95.0)


def test_trade_when_it_opens_beyond_the_target_gets_no_more_than_the_target() -> None:
    assert one(minutes((100, 100, 99), (110, 111, 109)), plans()) == (TARGET, 1, 104.0)


def test_short_when_mirrored_ends_the_same() -> None:
    short = plans(direction=-1, stop=102.0, target=96.0)
    assert one(minutes((100, 101, 99), (99, 100, 96)), short) == (TARGET, 1, 96.0)
    assert one(minutes((100, 103, 95)), short) == (STOP, 0, 102.0)


def test_trade_when_it_never_lives_leaves_at_stagnation() -> None:
    # Best is 0.24 R by the end of minute 3; the extreme of minute 4 is not seen before its open.
    rows = [(100, 100.48, 99.5)] * 4 + [(100.1, 101.0, 100.0)]
    assert one(minutes(*rows), plans()) == (STAGNATION, 4, 100.1)


def test_trade_when_it_lived_once_stays_until_the_time_exit() -> None:
    rows = [(100.0, 100.5, 99.5)] * 12 + [(100.3, 100.4, 100.2)]
    assert one(minutes(*rows), plans()) == (TIME, 12, 100.3)


def test_trade_when_its_timeframe_is_longer_has_that_many_more_minutes() -> None:
    rows = [(100.0, 100.5, 99.5)] * 60 + [(100.3, 100.4, 100.2)]
    assert one(minutes(*rows), plans(minutes=5)) == (TIME, 60, 100.3)


@pytest.mark.parametrize("opened", [100.41, 99.59, 97.0])
def test_trade_when_the_price_moved_away_is_not_entered(opened: float) -> None:
    assert one(minutes((opened, 101, 96)), plans())[0] == NOT_ENTERED


def test_trade_when_the_series_ends_too_soon_is_unresolved_even_if_it_ended_early() -> None:
    assert one(minutes((100, 105, 97), flat=11), plans())[0] == UNRESOLVED
    assert one(minutes((100, 105, 97), flat=12), plans())[0] == STOP


def oracle(series: Minutes, plan: Plans) -> tuple[ExitReason, int, float]:
    """Follow one trade with the core's own exit functions, minute by minute."""
    d, stop, target = int(plan.direction[0]), float(plan.stop[0]), float(plan.target[0])
    start, fill = int(plan.start[0]), float(series.open[plan.start[0]])
    timeframe = {1: Timeframe.M1, 5: Timeframe.M5}[int(plan.minutes[0])]
    due = deadlines(POLICY, timeframe, T0 + start * MINUTE_MS)
    best, row = 0.0, start
    while True:
        o, h, low = series.open[row], series.high[row], series.low[row]
        worst, finest = (low, h) if d > 0 else (h, low)
        if d * o <= d * stop:
            return ExitReason.STOP, row, o
        reason = due_exit(POLICY, due, best, T0 + row * MINUTE_MS)
        if reason is not None:
            return reason, row, o
        if d * worst <= d * stop:
            return ExitReason.STOP, row, stop
        if d * finest >= d * target:
            return ExitReason.TARGET, row, target
        best = max(best, r_multiple(Direction(d), fill, stop, finest))
        row += 1


def random_market(seed: int, size: int = 400) -> Minutes:
    chance = np.random.default_rng(seed)
    close = 100 + np.cumsum(chance.normal(0, 0.4, size))
    opens = np.concatenate(([100.0], close[:-1])) + chance.choice([0, 0, 0.3, -0.3], size)
    spread = chance.exponential(0.3, (2, size))
    return Minutes(
        open=opens,
        high=np.maximum(opens, close) + spread[0],
        low=np.minimum(opens, close) - spread[1],
    )


def random_plans(series: Minutes, seed: int, count: int) -> Plans:
    chance = np.random.default_rng(seed)
    start = chance.integers(0, len(series), count)
    d = chance.choice([-1, 1], count)
    entry = series.open[start] + chance.normal(0, 0.05, count)
    risk = chance.uniform(0.3, 3.0, count)
    return Plans(
        start=start,
        direction=d,
        entry=entry,
        stop=entry - d * risk,
        target=entry + d * 2 * risk,
        minutes=chance.choice([1, 5], count),
    )


@given(st.integers(0, 10_000))
def test_paths_when_followed_by_the_exit_policy_itself_are_equal(seed: int) -> None:
    series = random_market(seed)
    given_plans = random_plans(series, seed, 20)
    paths = follow(series, given_plans, RULES, compiled=False)
    for row in np.flatnonzero(paths.outcome < NOT_ENTERED):
        single = Plans(
            **{n: getattr(given_plans, n)[row : row + 1] for n in Plans.__dataclass_fields__}
        )
        reason, end, price = oracle(series, single)
        assert (EXITS[paths.outcome[row]], paths.end[row]) == (reason, end)
        assert paths.exit[row] == price


def test_paths_when_compiled_are_equal_bit_for_bit() -> None:
    pytest.importorskip("numba")
    series = random_market(3, 5_000)
    given_plans = random_plans(series, 4, 3_000)
    plain = follow(series, given_plans, RULES, compiled=False)
    fast = follow(series, given_plans, RULES, compiled=True)
    for name in Paths.__dataclass_fields__:
        assert np.array_equal(getattr(plain, name), getattr(fast, name), equal_nan=True), name
    assert set(plain.outcome.tolist()) == {STOP, TARGET, TIME, STAGNATION, NOT_ENTERED, UNRESOLVED}
