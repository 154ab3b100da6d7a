"""A running embedded exchange for wire tests: real sockets, a small synthetic market."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import aiohttp

from engine.exchange.sim.clock import SimClock
from engine.exchange.sim.exchange import Exchange
from engine.exchange.sim.server import SimServer, SimUrls, WireSettings
from engine.exchange.sim.synthetic import SyntheticMarket
from engine.exchange.sim.wire.security import ApiKey, sign

START_MS = 1_790_000_040_000
KEY, SECRET, ACCOUNT = "k" * 64, "s" * 64, "alice"
OTHER_KEY, OTHER_SECRET = "o" * 64, "p" * 64
KEYS = {KEY: ApiKey(ACCOUNT, SECRET), OTHER_KEY: ApiKey("bob", OTHER_SECRET)}


@dataclass
class Answer:
    """One REST reply."""

    status: int
    body: Any
    headers: dict[str, str]
    text: str


@dataclass
class Kit:
    """Everything a wire test needs; build it with `running`."""

    server: SimServer
    exchange: Exchange
    market: SyntheticMarket
    clock: SimClock
    urls: SimUrls
    http: aiohttp.ClientSession
    sockets: list[aiohttp.ClientWebSocketResponse] = field(default_factory=list)

    async def get(self, path: str, **params: object) -> Answer:
        return await self.call("GET", path, **params)

    async def call(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **params: object
    ) -> Answer:
        query = f"?{urlencode(params)}" if params else ""
        return await self.raw(method, f"{path}{query}", headers or {})

    async def signed(
        self, method: str, path: str, *, key: str = KEY, secret: str = SECRET, **params: object
    ) -> Answer:
        params.setdefault("timestamp", self.clock.now_ms())
        text = urlencode(params)
        target = f"{path}?{text}&signature={sign(secret, text)}"
        return await self.raw(method, target, {"X-MBX-APIKEY": key})

    async def raw(
        self, method: str, target: str, headers: dict[str, str], body: str | None = None
    ) -> Answer:
        from yarl import URL

        url = URL(self.urls.rest + target, encoded=True)
        async with self.http.request(method, url, headers=headers, data=body) as reply:
            text = await reply.text()
            headers = {name.lower(): value for name, value in reply.headers.items()}
            return Answer(reply.status, parsed(text), headers, text)

    async def connect(self, path: str) -> aiohttp.ClientWebSocketResponse:
        from yarl import URL

        socket = await self.http.ws_connect(
            URL(self.urls.streams + path, encoded=True), autoping=False
        )
        self.sockets.append(socket)
        return socket

    async def ws_api(self, query: str = "") -> aiohttp.ClientWebSocketResponse:
        socket = await self.http.ws_connect(self.urls.ws_api + query)
        self.sockets.append(socket)
        return socket

    async def ask(
        self,
        socket: aiohttp.ClientWebSocketResponse,
        method: str,
        *,
        request_id: object = 1,
        signed: bool = True,
        **params: Any,
    ) -> Any:
        """Send one WS API request and return its reply frame."""
        await socket.send_str(self.ws_frame(method, request_id=request_id, signed=signed, **params))
        return await receive(socket)

    def ws_frame(
        self, method: str, *, request_id: object = 1, signed: bool = True, **params: Any
    ) -> str:
        if signed:
            params = {"apiKey": KEY, "timestamp": self.clock.now_ms(), **params}
            text = "&".join(f"{name}={params[name]}" for name in sorted(params))
            params["signature"] = sign(SECRET, text)
        return json.dumps({"id": request_id, "method": method, "params": params})

    def price(self, symbol: str, factor: str = "1") -> str:
        """Return the last price times `factor`, on the tick."""
        rule = next(rule for rule in self.market.rules if rule.symbol == symbol)
        price = self.market.tick(symbol).last * Decimal(factor)
        return f"{(price // rule.tick_size) * rule.tick_size:f}"

    def quantity(self, symbol: str, notional: int = 1000) -> str:
        """Return a quantity of about this notional, on the step."""
        rule = next(rule for rule in self.market.rules if rule.symbol == symbol)
        quantity = Decimal(notional) / self.market.tick(symbol).last
        return f"{(quantity // rule.step_size) * rule.step_size:f}"

    def advance(self, ms: int) -> None:
        """Move market and exchange ahead of the clock by hand."""
        self.server.pump.advance(self.market.now_ms + ms)
        self.server.hub.flush()


def parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


async def receive(socket: aiohttp.ClientWebSocketResponse, within: float = 5.0) -> Any:
    """Return the next text frame, answering pings."""
    while True:
        message = await asyncio.wait_for(socket.receive(), within)
        if message.type is aiohttp.WSMsgType.TEXT:
            return json.loads(message.data)
        if message.type is aiohttp.WSMsgType.PING:
            await socket.pong(message.data)
            continue
        raise ConnectionError(f"socket ended: {message.type!r} {message.data!r}")


async def eventually(condition: Callable[[], bool], within: float = 10.0) -> None:
    """Let the loop run until the condition holds."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110 - the condition lives in other people's objects
            await asyncio.sleep(0.001)


async def receive_until(
    socket: aiohttp.ClientWebSocketResponse, wanted: Callable[[Any], bool], most: int = 2000
) -> Any:
    """Return the first frame that is wanted, skipping others."""
    for _ in range(most):
        frame = await receive(socket)
        if wanted(frame):
            return frame
    raise AssertionError(f"no such frame among {most}")


async def silent(socket: aiohttp.ClientWebSocketResponse, seconds: float) -> bool:
    """Say whether no text frame comes within `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            await receive(socket)
    except TimeoutError:
        return True
    return False


async def closed_with(socket: aiohttp.ClientWebSocketResponse, within: float = 5.0) -> int | None:
    """Wait for the end of a socket and return its close code; 1006 without a close frame."""
    while True:
        message = await asyncio.wait_for(socket.receive(), within)
        if message.type in {
            aiohttp.WSMsgType.CLOSE,
            aiohttp.WSMsgType.CLOSED,
            aiohttp.WSMsgType.CLOSING,
            aiohttp.WSMsgType.ERROR,
        }:
            return socket.close_code


class Running:
    """Async context manager around a started server; the market stands still unless `beating`."""

    def __init__(
        self,
        *,
        speed: float = 1.0,
        symbols: int = 6,
        settings: WireSettings | None = None,
        beating: bool = False,
        start_ms: int = START_MS,
    ) -> None:
        self._start_ms = start_ms
        self._speed = speed
        self._symbols = symbols
        self._settings = settings
        self._beating = beating
        self._kit: Kit | None = None

    async def __aenter__(self) -> Kit:
        loop = asyncio.get_running_loop()
        market = SyntheticMarket(self._symbols, seed=5, start_ms=self._start_ms, warm_minutes=30)
        exchange = Exchange(market.rules)
        clock = SimClock(loop.time, epoch_ms=market.start_ms, speed=self._speed)
        server = SimServer(
            exchange,
            market,
            clock,
            keys=KEYS,
            rng=random.Random(1),
            settings=self._settings,
        )
        urls = await server.start()
        if not self._beating:
            server.pump.stop()
        self._kit = Kit(server, exchange, market, clock, urls, aiohttp.ClientSession())
        return self._kit

    async def __aexit__(self, *_: object) -> None:
        assert self._kit is not None
        for socket in self._kit.sockets:
            await socket.close()
        await self._kit.http.close()
        await self._kit.server.stop()
