import asyncio
import random
from decimal import Decimal

from bot.preparer import Preparer
from engine.domain.account import SymbolSetup
from engine.domain.errors import VenueBusy, VenueRejected
from engine.domain.events import SymbolPrepared
from engine.domain.order import Book
from engine.ports import CALL_KIND, CallKind
from engine.runtime.clock import LoopClock
from tests.virtual_loop import run_virtual


def setup(symbol: str) -> SymbolSetup:
    return SymbolSetup(
        symbol=symbol,
        leverage=10,
        isolated=True,
        max_leverage=75,
        maintenance_ratio=Decimal("0.01"),
        taker_fee=Decimal("0.0005"),
        maker_fee=Decimal("0.0002"),
    )


class Venue:
    def __init__(self, delay_s: float, errors: dict[str, list[Exception]] | None = None):
        self.delay_s = delay_s
        self.errors = errors or {}
        self.asked: list[tuple[str, int, float]] = []
        self.kinds: set[CallKind | None] = set()

    async def prepare(self, symbol, leverage):
        await asyncio.sleep(self.delay_s)
        self.asked.append((symbol, leverage, asyncio.get_running_loop().time()))
        self.kinds.add(CALL_KIND.get())
        if self.errors.get(symbol):
            raise self.errors[symbol].pop(0)
        return setup(symbol)


def play(venue, symbols, seconds):
    async def run():
        loop = asyncio.get_running_loop()
        clock = LoopClock(loop.time, exchange_ms=0, wall_ms=0, speed=1)
        events = []
        preparer = Preparer(Book.LIVE, venue, 10, clock, random.Random(1), events.append)
        task = loop.create_task(preparer.run())
        preparer.want(symbols)
        await asyncio.sleep(seconds)
        preparer.want(symbols)
        await asyncio.sleep(seconds)
        task.cancel()
        return preparer, events

    return run_virtual(run())


def test_preparer_when_given_symbols_prepares_each_once_in_order():
    venue = Venue(0.0)

    preparer, events = play(venue, ("B", "A", "B"), 1)

    assert [(symbol, leverage) for symbol, leverage, _ in venue.asked] == [("B", 10), ("A", 10)]
    assert events == [SymbolPrepared(Book.LIVE, setup(s)) for s in ("B", "A")]
    assert preparer.prepared == 2
    assert venue.kinds == {CallKind.STARTUP}


def test_preparer_when_requests_are_made_leaves_the_budget_to_others():
    venue = Venue(0.02)

    play(venue, tuple(f"S{i}" for i in range(10)), 60)

    gaps = [
        later[2] - earlier[2] for earlier, later in zip(venue.asked, venue.asked[1:], strict=False)
    ]
    assert min(gaps) >= 0.5


def test_preparer_when_the_venue_is_busy_tries_again_and_when_refused_goes_on():
    venue = Venue(
        0.0, {"A": [VenueBusy("429"), VenueBusy("429")], "B": [VenueRejected(-1121, "no")]}
    )

    preparer, events = play(venue, ("A", "B", "C"), 10)

    assert [e.setup.symbol for e in events] == ["A", "C", "B"]
    assert preparer.prepared == 3
