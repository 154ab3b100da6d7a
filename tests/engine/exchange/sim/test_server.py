"""The server as a whole: one port, restart on the same port, speed, figures."""

import asyncio
import random
import socket
from email.utils import parsedate_to_datetime

import aiohttp
import pytest

from engine.exchange.sim.clock import SimClock
from engine.exchange.sim.exchange import Exchange
from engine.exchange.sim.server import SimServer, WireSettings
from engine.exchange.sim.synthetic import SyntheticMarket
from engine.exchange.sim.wire.socket_life import StreamSettings
from tests.engine.exchange.sim.wire.test_pump import settled
from tests.engine.exchange.sim.wire.wire_kit import KEYS, START_MS, Running, closed_with, receive


async def test_start_when_stopped_and_started_again_keeps_port_and_state() -> None:
    async with Running() as kit:
        port = int(kit.urls.rest.rpartition(":")[2])
        await kit.signed("POST", "/fapi/v1/leverage", symbol="BTCUSDT", leverage=7)
        socket = await kit.connect("/market/ws")
        await settled(kit, 1)

        await kit.server.stop()
        assert await closed_with(socket) == 1006
        with pytest.raises(aiohttp.ClientConnectionError):
            await kit.get("/fapi/v1/ping")
        urls = await kit.server.start(port=port)

        assert urls == kit.urls
        config = await kit.signed("GET", "/fapi/v1/symbolConfig", symbol="BTCUSDT")
        assert config.body[0]["leverage"] == 7


async def test_start_when_the_port_is_taken_says_so_and_leaves_nothing_running() -> None:
    async with Running() as kit:
        loop = asyncio.get_running_loop()
        market = SyntheticMarket(1, seed=1, start_ms=START_MS, warm_minutes=1)
        second = SimServer(
            Exchange(market.rules),
            market,
            SimClock(loop.time, epoch_ms=START_MS),
            keys=KEYS,
            rng=random.Random(1),
        )

        with pytest.raises(OSError, match="address already in use"):
            await second.start(port=int(kit.urls.rest.rpartition(":")[2]))
        await second.stop()


async def test_timestamps_when_exchange_time_runs_fast_are_judged_in_wall_time() -> None:
    async with Running(speed=60.0) as kit:
        ten_wall_seconds_ago = kit.clock.now_ms() - 600_000
        two_wall_seconds_ago = kit.clock.now_ms() - 120_000

        late = await kit.signed("GET", "/fapi/v3/account", timestamp=ten_wall_seconds_ago)
        fine = await kit.signed("GET", "/fapi/v3/account", timestamp=two_wall_seconds_ago)

        assert (late.body["code"], fine.status) == (-1021, 200)


@pytest.mark.parametrize("path", ["/", "/fapi", "/marketx/ws", "/market", "/market/other"])
async def test_path_when_nothing_is_there_is_404(path: str) -> None:
    async with Running(symbols=1) as kit:
        assert (await kit.get(path)).status == 404


async def test_summary_when_sockets_listen_counts_them() -> None:
    async with Running(symbols=1) as kit:
        await kit.connect("/market/ws/btcusdt@kline_1m")
        await settled(kit, 1)

        kit.advance(60_000)

        wire = kit.server.summary()["wire"]
        assert (wire["stream_sockets"], wire["frames_sent"]) == (1, 1)


async def test_close_sockets_when_all_is_asked_ends_every_kind() -> None:
    async with Running(symbols=1) as kit:
        sockets = [
            await kit.connect("/market/ws"),
            await kit.connect("/private/ws"),
            await kit.ws_api(),
        ]
        await settled(kit, 2)

        kit.server.close_sockets("all", 1011)

        assert [await closed_with(socket) for socket in sockets] == [1011, 1011, 1011]


async def test_expire_listen_key_when_there_is_none_does_nothing() -> None:
    async with Running(symbols=1) as kit:
        kit.server.expire_listen_key("nobody")

        assert kit.server.hub.frames_sent == 0


async def test_date_header_when_answered_is_exchange_time() -> None:
    async with Running(symbols=1) as kit:
        answer = await kit.get("/fapi/v1/ping")

        stamped = parsedate_to_datetime(answer.headers["date"]).timestamp() * 1000
        assert abs(stamped - kit.clock.now_ms()) < 5_000


async def test_reader_when_too_slow_is_cut_and_the_others_go_on() -> None:
    settings = WireSettings(streams=StreamSettings(buffer_limit=20_000))
    async with Running(settings=settings) as kit:
        names = "/".join(f"{rule.symbol.lower()}@kline_1m" for rule in kit.market.rules)
        host, port = kit.urls.streams.removeprefix("ws://").split(":")
        # A client that shakes hands and then never reads, behind a small kernel buffer.
        deaf = socket.socket()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(deaf, (host, int(port)))
        await loop.sock_sendall(deaf, upgrade(f"/market/stream?streams={names}"))
        await settled(kit, 1)
        slow = next(iter(kit.server.hub.connections))
        quick = await kit.connect("/market/ws/btcusdt@kline_1m")
        await settled(kit, 2)

        for _ in range(3_000):
            kit.advance(60_000)
            await asyncio.sleep(0)
            if slow.dropped_as_slow:
                break

        assert slow.dropped_as_slow
        assert (await receive(quick))["e"] == "kline"
        deaf.close()


def upgrade(path: str) -> bytes:
    return (
        f"GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()
