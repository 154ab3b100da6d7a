import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
from aiohttp import WSMsgType, web

from engine.domain.errors import VenueRejected
from engine.domain.events import AccountDeaf, AccountHeard, OrderChanged
from engine.domain.order import Book, OrderStatus
from engine.exchange.binance.venue import BinanceVenue
from tests.engine.exchange.binance import frames
from tests.engine.exchange.binance.scripted import Answer, Wired, sends, until, wired
from tests.engine.exchange.binance.test_order_params import ENTRY, STOP

RESULTS = {
    "order.place": frames.ORDER_REPLY,
    "order.status": frames.ORDER_REPLY,
    "order.cancel": {**frames.ORDER_REPLY, "status": "CANCELED"},
    "algoOrder.place": frames.ALGO_REPLY,
    "algoOrder.cancel": {"clientAlgoId": STOP.client_id, "code": "200", "msg": "success"},
    "v2/account.position": [frames.POSITION_RISK],
}


async def ws_api(socket: web.WebSocketResponse, _path: str) -> None:
    async for message in socket:
        if message.type is WSMsgType.TEXT:
            request = orjson.loads(message.data)
            result = RESULTS[request["method"]]
            await socket.send_json({"id": request["id"], "status": 200, "result": result})


@asynccontextmanager
async def trading(**changes: Any) -> AsyncIterator[tuple[BinanceVenue, Wired]]:
    async with wired(**changes) as it:
        it.venue.answer("POST", "v1/listenKey", Answer({"listenKey": "key"}))
        it.venue.socket("/ws-fapi/v1", ws_api)
        it.venue.socket("/private/ws", sends())
        venue = BinanceVenue(it.config, it.clock, it.rest, rng=random.Random(1))
        task = asyncio.create_task(venue.run())
        try:
            await until(lambda: venue.is_connected and venue.is_hearing)
            yield venue, it
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_orders_when_connected_go_over_the_socket_only() -> None:
    async with trading() as (venue, it):
        assert (await venue.place(ENTRY)).status is OrderStatus.FILLED
        assert (await venue.place(STOP)).conditional
        assert await venue.query("BTCUSDT", ENTRY.client_id, conditional=False) is not None
        cancelled = await venue.cancel("BTCUSDT", STOP.client_id, conditional=True)
        assert cancelled.status is OrderStatus.CANCELED
        assert len(await venue.positions()) == 1
        assert [asked.path for asked in it.venue.asked] == ["/fapi/v1/listenKey"]
        assert venue._ws_api.counts.requests == 5


async def test_events_when_nothing_happened_begin_with_heard() -> None:
    async with trading() as (venue, _):
        async with asyncio.timeout(5):
            assert await anext(venue.events()) == AccountHeard(Book.LIVE)


async def test_place_when_its_event_never_comes_makes_the_stream_deaf() -> None:
    async with trading(seen_within_s=0.05) as (venue, _):
        events = venue.events()
        await venue.place(ENTRY)
        async with asyncio.timeout(5):
            told = [await anext(events) for _ in range(3)]
        assert [type(event) for event in told] == [AccountHeard, AccountDeaf, AccountHeard]
        assert venue._stream.counts.losses == 1


async def test_cancel_when_the_stop_is_known_only_from_the_stream_needs_no_look_up() -> None:
    async with trading(seen_within_s=0.05) as (venue, it):
        it.venue.socket("/private/ws", sends(frames.algo_update()))
        venue._stream.expectations.expect("never seen")  # provokes a new socket
        async with asyncio.timeout(10):
            async for event in venue.events():
                if isinstance(event, OrderChanged):
                    break
        cancelled = await venue.cancel("BTCUSDT", STOP.client_id, conditional=True)
        assert cancelled.status is OrderStatus.CANCELED
        assert it.venue.requests("v1/algoOrder") == []


async def test_venue_when_it_does_not_run_trades_over_rest() -> None:
    async with wired() as it:
        it.venue.answer("POST", "v1/order", Answer(frames.ORDER_REPLY))
        it.venue.answer("GET", "v1/userTrades", Answer([frames.TRADE_ROW]))
        it.venue.answer("GET", "v1/openAlgoOrders", Answer([frames.ALGO_REPLY]))
        it.venue.answer("GET", "v1/accountConfig", Answer(frames.ACCOUNT_CONFIG))
        it.venue.answer("GET", "v1/symbolConfig", Answer(frames.SYMBOL_CONFIG))
        it.venue.answer("GET", "v1/leverageBracket", Answer(frames.BRACKETS))
        it.venue.answer("GET", "v1/commissionRate", Answer(frames.COMMISSION))
        it.venue.answer("POST", "v1/leverage", Answer({"code": -4028, "msg": "x"}, 400))
        venue = BinanceVenue(it.config, it.clock, it.rest, rng=random.Random(1))
        await venue.place(ENTRY)
        (fill,) = await venue.fills("BTCUSDT", it.clock.exchange_ms() - 1000)
        assert fill.client_id == "smc1-E-aaaaaaaaaaaaaa-0"
        assert [order.conditional for order in await venue.conditionals()] == [True]
        assert (await venue.account_config()).can_trade
        with pytest.raises(VenueRejected, match="-4028"):
            await venue.prepare("ETHUSDT", 5)
        assert not venue.is_connected


async def test_snapshot_when_taken_reads_all_five_parts() -> None:
    async with trading() as (venue, it):
        it.venue.answer("GET", "v3/account", Answer(frames.ACCOUNT_V3))
        it.venue.answer("GET", "v3/positionRisk", Answer([frames.POSITION_RISK]))
        it.venue.answer("GET", "v1/openOrders", Answer([]))
        it.venue.answer("GET", "v1/openAlgoOrders", Answer([frames.ALGO_REPLY]))
        it.venue.answer("GET", "v1/accountConfig", Answer(frames.ACCOUNT_CONFIG))
        snapshot = await venue.snapshot()
        assert len(snapshot.positions) == len(snapshot.conditionals) == 1
        assert await venue.wallet() == snapshot.wallet


async def test_venue_when_no_keys_are_configured_refuses() -> None:
    async with wired(api_key="", api_secret="") as it:
        with pytest.raises(ValueError, match="API key"):
            BinanceVenue(it.config, it.clock, it.rest, rng=random.Random(1))
