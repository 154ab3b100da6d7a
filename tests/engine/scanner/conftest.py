"""A scripted public-data venue for the scanner's tests."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from engine.domain.candle import Candle, Timeframe
from engine.ports import MarketFrame, Ticker24h


def candle(
    open_min: int, symbol: str = "AUSDT", first: int = -1, last: int = -1, **values
) -> Candle:
    """A candle `open_min` minutes after the epoch."""
    prices = {"open": 10.0, "high": 11.0, "low": 9.0, "close": 10.5, "volume": 1.0}
    prices |= {"quote_volume": 10.0} | values
    return Candle(
        symbol=symbol,
        open_time_ms=open_min * 60_000,
        first_trade_id=first,
        last_trade_id=last,
        **prices,
    )


class ScriptedMarket:
    """Serves candles from a table and streams whatever the test pushes."""

    def __init__(self) -> None:
        self.table: dict[str, list[Candle]] = {}
        self.listed = ()
        self.volumes: dict[str, float] = {}
        self.asked: list[tuple[str, int | None, int | None]] = []
        self.errors: list[Exception] = []
        self.sessions: list[asyncio.Queue] = []
        self.names: list[tuple[str, ...]] = []

    async def instruments(self):
        return tuple(self.listed)

    async def tickers(self):
        return tuple(Ticker24h(s, v, 1.0) for s, v in self.volumes.items())

    async def candles(self, symbol, timeframe, *, limit, start_ms=None, end_ms=None):
        assert timeframe is Timeframe.M1
        self.asked.append((symbol, start_ms, end_ms))
        if self.errors:
            raise self.errors.pop(0)
        low = 0 if start_ms is None else start_ms
        high = float("inf") if end_ms is None else end_ms
        rows = [c for c in self.table.get(symbol, []) if low <= c.open_time_ms <= high]
        return tuple(rows[-limit:] if start_ms is None else rows[:limit])

    async def stream(self, names) -> AsyncIterator[MarketFrame]:
        queue: asyncio.Queue = asyncio.Queue()
        self.sessions.append(queue)
        self.names.append(tuple(names))
        while True:
            item = await queue.get()
            if item is None:
                return
            if isinstance(item, Exception):
                raise item
            yield item


@pytest.fixture
def market() -> ScriptedMarket:
    return ScriptedMarket()
