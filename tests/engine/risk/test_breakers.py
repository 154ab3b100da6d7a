"""Circuit breakers."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.risk.breakers import (
    Breaker,
    BreakerState,
    on_closed,
    on_equity,
    on_rejected,
    on_transfer,
    reset,
)
from engine.risk.limits import DAY_MS, RiskLimits
from tests.builders import d

LIMITS = RiskLimits()
START = on_equity(BreakerState(), LIMITS, d(1000), 0)[0]


def names(trips) -> list[Breaker]:
    return [trip.breaker for trip in trips]


@pytest.mark.parametrize(
    ("equity", "expected"),
    [
        (951, []),
        (950, [Breaker.DAILY_LOSS]),
        (400, [Breaker.DAILY_LOSS, Breaker.DRAWDOWN]),
    ],
)
def test_equity_when_it_falls_trips_at_its_limits(equity, expected):
    state, trips = on_equity(START, LIMITS, d(equity), 1)

    assert names(trips) == expected
    assert state.tripped == set(expected)


def test_drawdown_when_spread_over_days_is_measured_from_the_high():
    state = START
    for day, equity in enumerate([960, 920, 890], start=1):
        state, trips = on_equity(state, LIMITS, d(equity), day * DAY_MS)
        assert trips == ()
    state, trips = on_equity(state, LIMITS, d(850), 3 * DAY_MS + 1)

    assert names(trips) == [Breaker.DRAWDOWN]
    assert "15.0%" in trips[0].text


def test_breaker_when_tripped_is_told_once_and_stays_over_the_new_day():
    state, _ = on_equity(START, LIMITS, d(940), 1)

    state, trips = on_equity(state, LIMITS, d(930), 2)
    assert trips == ()
    state, _ = on_equity(state, LIMITS, d(930), DAY_MS)
    assert Breaker.DAILY_LOSS in state.tripped


def test_losses_when_six_come_in_a_row_trip_and_a_win_starts_over():
    state = START
    for _ in range(5):
        state, trips = on_closed(state, LIMITS, d(-1))
        assert trips == ()
    assert names(on_closed(state, LIMITS, d(-1))[1]) == [Breaker.LOSS_STREAK]
    state, _ = on_closed(state, LIMITS, d(0))
    assert state.losses == 0


def test_rejects_when_old_are_forgotten():
    state = START
    for at in (0, 300_000, 700_000):
        state, trips = on_rejected(state, LIMITS, at)
        assert trips == ()
    assert names(on_rejected(state, LIMITS, 800_000)[1]) == [Breaker.REJECTS]


def test_transfer_when_money_moves_shifts_the_marks():
    state = on_transfer(START, d(-400))

    assert (state.day_start, state.high_water) == (600, 600)
    assert on_equity(state, LIMITS, d(590), 1)[1] == ()


def test_reset_when_the_owner_wants_starts_from_now():
    tripped, _ = on_equity(START, LIMITS, d(500), 1)

    state = reset(tripped, d(500), DAY_MS)

    assert state.tripped == frozenset()
    assert (state.day, state.day_start, state.high_water) == (1, 500, 500)


@given(st.lists(st.decimals(1, 10_000, places=2), min_size=1, max_size=30))
def test_high_water_is_the_maximum_and_a_deep_fall_always_trips(path):
    state = BreakerState()
    for at, equity in enumerate(path):
        state, _ = on_equity(state, LIMITS, equity, at)
    assert state.high_water == max(path)
    deep = state.high_water * Decimal("0.85")
    state, _ = on_equity(state, LIMITS, deep, len(path))
    assert Breaker.DRAWDOWN in state.tripped
