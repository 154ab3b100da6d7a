import asyncio
import random
from dataclasses import replace

import pytest

from engine.domain.errors import VenueBusy, VenueRejected, VenueUnreachable
from engine.domain.events import (
    CandleClosed,
    ContractChanged,
    FeedBlind,
    FeedSeeing,
    Origin,
    PriceMoved,
    UniverseChanged,
)
from engine.ports import MarketFrame
from engine.runtime.clock import LoopClock
from engine.runtime.tasks import Supervisor
from engine.scanner.prices import PriceWatch
from engine.scanner.scanner import Scanner, ScannerConfig
from tests.engine.scanner.conftest import candle
from tests.engine.scanner.test_universe import BASE
from tests.virtual_loop import run_virtual

MINUTE = 60_000


class Rig:
    def __init__(self, market, symbols=("AUSDT", "BUSDT", "CUSDT"), per_shard=2):
        loop = asyncio.get_running_loop()
        self.market = market
        self.events = []
        market.listed = [replace(BASE, symbol=s) for s in symbols]
        market.volumes = {s: float(100 - i) for i, s in enumerate(symbols)}
        market.table = {s: [candle(m, s) for m in range(90, 100)] for s in symbols}
        self.clock = LoopClock(loop.time, exchange_ms=100 * MINUTE, wall_ms=0, speed=1)
        self.tasks = Supervisor(self.clock, random.Random(1))
        self.scanner = Scanner(
            market,
            self.clock,
            self.tasks,
            self.events.append,
            random.Random(1),
            ScannerConfig(symbols_per_shard=per_shard),
        )

    def session_of(self, stream):
        index = max(i for i, names in enumerate(self.market.names) if stream in names)
        return self.market.sessions[index]

    async def push(self, stream, event):
        frame = MarketFrame(asyncio.get_running_loop().time(), event)
        self.session_of(stream).put_nowait(frame)
        await asyncio.sleep(0.01)

    def of(self, kind):
        return [e for e in self.events if isinstance(e, kind)]


def play(market, story, **options):
    async def run():
        rig = Rig(market, **options)
        try:
            await rig.scanner.start(lambda *_: None)
            await asyncio.sleep(0.01)
            await story(rig)
        finally:
            await rig.tasks.close()
        return rig

    return run_virtual(run())


async def nothing(_rig):
    return


def test_scanner_when_started_tells_the_universe_loads_history_and_sees(market):
    rig = play(market, nothing)

    assert rig.of(UniverseChanged)[0].instruments[0].symbol == "AUSDT"
    assert len(rig.of(CandleClosed)) == 30
    assert frozenset().union(*(e.symbols for e in rig.of(FeedSeeing))) == {
        "AUSDT",
        "BUSDT",
        "CUSDT",
    }
    kline_shards = [n for n in market.names if "kline" in n[0]]
    assert len(kline_shards) == 2


