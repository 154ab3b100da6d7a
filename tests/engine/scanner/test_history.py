import random

from engine.domain.errors import VenueRejected, VenueUnreachable
from engine.domain.events import CandleClosed
from engine.scanner.feeds import Feeds
from engine.scanner.history import History
from tests.engine.scanner.conftest import candle
from tests.fake_clock import FakeClock
from tests.virtual_loop import run_virtual

MINUTE = 60_000


def rig(market, symbols=("AUSDT",), now_min=11):
    events = []
    feeds = Feeds(FakeClock(now_min * MINUTE), events.append)
    feeds.add(symbols)
    return History(market, feeds, random.Random(1)), feeds, events


def test_preload_when_many_symbols_loads_each_once_and_tells_progress(market):
    symbols = [f"S{i}USDT" for i in range(30)]
    market.table = {s: [candle(9, s), candle(10, s)] for s in symbols}
    history, feeds, events = rig(market, symbols)
    told = []

    run_virtual(history.preload(symbols, lambda done, total: told.append((done, total))))

    assert sorted(asked[0] for asked in market.asked) == sorted(symbols)
    assert told == [(i + 1, 30) for i in range(30)]
    assert sum(isinstance(e, CandleClosed) for e in events) == 60
    assert all(feeds.missing(s) is None for s in symbols)


def test_preload_when_the_venue_is_unreachable_tries_again(market):
    market.table = {"AUSDT": [candle(10)]}
    market.errors = [VenueUnreachable("down")] * 5
    history, feeds, _ = rig(market)

    run_virtual(history.preload(["AUSDT"], lambda *_: None))

    assert len(market.asked) == 6
    assert feeds.missing("AUSDT") is None


def test_preload_when_the_symbol_is_refused_goes_on_without_it(market):
    market.errors = [VenueRejected(-1121, "Invalid symbol.")]
    history, _, events = rig(market)

    run_virtual(history.preload(["AUSDT"], lambda *_: None))

    assert events == []


def test_mend_when_minutes_had_trades_says_that_we_heard_less(market):
    market.table = {"AUSDT": [candle(m) for m in range(5, 11)]}
    history, feeds, events = rig(market)
    feeds.load("AUSDT", [candle(5)])

    assert run_virtual(history.mend("AUSDT")) is True
    assert feeds.missing("AUSDT") is None
    assert [e.candle.open_time_ms // MINUTE for e in events] == [5, 6, 7, 8, 9, 10]


def test_mend_when_nothing_traded_says_quiet(market):
    history, feeds, _ = rig(market)
    feeds.load("AUSDT", [candle(5)])

    assert run_virtual(history.mend("AUSDT")) is False
    assert feeds.counts.flat == 5


def test_mend_when_the_outage_was_long_asks_in_pages(market):
    market.table = {"AUSDT": [candle(m) for m in range(5, 1200)]}
    history, feeds, _ = rig(market, now_min=1200)
    feeds.load("AUSDT", [candle(5)])

    run_virtual(history.mend("AUSDT"))

    assert len(market.asked) == 3
    assert feeds.counts.backfilled == 1194
    assert feeds.counts.flat == 0
