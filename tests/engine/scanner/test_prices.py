"""Price watch: see also `test_scanner.py` for the change of symbols."""

import asyncio
import random

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
