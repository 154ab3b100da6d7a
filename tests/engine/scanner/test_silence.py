import asyncio
import random

from engine.scanner.feeds import Feeds
from engine.scanner.history import History
from engine.scanner.silence import SilenceWatch
from tests.engine.scanner.conftest import candle
from tests.fake_clock import FakeClock

MINUTE = 60_000


class Rig:
    def __init__(self, market):
        self.clock = FakeClock(6 * MINUTE)
        self.events, self.dropped = [], []
        self.feeds = Feeds(self.clock, self.events.append)
        self.feeds.add(["AUSDT"])
        self.feeds.load("AUSDT", [candle(5)])
        history = History(market, self.feeds, random.Random(1))
        self.watch = SilenceWatch(self.clock, self.feeds, history, self.dropped.append)

    def look(self):
        asyncio.run(self.watch.look())


def test_silence_when_the_close_is_in_time_asks_nothing(market):
    rig = Rig(market)
    rig.clock.advance(64)

    rig.look()

    assert market.asked == []


def test_silence_when_rest_shows_no_trade_writes_each_minute_flat_and_asks_once_for_it(market):
    rig = Rig(market)
    for _ in range(3600):
        rig.clock.advance(1)
        rig.look()

    assert rig.feeds.counts.flat == 59
    assert len(market.asked) == 59
    assert rig.dropped == []


def test_silence_when_rest_shows_unheard_trades_twice_drops_the_shard(market):
    rig = Rig(market)
    market.table = {"AUSDT": [candle(m) for m in range(5, 100)]}
    for _ in range(180):
        rig.clock.advance(1)
        rig.look()

    assert rig.dropped == ["AUSDT"]
    assert rig.watch.deaf == 1
    assert rig.feeds.counts.backfilled >= 2


def test_silence_when_the_symbol_is_heard_between_two_strikes_starts_counting_anew(market):
    rig = Rig(market)
    market.table = {"AUSDT": [candle(m) for m in range(5, 100)]}
    rig.clock.advance(66)
    rig.look()
    rig.clock.advance(60)
    rig.feeds.receive(candle(7), 0.0)
    rig.clock.advance(60)
    rig.look()

    assert rig.dropped == []
