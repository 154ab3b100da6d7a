import pytest

from engine.runtime.clock import LoopClock, SystemClock


class Loop:
    now = 50.0

    def time(self) -> float:
        return self.now


def test_loop_clock_when_the_loop_moves_runs_exchange_time_at_speed():
    loop = Loop()
    clock = LoopClock(loop.time, exchange_ms=1_000_000, wall_ms=7_000, speed=20)

    loop.now += 1.5

    assert clock.exchange_ms() == 1_030_000
    assert clock.wall_ms() == 8_500
    assert clock.monotonic() == 51.5
    assert clock.instant().exchange_ms == 1_030_000


@pytest.mark.parametrize("speed", [0, -1])
def test_loop_clock_when_speed_is_not_positive_refuses(speed):
    with pytest.raises(ValueError, match=f"speed was {speed}"):
        LoopClock(Loop().time, exchange_ms=0, wall_ms=0, speed=speed)


def test_system_clock_when_given_an_offset_adds_it_to_exchange_time_only():
    clock = SystemClock(offset_ms=lambda: 3_600_000)

    difference = clock.exchange_ms() - clock.wall_ms()

    assert abs(difference - 3_600_000) < 1_000
    assert clock.instant().wall_s <= clock.monotonic()
