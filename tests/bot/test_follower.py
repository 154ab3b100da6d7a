import asyncio

import pytest

from bot.follower import EVERY_MS, LOOK_BACK_MS, Follower
from engine.domain.candle import Timeframe
from engine.domain.errors import JournalError
from models.follow_up import NOT_SEEN, life_ms
from models.label_rules import LabelRules
from tests.builders import MINUTE, START_MS, candle, setup
from tests.fake_clock import FakeClock
from tests.virtual_loop import run_virtual

LIFE = life_ms(Timeframe.M1, LabelRules())


class Rig:
    def __init__(self, speed: float = 1.0) -> None:
        self.clock = FakeClock(START_MS + LIFE, speed)
        self.setups, self.asked, self.recorded = [], [], []
        self.minutes = {"BTCUSDT": 130}
        self.broken = False
        self.follower = Follower(self, self.candles, self.recorded.append, self.clock)

    async def unfollowed(self, timeframe, proved_from_ms, proved_to_ms):
        self.asked.append((timeframe, proved_from_ms, proved_to_ms))
        if self.broken:
            raise JournalError("locked")
        for one in self.setups:
            yield one

    def candles(self, symbol, n):
        count = min(n, self.minutes.get(symbol, 0))
        return tuple(
            candle(100.0, symbol=symbol, open_time_ms=START_MS + i * MINUTE, spread=0.1)
            for i in range(count)
        )


@pytest.fixture
def rig() -> Rig:
    return Rig()


async def test_sweep_when_lives_are_over_journals_what_became_of_them(rig):
    rig.setups = [setup(proved_at_ms=START_MS), setup("GONEUSDT", proved_at_ms=START_MS)]

    await rig.follower.sweep()

    assert [(one.setup_id, one.reason) for one in rig.recorded] == [
        (rig.setups[0].setup_id, "stagnation"),
        (rig.setups[1].setup_id, NOT_SEEN),
    ]
    assert rig.recorded[0].net_r < 0
    assert rig.follower.followed == 2


async def test_sweep_when_asking_asks_only_for_lives_the_series_can_hold(rig):
    await rig.follower.sweep()

    newest = rig.clock.exchange_ms() - LIFE
    assert rig.asked == [(Timeframe.M1, newest - LOOK_BACK_MS, newest)]


async def test_sweep_when_minutes_are_late_leaves_the_setup_for_the_next_look(rig):
    rig.setups, rig.minutes = [setup(proved_at_ms=START_MS)], {"BTCUSDT": 100}

    await rig.follower.sweep()
    assert rig.recorded == []
    rig.minutes = {"BTCUSDT": 130}
    await rig.follower.sweep()

    assert len(rig.recorded) == 1


@pytest.mark.parametrize(("speed", "pause_s"), [(1.0, 300.0), (20.0, 15.0), (10_000.0, 2.0)])
def test_run_when_time_passes_looks_in_exchange_time_but_never_all_the_time(speed, pause_s):
    rig = Rig(speed)

    async def work() -> None:
        task = asyncio.ensure_future(rig.follower.run())
        await asyncio.sleep(3.5 * pause_s)
        task.cancel()

    run_virtual(work())

    assert len(rig.asked) == 3
    assert EVERY_MS == 300_000


def test_run_when_the_journal_fails_tries_again():
    rig = Rig()
    rig.broken = True

    async def work() -> None:
        task = asyncio.ensure_future(rig.follower.run())
        await asyncio.sleep(310.0)
        rig.broken = False
        rig.setups = [setup(proved_at_ms=START_MS)]
        await asyncio.sleep(310.0)
        task.cancel()

    run_virtual(work())

    assert len(rig.recorded) == 1
