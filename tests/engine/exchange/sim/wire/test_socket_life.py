"""Pings, patience and the end of a day, on a loop whose time the test turns."""

from collections.abc import Callable
from typing import Any

import pytest

from engine.exchange.sim.wire.socket_life import GOING_AWAY, SocketLife, StreamSettings
from engine.exchange.sim.wire.websocket_frames import ping_frame


class Timer:
    def __init__(self, when: float, call: Callable[..., object], args: tuple[Any, ...]) -> None:
        self.when, self.call, self.args, self.cancelled = when, call, args, False

    def cancel(self) -> None:
        self.cancelled = True


class Loop:
    """A loop clock with timers, moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.timers: list[Timer] = []

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, call: Callable[..., object], *args: Any) -> Timer:
        timer = Timer(self.now + delay, call, args)
        self.timers.append(timer)
        return timer

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while due := [t for t in self.timers if t.when <= end and not t.cancelled]:
            timer = min(due, key=lambda t: t.when)
            self.timers.remove(timer)
            self.now = timer.when
            timer.call(*timer.args)
        self.now = end


class Socket:
    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.code: int | None = None
        self.aborted = False

    def write(self, frames: bytes) -> None:
        self.writes.append(frames)

    def close(self, code: int, reason: str = "") -> None:
        self.code = code

    def abort(self) -> None:
        self.aborted = True


@pytest.fixture
def loop() -> Loop:
    return Loop()


def life(loop: Loop, socket: Socket) -> SocketLife:
    made = SocketLife(socket, StreamSettings(), loop)  # type: ignore[arg-type]
    made.start_timers()
    return made


def test_ping_when_three_minutes_pass_is_sent_with_the_time(loop: Loop) -> None:
    socket = Socket()
    life(loop, socket)

    loop.run(180.0)

    assert socket.writes == [ping_frame(b"1180000")]


def test_socket_when_ten_minutes_bring_no_pong_is_cut(loop: Loop) -> None:
    socket = Socket()
    life(loop, socket)

    loop.run(719.0)
    assert not socket.aborted
    loop.run(2.0)

    assert socket.aborted


def test_socket_when_pings_are_answered_lives_its_day_and_is_closed(loop: Loop) -> None:
    socket = Socket()
    watched = life(loop, socket)

    for _ in range(479):
        loop.run(180.0)
        watched.pong()
    assert (socket.aborted, socket.code) == (False, None)
    loop.run(180.0)

    assert socket.code == GOING_AWAY


def test_stop_timers_when_the_socket_is_over_leaves_none(loop: Loop) -> None:
    socket = Socket()
    watched = life(loop, socket)

    watched.stop_timers()
    loop.run(100_000.0)

    assert socket.writes == []


def test_allows_message_when_ten_came_within_a_second_refuses_the_eleventh(loop: Loop) -> None:
    watched = life(loop, Socket())

    assert [watched.allows_message() for _ in range(11)] == [True] * 10 + [False]


def test_allows_message_when_spread_over_seconds_goes_on_for_ever(loop: Loop) -> None:
    watched = life(loop, Socket())

    for _ in range(100):
        loop.run(0.101)
        assert watched.allows_message()
