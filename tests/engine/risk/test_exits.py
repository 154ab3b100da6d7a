"""The one exit policy by time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.candle import Timeframe
from engine.domain.position import ExitReason
from engine.domain.setup import Direction
from engine.risk.exits import ExitPolicy, deadlines, due_exit, r_multiple

POLICY = ExitPolicy()
MINUTE = 60_000


@pytest.mark.parametrize("timeframe", list(Timeframe))
def test_deadlines_count_candles_of_the_setups_own_timeframe(timeframe):
    due = deadlines(POLICY, timeframe, 1000)

    assert due.time_exit_ms == 1000 + 120 * timeframe.ms
    assert due.stagnation_ms == 1000 + 30 * timeframe.ms


@pytest.mark.parametrize(
    ("minutes", "best_r", "expected"),
    [
        (29.99, 0.0, None),
        (30, 0.24, ExitReason.STAGNATION),
        (30, 0.25, None),
        (119.99, 0.3, None),
        (120, 0.3, ExitReason.TIME),
        (120, 0.0, ExitReason.TIME),
    ],
)
def test_exit_when_time_has_passed_names_the_reason(minutes, best_r, expected):
    due = deadlines(POLICY, Timeframe.M1, 0)

    assert due_exit(POLICY, due, best_r, int(minutes * MINUTE)) is expected


@pytest.mark.parametrize(
    ("direction", "stop", "price", "expected"),
    [
        (Direction.LONG, 98.0, 104.0, 2.0),
        (Direction.LONG, 98.0, 98.0, -1.0),
        (Direction.SHORT, 102.0, 96.0, 2.0),
        (Direction.LONG, 100.0, 104.0, 0.0),
        (Direction.LONG, 98.0, float("nan"), 0.0),
    ],
)
def test_r_multiple_is_the_move_over_the_first_risk(direction, stop, price, expected):
    assert r_multiple(direction, 100.0, stop, price) == expected


@given(st.floats(1, 200), st.floats(0.1, 50))
def test_r_multiple_of_a_short_mirrors_a_long(price, risk):
    long = r_multiple(Direction.LONG, 100.0, 100.0 - risk, price)
    short = r_multiple(Direction.SHORT, 100.0, 100.0 + risk, price)
    assert long == pytest.approx(-short)
