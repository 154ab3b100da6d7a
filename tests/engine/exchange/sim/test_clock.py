"""Exchange time runs at its speed over the loop's time, whatever the loop's time is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.exchange.sim.clock import SimClock

EPOCH = 1_700_000_000_000


class Wall:
    """A hand-turned loop clock."""

    def __init__(self, now: float = 100.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def test_now_ms_when_wall_time_passes_runs_at_speed() -> None:
    wall = Wall()
    clock = SimClock(wall, epoch_ms=EPOCH, speed=20.0)

    wall.now += 0.25

    assert clock.now_ms() == EPOCH + 5_000


def test_now_ms_when_nothing_passed_is_the_epoch() -> None:
    assert SimClock(Wall(), epoch_ms=EPOCH).now_ms() == EPOCH


@given(
    speed=st.floats(0.1, 1000.0),
    ahead_ms=st.integers(0, 10**9),
    started=st.floats(0, 10**7),
)
def test_wall_at_when_that_moment_comes_is_that_exchange_time(
    speed: float, ahead_ms: int, started: float
) -> None:
    wall = Wall(started)
    clock = SimClock(wall, epoch_ms=EPOCH, speed=speed)

    wall.now = clock.wall_at(EPOCH + ahead_ms)

    assert abs(clock.now_ms() - (EPOCH + ahead_ms)) <= 1 + speed * 0.001


def test_exchange_ms_when_a_wall_second_is_asked_scales_with_speed() -> None:
    assert SimClock(Wall(), epoch_ms=EPOCH, speed=20.0).exchange_ms(1.5) == 30_000


def test_describe_when_a_second_process_copies_it_both_clocks_agree() -> None:
    wall = Wall()
    clock = SimClock(wall, epoch_ms=EPOCH, speed=7.0)
    wall.now += 3.0

    told = clock.describe()
    twin_ms = told["epoch_ms"] + (wall.now - told["started_at"]) * 1000 * told["speed"]

    assert twin_ms == clock.now_ms() == told["now_ms"]


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan")])
def test_clock_when_speed_is_not_positive_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="speed must be above 0"):
        SimClock(Wall(), epoch_ms=EPOCH, speed=speed)
