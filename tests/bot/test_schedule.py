import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.schedule import TIMETABLE, Job, Schedule, calls_a_day, next_due
from engine.domain.errors import VenueUnreachable
from engine.runtime.clock import LoopClock
from tests.virtual_loop import run_virtual

DAY_S = 86_400
MIDNIGHT_MS = 20_000 * 86_400_000


def test_timetable_when_summed_stays_within_96_calls_a_day():
    assert calls_a_day() == 96


@given(st.sampled_from(TIMETABLE), st.integers(0, 10**13))
def test_due_when_computed_is_the_next_phase_after_now(row, now_ms):
    due = next_due(row, now_ms)

    assert now_ms < due <= now_ms + row.period_ms
    assert (due - row.phase_ms) % row.period_ms == 0


@pytest.mark.parametrize("speed", [1.0, 60.0])
def test_schedule_when_a_day_passes_makes_each_call_on_its_time(speed):
    async def story():
        loop = asyncio.get_running_loop()
        clock = LoopClock(loop.time, exchange_ms=MIDNIGHT_MS + 1_000, wall_ms=0, speed=speed)
        made = []

        def job(which):
            async def call():
                made.append((which, clock.exchange_ms()))

            return call

        schedule = Schedule(clock, {which: job(which) for which in Job})
        task = loop.create_task(schedule.run())
        await asyncio.sleep((DAY_S - 2) / speed)
        task.cancel()
        return made, schedule.calls

    made, calls = run_virtual(story())

    assert sum(calls.values()) == 95  # midnight itself belongs to the day before
    assert calls[Job.ACCOUNT] == 24
    offsets = {ms % 3_600_000 // 60_000 for which, ms in made if which is Job.ACCOUNT}
    assert offsets == {15}


def test_schedule_when_a_job_fails_goes_on():
    async def story():
        loop = asyncio.get_running_loop()
        clock = LoopClock(loop.time, exchange_ms=MIDNIGHT_MS, wall_ms=0, speed=1)

        async def fail():
            raise VenueUnreachable("down")

        schedule = Schedule(clock, {Job.ACCOUNT: fail})
        task = loop.create_task(schedule.run())
        await asyncio.sleep(3 * 3600)
        task.cancel()
        return schedule.calls

    assert run_virtual(story())[Job.ACCOUNT] == 3
