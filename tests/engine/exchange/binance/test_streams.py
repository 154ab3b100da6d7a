import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.errors import VenueUnreachable
from engine.domain.events import CandleClosed, PriceMoved, QuoteMoved
from engine.exchange.binance.streams import MarketStream, StreamCounts, StreamPlan, route_of
from engine.ports import MarketFrame
from tests.engine.exchange.binance.frames import BOOK_TICKER, MINUTE, combined, kline
from tests.engine.exchange.binance.scripted import Wired, read_to_end, sends, wired

BASE = "ws://127.0.0.1:1"


@pytest.mark.parametrize(
    ("name", "route"),
    [
        ("btcusdt@kline_1m", "market"),
        ("btcusdt@markPrice@1s", "market"),
        ("!markPrice@arr@1s", "market"),
        ("!contractInfo", "market"),
        ("btcusdt@aggTrade", "market"),
        ("btcusdt@bookTicker", "public"),
        ("!bookTicker", "public"),
        ("btcusdt@depth20@100ms", "public"),
        ("btcusdt@rpiDepth", "public"),
    ],
)
def test_route_when_stream_is_named_is_the_one_that_delivers(name: str, route: str) -> None:
    assert route_of(name) == route


def test_plan_when_names_fit_the_address_needs_no_request() -> None:
    plan = StreamPlan(BASE, ["btcusdt@kline_1m", "ethusdt@kline_1m", "btcusdt@kline_1m"])
    assert plan.url == f"{BASE}/market/stream?streams=btcusdt@kline_1m/ethusdt@kline_1m"
    assert plan.requests == []


def test_plan_when_a_name_is_not_ascii_encodes_it_in_the_address() -> None:
    plan = StreamPlan(BASE, ["币安人生usdt@kline_1m"])
    assert plan.url.isascii()
    assert "%E5%B8%81" in plan.url


def test_plan_when_names_are_many_asks_for_the_rest_in_batches() -> None:
    names = [f"coin{number}usdt@kline_1m" for number in range(700)]
    plan = StreamPlan(BASE, names)
    requests = [orjson.loads(request) for request in plan.requests]
    asked = plan.url.partition("streams=")[2].split("/")
    for request in requests:
        assert request["method"] == "SUBSCRIBE"
        assert len(request["params"]) <= 200
        asked += request["params"]
    assert asked == names
    assert len(plan.url) < 4200
    assert [request["id"] for request in requests] == list(range(1, len(requests) + 1))


@pytest.mark.parametrize(
    "names",
    [[], ["btcusdt@kline_1m", "btcusdt@bookTicker"], [f"a{n}@kline_1m" for n in range(1025)]],
)
def test_plan_when_streams_cannot_share_a_connection_refuses(names: list[str]) -> None:
    with pytest.raises(ValueError, match="streams"):
        StreamPlan(BASE, names)


@given(st.lists(st.text("abcz币", min_size=1, max_size=30), min_size=1, max_size=300, unique=True))
def test_plan_when_any_names_asks_for_each_exactly_once(symbols: list[str]) -> None:
    names = [f"{symbol}@kline_1m" for symbol in symbols]
    plan = StreamPlan(BASE, names)
    in_requests = [name for request in plan.requests for name in orjson.loads(request)["params"]]
    in_address = plan.url.partition("streams=")[2].count("/") + 1
    assert in_address + len(in_requests) == len(names)
    assert in_requests == names[in_address:]


def _stream(it: Wired, names: list[str], counts: StreamCounts | None = None) -> MarketStream:
    return MarketStream(it.config, it.clock, it.rest.server, counts or StreamCounts(), names)


async def _all(frames: AsyncIterator[MarketFrame]) -> list[MarketFrame]:
    async with asyncio.timeout(5):
        return [frame async for frame in frames]


async def test_frames_when_the_venue_closes_end_normally_with_all_that_came() -> None:
    async with wired() as it:
        name = "btcusdt@kline_1m"
        it.venue.socket(
            "/market/stream",
            sends(
                {"result": None, "id": 1},
                orjson.loads(combined(name, kline())),
                orjson.loads(combined(name, kline(closed=True))),
                close=1000,
            ),
        )
        frames = await _all(_stream(it, [name]).frames())
    assert [type(frame.event) for frame in frames] == [PriceMoved, CandleClosed]
    assert all(frame.received_at > 0 for frame in frames)
    assert it.venue.opened == [f"/market/stream?streams={name}"]


