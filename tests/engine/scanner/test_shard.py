import asyncio
import random

import pytest

from engine.domain.errors import VenueUnreachable
from engine.domain.events import PriceMoved
from engine.ports import MarketFrame
from engine.runtime.clock import LoopClock
from engine.scanner.shard import Shard, ShardTimes
from tests.virtual_loop import run_virtual

TIMES = ShardTimes(stalled_after_s=15, renew_after_s=3600, overlap_s=30)


class Rig:
    """A shard on a scripted market in virtual time."""

    def __init__(self, market):
        self.loop = asyncio.get_running_loop()
        clock = LoopClock(self.loop.time, exchange_ms=0, wall_ms=0, speed=1)
        self.market = market
        self.frames, self.ups, self.downs = [], 0, []
        self.shard = Shard(
            "shard-1",
            ["ausdt@kline_1m"],
            market,
            clock,
            random.Random(1),
            on_frame=self.frames.append,
            on_up=self._up,
            on_down=self.downs.append,
            times=TIMES,
        )
        self.task = self.loop.create_task(self.shard.run())

    def _up(self):
        self.ups += 1

    async def push(self, item="frame", session=-1):
        await asyncio.sleep(0.01)
        if item == "frame":
            item = MarketFrame(self.loop.time(), PriceMoved("AUSDT", 1.0, 0))
        self.market.sessions[session].put_nowait(item)
        await asyncio.sleep(0.01)

    async def end(self):
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


def play(market, story):
    async def run():
        rig = Rig(market)
        try:
            await story(rig)
        finally:
            await rig.end()
        return rig

    return run_virtual(run())


def test_shard_when_frames_flow_stays_on_one_connection(market):
    async def story(rig):
        for _ in range(20):
            await rig.push()
            await asyncio.sleep(10)

    rig = play(market, story)

    assert len(rig.frames) == 20
    assert (rig.ups, rig.shard.reconnects, rig.downs) == (1, 0, [])


def test_shard_when_silent_for_15_s_reconnects(market):
    async def story(rig):
        await rig.push()
        await asyncio.sleep(14)
        assert rig.downs == []
        await asyncio.sleep(3)
        assert rig.downs == ["no frame for 15 s"]
        await asyncio.sleep(1)
        await rig.push()

    rig = play(market, story)

    assert (rig.ups, rig.shard.reconnects) == (2, 1)


def test_shard_when_subscribed_but_never_fed_reconnects(market):
    """Failure 2: a wrong route acknowledges and stays silent."""

    async def story(rig):
        await asyncio.sleep(100)

    rig = play(market, story)

    assert len(market.sessions) > 3
    assert rig.ups == 0


@pytest.mark.parametrize(
    ("end", "reason"),
    [(None, "closed by the venue"), (VenueUnreachable("refused"), "refused")],
)
def test_shard_when_the_connection_ends_reconnects_whatever_the_close(market, end, reason):
    """Failures 3 and 4: a clean close is a disconnect too, and reconnecting never gives up."""

    async def story(rig):
        for attempt in range(12):
            while len(market.sessions) <= attempt:  # noqa: ASYNC110 - virtual time
                await asyncio.sleep(1)
            await rig.push(end)

    rig = play(market, story)

    assert rig.downs[:12] == [reason] * 12


def test_shard_when_dropped_connects_anew(market):
    async def story(rig):
        await rig.push()
        rig.shard.drop()
        await asyncio.sleep(1)
        await rig.push()

    rig = play(market, story)

    assert rig.downs == ["dropped"]
    assert rig.ups == 2


def test_shard_when_old_is_renewed_with_overlap_and_without_a_gap(market):
    """Failure 5: make before break ahead of the venue's 24 h close."""

    async def story(rig):
        for _ in range(361):
            await rig.push()
            await asyncio.sleep(10)
        assert len(market.sessions) == 2
        await rig.push(session=0)
        before = len(rig.frames)
        await rig.push(session=1)
        await rig.push(session=0)  # the old connection has ended: nobody reads it
        assert len(rig.frames) == before + 1

    rig = play(market, story)

    assert rig.downs == []


def test_shard_when_the_venue_hangs_up_after_each_first_frame_calls_ever_more_rarely(market):
    """300 connections in 5 minutes are what an address may open; eleven shards share them."""

    async def story(rig):
        for attempt in range(30):
            while len(market.sessions) <= attempt:  # noqa: ASYNC110 - virtual time
                await asyncio.sleep(0.1)
            await rig.push()
            await rig.push(None)
        assert rig.loop.time() > 300

    rig = play(market, story)

    assert rig.ups == 30


def test_shard_when_its_renewal_stays_silent_keeps_the_connection_that_speaks(market):
    async def story(rig):
        for _ in range(366):
            await rig.push(session=0)
            await asyncio.sleep(10)
        assert len(market.sessions) == 2
        await rig.push(session=0)

    rig = play(market, story)

    assert rig.downs == []
    assert len(rig.frames) == 367
