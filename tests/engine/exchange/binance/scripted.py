"""A venue on loopback that answers by script, and the adapter's parts wired to it."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl

import orjson
from aiohttp import WSMsgType, web

from engine.exchange.binance.config import BinanceConfig
from engine.exchange.binance.limits import RateBudget
from engine.exchange.binance.rest import BinanceRest
from engine.exchange.binance.server_clock import ServerClock
from engine.runtime.clock import LoopClock
from tests.engine.exchange.binance.virtual import loop_clock

DEADLINE_S = 5.0


@dataclass(frozen=True)
class Answer:
    """One scripted HTTP reply; `cut` breaks the connection instead, `late_s` delays it."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    late_s: float = 0.0


@dataclass(frozen=True)
class Asked:
    """One request as the venue saw it."""

    method: str
    path: str
    params: dict[str, str]
    text: str
    headers: dict[str, str]


def _whole(path: str) -> str:
    return path if path.startswith("/") else f"/fapi/{path}"


SocketScript = Callable[[web.WebSocketResponse, str], Awaitable[None]]


class ScriptedVenue:
    """Answers each path from its queue; the last answer stays."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.opened: list[str] = []
        self.url = ""
        self._answers: dict[tuple[str, str], deque[Answer]] = {}
        self._sockets: dict[str, deque[SocketScript]] = {}
        self._runner: web.AppRunner | None = None

    def answer(self, method: str, path: str, *answers: Answer) -> None:
        """Script the answers of `/fapi/<path>`, or of `/<path>` when it begins with a slash."""
        self._answers[method.upper(), _whole(path)] = deque(answers)

    def socket(self, path: str, *scripts: SocketScript) -> None:
        """Script the connections made to a path, one after the other."""
        self._sockets[path] = deque(scripts)

    def requests(self, path: str) -> list[Asked]:
        """Return what was asked of `/fapi/<path>`."""
        return [asked for asked in self.asked if asked.path == _whole(path)]

    async def start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._serve_socket(request)
        text = request.raw_path.partition("?")[2]
        text = text or (await request.text())
        params = dict(parse_qsl(text))
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.asked.append(Asked(request.method, request.path, params, text, headers))
        queue = self._answers.get((request.method, request.path))
        if not queue:
            return web.Response(status=404, text="not scripted")
        answer = queue.popleft() if len(queue) > 1 else queue[0]
        await asyncio.sleep(answer.late_s)
        if answer.cut:
            assert request.transport is not None
            request.transport.abort()
        body = answer.body if isinstance(answer.body, bytes) else orjson.dumps(answer.body)
        return web.Response(status=answer.status, body=body, headers=answer.headers)

    async def _serve_socket(self, request: web.Request) -> web.StreamResponse:
        queue = self._sockets.get(request.path)
        self.opened.append(request.raw_path)
        if not queue:
            return web.Response(status=503)
        script = queue.popleft() if len(queue) > 1 else queue[0]
        socket = web.WebSocketResponse(autoping=True)
        await socket.prepare(request)
        await script(socket, request.raw_path)
        return socket


def sends(*frames: Any, close: int | None = None) -> SocketScript:
    """A socket that sends frames, then closes with a code or stays open and silent."""

    async def script(socket: web.WebSocketResponse, _path: str) -> None:
        for frame in frames:
            text = frame if isinstance(frame, bytes) else orjson.dumps(frame)
            await socket.send_str(text.decode())
        if close is not None:
            await socket.close(code=close)
            return
        await read_to_end(socket)

    return script


async def read_to_end(socket: web.WebSocketResponse) -> list[Any]:
    """Read text frames until the client leaves."""
    return [
        orjson.loads(message.data) async for message in socket if message.type is WSMsgType.TEXT
    ]


@dataclass(frozen=True)
class Wired:
    """The adapter's parts on one scripted venue."""

    venue: ScriptedVenue
    config: BinanceConfig
    clock: LoopClock
    rest: BinanceRest


@asynccontextmanager
async def wired(**changes: Any) -> AsyncIterator[Wired]:
    """Start a scripted venue and the REST side; `changes` replace fields of the configuration."""
    venue = ScriptedVenue()
    await venue.start()
    config = BinanceConfig.custom(venue.url, api_key="test-key", api_secret="test-secret")
    config = replace(config, **changes)
    clock = loop_clock()
    rest = BinanceRest(config, clock, budget=RateBudget(clock), server=ServerClock(clock))
    try:
        yield Wired(venue, config, clock, rest)
    finally:
        await rest.close()
        await venue.stop()


async def until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds; fails after a few seconds."""
    async with asyncio.timeout(DEADLINE_S):
        while not condition():  # noqa: ASYNC110 - conditions are plain state of others
            await asyncio.sleep(0.005)
