import asyncio
from types import SimpleNamespace

import pytest

from bot.endings import dangers, first_of, measure, time_passes
from engine.runtime.tasks import TaskDied
from tests.fake_clock import FakeClock


async def _for_ever() -> None:
    await asyncio.Event().wait()


async def test_first_of_when_one_ends_cancels_the_others():
    ended = []

    async def long() -> None:
        try:
            await _for_ever()
        finally:
            ended.append("long")

    await first_of(asyncio.sleep(0), long())

    assert ended == ["long"]


async def test_first_of_when_one_fails_raises_its_reason():
    async def fail() -> None:
        raise TaskDied("the lease ended")

    with pytest.raises(TaskDied, match="the lease ended"):
        await first_of(_for_ever(), fail())


async def test_dangers_when_the_exchange_ends_raise_its_last_words():
    async def ended() -> str:
        return "the embedded exchange ended with code 1"

    machine = SimpleNamespace(tasks=SimpleNamespace(wait_failed=_for_ever))
    link = SimpleNamespace(child=SimpleNamespace(ended=ended))

    with pytest.raises(TaskDied, match="ended with code 1"):
        await first_of(*dangers(machine, link))  # type: ignore[arg-type]
    alone = dangers(machine, SimpleNamespace(child=None))  # type: ignore[arg-type]
    assert len(alone) == 1
    alone[0].close()


async def test_time_when_it_runs_fast_is_waited_for_in_exchange_time():
    clock = FakeClock()

    async def advance() -> None:
        await asyncio.sleep(0)
        clock.advance(60)

    await asyncio.gather(time_passes(clock, 40), advance())

    assert clock.exchange_ms() >= 40


async def test_measure_when_running_samples_at_once():
    samples = []
    meter = SimpleNamespace(sample=lambda: samples.append(1))

    await first_of(measure(meter), asyncio.sleep(0.001))  # type: ignore[arg-type]

    assert samples == [1]