@pytest.mark.parametrize("code", [1001, 1006, 1008, 1011])
async def test_frames_when_closed_in_any_way_end_normally(code: int) -> None:
    async with wired() as it:
        it.venue.socket("/public/stream", sends(BOOK_TICKER, close=code if code != 1006 else 1000))
        (frame,) = await _all(_stream(it, ["btcusdt@bookTicker"]).frames())
        assert frame.event == QuoteMoved("BTCUSDT", 100.1, 100.2, MINUTE + 5)


async def test_frames_when_one_is_malformed_or_unknown_counts_it_and_goes_on() -> None:
    async with wired() as it:
        counts = StreamCounts()
        script = sends(b"not json", {"e": "news"}, kline(), close=1000)
        it.venue.socket("/market/stream", script)
        frames = await _all(_stream(it, ["btcusdt@kline_1m"], counts).frames())
    assert [type(frame.event) for frame in frames] == [type(None), type(None), PriceMoved]
    assert (counts.frames, counts.malformed, counts.ignored) == (3, 1, 2)


async def test_frames_when_a_subscription_is_refused_raise() -> None:
    async with wired() as it:
        it.venue.socket("/market/stream", sends({"code": 2, "msg": "Invalid request", "id": 1}))
        with pytest.raises(VenueUnreachable, match="refused: 2 Invalid request"):
            await _all(_stream(it, ["btcusdt@kline_1m"]).frames())


async def test_frames_when_the_server_announces_its_end_end_at_once() -> None:
    async with wired() as it:
        script = sends({"event": {"e": "serverShutdown", "E": 1}}, kline())
        it.venue.socket("/market/stream", script)
        assert await _all(_stream(it, ["btcusdt@kline_1m"]).frames()) == []


async def test_frames_when_the_connection_is_refused_raise() -> None:
    async with wired() as it:
        with pytest.raises(VenueUnreachable):
            await _all(_stream(it, ["btcusdt@kline_1m"]).frames())


async def test_frames_when_names_exceed_the_address_subscribe_while_reading() -> None:
    requests: list[Any] = []

    async def script(socket: web.WebSocketResponse, _path: str) -> None:
        await socket.send_str(orjson.dumps(kline()).decode())
        requests.append(await socket.receive_json())
        await socket.send_str('{"result":null,"id":1}')
        await socket.send_str(orjson.dumps(kline(closed=True)).decode())
        requests.append(await socket.receive_json())
        await socket.close()

    async with wired() as it:
        it.venue.socket("/market/stream", script)
        names = [f"coin{number}usdt@kline_1m" for number in range(500)]
        frames = await _all(_stream(it, names).frames())
    assert [type(frame.event) for frame in frames] == [PriceMoved, CandleClosed]
    asked = [name for request in requests for name in request["params"]]
    assert len(requests[0]["params"]) == 200
    assert asked == names[-len(asked) :]


async def test_frames_when_the_reader_is_cancelled_close_the_connection() -> None:
    left = asyncio.Event()

    async def script(socket: web.WebSocketResponse, _path: str) -> None:
        await socket.send_str(orjson.dumps(kline()).decode())
        await read_to_end(socket)
        left.set()

    async with wired() as it:
        it.venue.socket("/market/stream", script)
        seen = asyncio.Event()

        async def read() -> None:
            async for _ in _stream(it, ["btcusdt@kline_1m"]).frames():
                seen.set()

        task = asyncio.create_task(read())
        await seen.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        async with asyncio.timeout(5):
            await left.wait()


async def test_frames_when_prices_carry_the_venues_time_teach_the_clock() -> None:
    async with wired() as it:
        ahead = {**kline(), "E": it.clock.exchange_ms() + 60_000}
        it.venue.socket("/market/stream", sends(ahead, close=1000))
        await _all(_stream(it, ["btcusdt@kline_1m"]).frames())
        assert 55_000 < it.rest.server.offset_ms <= 60_000
