import asyncio

import pytest

from engine.exchange.binance.server_clock import ServerClock
from tests.engine.exchange.binance.virtual import START_MS, loop_clock, run_virtual


async def _fed(server: ServerClock, leads: list[int]) -> int:
    clock = loop_clock()
    for lead in leads:
        server.observe(clock.exchange_ms() + lead)
    return server.offset_ms


def test_now_when_nothing_was_heard_is_our_own_time() -> None:
    async def main() -> int:
        return ServerClock(loop_clock()).now_ms()

    assert run_virtual(main) == START_MS


def test_observe_when_the_venue_is_ahead_believes_at_once() -> None:
    async def main() -> int:
        return await _fed(ServerClock(loop_clock()), [1500])

    assert run_virtual(main) == 1500


def test_observe_when_messages_are_late_does_not_fall_back_on_one_of_them() -> None:
    async def main() -> int:
        return await _fed(ServerClock(loop_clock()), [-4000, 20, -900])

    assert run_virtual(main) == 0


def test_observe_when_we_are_ahead_learns_it_from_a_whole_window() -> None:
    async def main() -> int:
        return await _fed(ServerClock(loop_clock()), [-2000 - i for i in range(64)])

    assert run_virtual(main) == -2000


def test_observe_when_difference_is_small_stays_calm() -> None:
    async def main() -> int:
        return await _fed(ServerClock(loop_clock()), [80, 90, 60])

    assert run_virtual(main) == 0


def test_observe_when_market_runs_fast_tolerates_the_same_wall_time() -> None:
    async def main() -> int:
        server = ServerClock(loop_clock(speed=20.0))
        return await _fed(server, [1500])

    assert run_virtual(main) == 0  # 75 ms of wall time


def test_resync_when_the_venue_answers_takes_the_middle_of_the_trip_and_forgets() -> None:
    async def main() -> tuple[int, int, int]:
        clock = loop_clock()
        server = ServerClock(clock)
        server.observe(START_MS + 9_000)
        asked = clock.exchange_ms()
        await asyncio.sleep(0.2)
        server.resync(START_MS + 3_100, asked)
        after = server.offset_ms
        server.observe(clock.exchange_ms() + 3_000)
        return after, server.offset_ms, server.resyncs

    after, later, resyncs = run_virtual(main)
    assert after == later == pytest.approx(3000, abs=1)
    assert resyncs == 1
