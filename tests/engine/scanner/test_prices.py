"""Price watch: see also `test_scanner.py` for the change of symbols."""

import asyncio
import random

from engine.ports import MarketFrame
from engine.runtime.clock import LoopClock
from engine.runtime.tasks import Supervisor
from engine.scanner.prices import PriceWatch
from tests.virtual_loop import run_virtual


def test_price_watch_when_the_same_symbols_are_asked_again_keeps_its_connections(market):
    async def run():
        loop = asyncio.get_running_loop()
        clock = LoopClock(loop.time, exchange_ms=0, wall_ms=0, speed=1)
        tasks = Supervisor(clock, random.Random(1))
        watch = PriceWatch(market, clock, tasks, lambda _event: None, random.Random(1))
        watch.watch(frozenset({"AUSDT"}))
        await asyncio.sleep(0.01)
        watch.watch(frozenset({"AUSDT"}))
        await asyncio.sleep(0.01)
        await tasks.close()

    run_virtual(run())

    assert len(market.names) == 2


def test_price_watch_when_symbols_change_faster_than_it_connects_leaves_nothing_behind(market):
    """An entry that is not filled is gone before the new connection shows its first frame."""

    async def run():
        loop = asyncio.get_running_loop()
        clock = LoopClock(loop.time, exchange_ms=0, wall_ms=0, speed=1)
        tasks = Supervisor(clock, random.Random(1))
        watch = PriceWatch(market, clock, tasks, lambda _event: None, random.Random(1))
        for symbols in ({"AUSDT"}, {"AUSDT", "BUSDT"}, {"BUSDT"}):
            watch.watch(frozenset(symbols))
            await asyncio.sleep(0.01)
        newest = max(i for i, names in enumerate(market.names) if "busdt@markPrice@1s" in names)
        market.sessions[newest].put_nowait(MarketFrame(loop.time(), None))
        await asyncio.sleep(0.01)
        running = len(tasks._tasks)
        watch.watch(frozenset())
        await asyncio.sleep(0.01)
        ended = len(tasks._tasks)
        await tasks.close()
        return running, ended

    assert run_virtual(run()) == (2, 0)
