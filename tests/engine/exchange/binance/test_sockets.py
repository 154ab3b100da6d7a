import pytest
from aiohttp import web
from websockets.exceptions import ConnectionClosed

from engine.domain.errors import VenueUnreachable
from engine.exchange.binance.sockets import close_reason, open_socket
from tests.engine.exchange.binance.scripted import sends, wired


async def test_open_socket_when_the_venue_sends_receives_bytes() -> None:
    async with wired() as it:
        it.venue.socket("/market/stream", sends({"a": 1}))
        connection = await open_socket(it.config, f"{it.config.stream_url}/market/stream")
        assert await connection.recv(decode=False) == b'{"a":1}'
        await connection.close()


async def test_open_socket_when_refused_names_the_host_but_no_key() -> None:
    async with wired() as it:
        url = f"{it.config.stream_url}/private/ws?listenKey=canary"
        with pytest.raises(VenueUnreachable) as caught:
            await open_socket(it.config, url)
        assert "127.0.0.1" in str(caught.value)
        assert "canary" not in str(caught.value)


async def test_open_socket_when_nobody_listens_is_unreachable() -> None:
    async with wired() as it:
        await it.venue.stop()
        with pytest.raises(VenueUnreachable):
            await open_socket(it.config, f"{it.config.stream_url}/market/stream")


async def test_open_socket_when_redirected_does_not_follow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with wired() as it:

        async def redirect(_request: web.Request) -> web.StreamResponse:
            return web.Response(status=302, headers={"Location": "/elsewhere?listenKey=x"})

        monkeypatch.setattr(it.venue, "_serve_socket", redirect)
        with pytest.raises(VenueUnreachable, match="302"):
            await open_socket(it.config, f"{it.config.stream_url}/private/ws")


async def test_close_reason_when_closed_tells_the_code_and_when_cut_says_lost() -> None:
    async with wired() as it:
        it.venue.socket("/market/stream", sends(close=1001))
        connection = await open_socket(it.config, f"{it.config.stream_url}/market/stream")
        with pytest.raises(ConnectionClosed):
            await connection.recv()
        assert close_reason(connection) == "closed with code 1001"

        async def cut(socket: web.WebSocketResponse, _path: str) -> None:
            assert socket._req is not None
            assert socket._req.transport is not None
            socket._req.transport.abort()

        it.venue.socket("/market/stream", cut)
        connection = await open_socket(it.config, f"{it.config.stream_url}/market/stream")
        with pytest.raises(ConnectionClosed):
            await connection.recv()
        assert close_reason(connection) == "closed with code 1006"
