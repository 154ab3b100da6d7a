"""What ends a run, or only accompanies it until its end."""

import asyncio
from collections.abc import Awaitable, Coroutine
from typing import Any

from bot.machine import Machine
from bot.summary import ProcessMeter
from bot.venue_link import VenueLink
from engine.ports import Clock
from engine.runtime.tasks import TaskDied

_SAMPLE_S = 5.0
_LOOK_EVERY_S = 5.0


async def first_of(*waits: Coroutine[Any, Any, object]) -> None:
    """Return when the first of them ends, raising what it raised; the others are cancelled."""
    tasks = [asyncio.get_running_loop().create_task(wait) for wait in waits]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def dangers(machine: Machine, link: VenueLink) -> list[Coroutine[Any, Any, object]]:
    """Return what ends a run by raising: a dead vital task, the embedded exchange's own end."""
    found: list[Coroutine[Any, Any, object]] = [machine.tasks.wait_failed()]
    if link.child is not None:
        found.append(_fail_with(link.child.ended()))
    return found


async def _fail_with(reason: Awaitable[str]) -> None:
    raise TaskDied(await reason)


async def time_passes(clock: Clock, duration_ms: int) -> None:
    """Return when so much exchange time has passed."""
    end_ms = clock.exchange_ms() + duration_ms
    while (left_ms := end_ms - clock.exchange_ms()) > 0:  # noqa: ASYNC110 - the clock may be set
        await asyncio.sleep(min(left_ms / 1000 / clock.speed, _LOOK_EVERY_S))


async def measure(meter: ProcessMeter) -> None:
    """Sample the process for ever."""
    while True:
        meter.sample()
        await asyncio.sleep(_SAMPLE_S)