def test_scanner_when_a_candle_is_missing_mends_it_before_the_next_is_delivered(market):
    async def story(rig):
        rig.market.table["AUSDT"] += [candle(100, "AUSDT")]
        await asyncio.sleep(120)
        live = CandleClosed(candle(101, "AUSDT"), Origin.LIVE, 0.0)
        await rig.push("ausdt@kline_1m", live)
        await asyncio.sleep(0.1)

    rig = play(market, story)

    tail = [(e.candle.open_time_ms // MINUTE, e.origin) for e in rig.of(CandleClosed)]
    mended = [t for t in tail if t[0] >= 100 and t[1] is not Origin.FLAT]
    assert (100, Origin.BACKFILL) in mended


def test_scanner_when_a_shard_ends_its_symbols_are_blind_until_it_is_back(market):
    async def story(rig):
        price = PriceMoved("AUSDT", 1.0, 0)
        await rig.push("ausdt@kline_1m", price)
        rig.session_of("ausdt@kline_1m").put_nowait(None)
        await asyncio.sleep(0.01)
        assert "AUSDT" in rig.of(FeedBlind)[-1].symbols
        assert "AUSDT" in rig.scanner.feeds.blind
        await asyncio.sleep(1)
        await rig.push("ausdt@kline_1m", price)
        assert "AUSDT" not in rig.scanner.feeds.blind

    rig = play(market, story)

    assert rig.scanner.reconnects == 1
    assert len(rig.of(PriceMoved)) == 2


def test_scanner_when_a_contract_is_listed_adds_it_and_when_delisted_removes_it(market):
    async def story(rig):
        market.listed = [
            replace(BASE, symbol="AUSDT", status="SETTLING"),
            replace(BASE, symbol="BUSDT"),
            replace(BASE, symbol="NEWUSDT"),
        ]
        market.table["NEWUSDT"] = [candle(99, "NEWUSDT")]
        change = ContractChanged("NEWUSDT", "TRADING", 4_133_404_800_000, 0)
        await rig.push("!contractInfo", change)
        await asyncio.sleep(0.1)

    rig = play(market, story)

    assert rig.scanner.feeds.symbols == {"BUSDT", "NEWUSDT"}
    assert "newusdt@kline_1m" in market.names[-1]
    assert rig.of(UniverseChanged)[-1].excluded["AUSDT"] == "status SETTLING"
    assert rig.of(ContractChanged)[0].symbol == "NEWUSDT"


def test_price_watch_when_symbols_change_opens_new_before_ending_old(market):
    async def run():
        rig = Rig(market)
        watch = PriceWatch(market, rig.clock, rig.tasks, rig.events.append, random.Random(1))
        watch.start()
        watch.watch(frozenset({"AUSDT"}))
        await asyncio.sleep(0.01)
        watch.watch(frozenset({"AUSDT", "BUSDT"}))
        await asyncio.sleep(0.01)
        names = list(market.names)
        await rig.push("busdt@markPrice@1s", PriceMoved("BUSDT", 1.0, 0))
        await rig.push("busdt@bookTicker", PriceMoved("AUSDT", 2.0, 0))
        watch.watch(frozenset())
        await asyncio.sleep(0.01)
        await rig.tasks.close()
        return names, rig.of(PriceMoved)

    names, prices = run_virtual(run())

    assert names == [
        ("!bookTicker",),
        ("ausdt@markPrice@1s",),
        ("ausdt@bookTicker",),
        ("ausdt@markPrice@1s", "busdt@markPrice@1s"),
        ("ausdt@bookTicker", "busdt@bookTicker"),
    ]
    assert [p.price for p in prices] == [1.0, 2.0]


def test_scanner_when_the_lists_cannot_be_read_at_first_asks_again(market):
    """Failure 51: an outage at boot must not end a bot that still has positions to protect."""
    instruments = market.instruments
    outages = [VenueUnreachable("dns"), VenueBusy("503")]

    async def instruments_after_an_outage():
        if outages:
            raise outages.pop()
        return await instruments()

    market.instruments = instruments_after_an_outage
    rig = play(market, nothing)

    assert len(rig.of(UniverseChanged)) == 1


def test_scanner_when_the_venue_refuses_us_says_so_at_once(market):
    async def refused():
        raise VenueRejected(451, "restricted location")

    market.instruments = refused

    with pytest.raises(VenueRejected, match="restricted"):
        play(market, nothing)


def test_scanner_when_a_symbol_comes_and_goes_many_times_keeps_its_connections_few(market):
    """A symbol at the edge of the filters changes sides with every volume refresh, for months."""

    async def story(rig):
        everything = market.listed
        for _ in range(10):
            market.listed = everything[:2]
            await rig.scanner.refresh_listings()
            await asyncio.sleep(0.1)
            market.listed = everything
            await rig.scanner.refresh_listings()
            await asyncio.sleep(0.1)
        rig.tasks_now = [t.get_name() for t in rig.tasks._tasks]

    rig = play(market, story, per_shard=3)

    assert len(rig.scanner.shards) == 2
    assert sum(name.startswith("shard") for name in rig.tasks_now) == 2


def test_scanner_when_a_new_symbol_cannot_be_loaded_does_not_hold_up_the_refresh(market):
    """The timetable waited for its klines for ever, and with it the comparison of stops."""

    async def story(rig):
        market.listed = [*market.listed, replace(BASE, symbol="NEWUSDT")]
        market.errors = [VenueUnreachable("down")] * 1000
        async with asyncio.timeout(1):
            await rig.scanner.refresh_listings()

    rig = play(market, story)

    assert "NEWUSDT" in rig.scanner.feeds.symbols


def test_scanner_when_many_contracts_are_announced_at_once_reads_the_list_twice_at_most(market):
    async def story(rig):
        instruments = market.instruments
        rig.asked = 0

        async def counted():
            rig.asked += 1
            await asyncio.sleep(0.5)
            return await instruments()

        market.instruments = counted
        for symbol in ("AUSDT", "BUSDT", "CUSDT"):
            change = ContractChanged(symbol, "TRADING", 4_133_404_800_000, 0)
            await rig.push("!contractInfo", change)
        await asyncio.sleep(5)

    assert play(market, story).asked == 2
