import asyncio

import pytest

from bot.waiting import Stopped, unless_stopped
from tests.virtual_loop import run_virtual


async def _work(seconds: float, ended: list[str]) -> str:
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        ended.append("cancelled")
        raise
    return "done"


async def _danger(seconds: float) -> None:
    await asyncio.sleep(seconds)
    raise ValueError("the exchange ended")


def play(work_s: float, *, stop_s: float = 100.0, danger_s: float = 100.0):
    ended: list[str] = []

    async def run():
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(stop_s, stop.set)
        return await unless_stopped(stop, _work(work_s, ended), _danger(danger_s))

    return run, ended


def test_work_when_nothing_interferes_returns_its_result():
    run, ended = play(1)

    assert run_virtual(run()) == "done"
    assert ended == []


def test_work_when_stopped_first_is_cancelled_and_waited_for():
    """SIGTERM while 530 symbols load: nobody looked before they were all there."""
    run, ended = play(50, stop_s=1)

    with pytest.raises(Stopped):
        run_virtual(run())
    assert ended == ["cancelled"]


def test_work_when_something_vital_dies_first_raises_its_error():
    run, ended = play(50, danger_s=1)

    with pytest.raises(ValueError, match="the exchange ended"):
        run_virtual(run())
    assert ended == ["cancelled"]
