import asyncio
import inspect
import random

import pytest

from engine.runtime.clock import LoopClock
from engine.runtime.tasks import Supervisor, TaskDied
from tests.virtual_loop import run_virtual


def supervisor() -> Supervisor:
    loop = asyncio.get_running_loop()
    clock = LoopClock(loop.time, exchange_ms=0, wall_ms=0, speed=1)
    return Supervisor(clock, random.Random(1))


def test_restarting_task_when_it_fails_or_returns_is_started_again_and_counted():
    async def story():
        tasks = supervisor()
        runs = []

        async def work():
            runs.append(len(runs))
            if len(runs) % 2:
                raise RuntimeError("boom")

        tasks.restarting("worker", work)
        await asyncio.sleep(60)
        await tasks.close()
        return runs, tasks.restarts

    runs, restarts = run_virtual(story())

    assert len(runs) > 4
    assert restarts["worker"] >= len(runs) - 1


@pytest.mark.parametrize("fails", [True, False])
def test_vital_task_when_it_ends_takes_the_supervisor_down(fails):
    async def story():
        tasks = supervisor()

        async def work():
            await asyncio.sleep(1)
            if fails:
                raise ValueError("broken heart")

        tasks.vital("heart", work)
        try:
            await tasks.wait_failed()
        finally:
            await tasks.close()

    with pytest.raises(TaskDied, match=r"heart (ended|failed: broken heart)"):
        run_virtual(story())


def test_vital_task_when_cancelled_by_anybody_else_takes_the_supervisor_down():
    """Law 6: a cancelled engine must not leave the process living on half dead."""

    async def story():
        tasks = supervisor()
        heart = tasks.vital("heart", asyncio.Event().wait)
        await asyncio.sleep(0)
        heart.cancel()
        try:
            await tasks.wait_failed()
        finally:
            await tasks.close()

    with pytest.raises(TaskDied, match="heart was cancelled"):
        run_virtual(story())


async def _wait_for_a_cancelled_future():
    future = asyncio.get_running_loop().create_future()
    future.cancel()
    await future


def test_restarting_task_when_what_it_waits_for_is_cancelled_is_restarted():
    async def story():
        tasks = supervisor()
        tasks.restarting("listener", _wait_for_a_cancelled_future)
        await asyncio.sleep(100)
        await tasks.close()
        return tasks.restarts["listener"]

    assert run_virtual(story()) > 1


def test_restarting_task_when_cancelled_by_its_owner_ends():
    async def story():
        tasks = supervisor()
        listener = tasks.restarting("listener", asyncio.Event().wait)
        await asyncio.sleep(0)
        listener.cancel()
        await asyncio.sleep(100)
        await tasks.close()
        return listener.cancelled(), tasks.restarts

    assert run_virtual(story()) == (True, {})


def test_one_off_task_when_what_it_waits_for_is_cancelled_is_counted():
    async def story():
        tasks = supervisor()
        tasks.once("errand", _wait_for_a_cancelled_future())
        await asyncio.sleep(1)
        await tasks.close()
        return tasks.restarts

    assert run_virtual(story()) == {"errand": 1}


def test_one_off_task_when_closed_before_its_first_step_leaves_no_coroutine_behind():
    async def story():
        tasks = supervisor()
        work = asyncio.sleep(1)
        tasks.once("errand", work)
        await tasks.close()
        return inspect.getcoroutinestate(work)

    assert run_virtual(story()) == inspect.CORO_CLOSED


def test_verdict_when_one_waiter_gives_up_still_reaches_the_next():
    async def story():
        tasks = supervisor()

        async def work():
            await asyncio.sleep(5)

        tasks.vital("heart", work)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await tasks.wait_failed()
        try:
            await tasks.wait_failed()
        finally:
            await tasks.close()

    with pytest.raises(TaskDied, match="heart ended"):
        run_virtual(story())


def test_one_off_task_when_it_fails_leaves_the_others_alone():
    async def story():
        tasks = supervisor()
        done = []

        async def fail():
            raise RuntimeError("errand failed")

        async def succeed():
            await asyncio.sleep(5)
            done.append("errand")

        tasks.once("bad", fail())
        tasks.once("good", succeed())
        await asyncio.sleep(10)
        await tasks.close()
        return done, tasks.restarts

    assert run_virtual(story()) == (["errand"], {"bad": 1})


def test_close_when_tasks_wait_cancels_every_one():
    async def story():
        tasks = supervisor()
        ended = []

        async def wait_for_ever():
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(1)

        for index in range(3):
            tasks.restarting(f"task-{index}", wait_for_ever)
        await asyncio.sleep(0)
        await tasks.close()
        return ended

    assert run_virtual(story()) == [1, 1, 1]
