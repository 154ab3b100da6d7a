"""The embedded exchange as a server: one port for REST, streams, user data and WS API."""

from __future__ import annotations

import asyncio
import logging
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any, Final

from aiohttp import web

from engine.exchange.sim.clock import SimClock
from engine.exchange.sim.exchange import Exchange
from engine.exchange.sim.faults import FaultBox
from engine.exchange.sim.market import Market
from engine.exchange.sim.wire.connection import Connection
from engine.exchange.sim.wire.fault_json import (
    CloseSockets,
    ExpireListenKey,
    Immediate,
    RejectTrigger,
)
from engine.exchange.sim.wire.gateway import Gateway
from engine.exchange.sim.wire.hub import StreamHub
from engine.exchange.sim.wire.limits import Limits, RateLimiter
from engine.exchange.sim.wire.listen_keys import LIFE_S, ListenKeys
from engine.exchange.sim.wire.operations import GatewayOperations
from engine.exchange.sim.wire.pump import EVERY_S, Pump
from engine.exchange.sim.wire.rest import RestApi
from engine.exchange.sim.wire.security import ApiKey, Guard
from engine.exchange.sim.wire.sim_control import SimControl
from engine.exchange.sim.wire.socket_life import StreamSettings
from engine.exchange.sim.wire.stream_names import Route
from engine.exchange.sim.wire.stream_socket import StreamSockets
from engine.exchange.sim.wire.user_stream import UserStreams
from engine.exchange.sim.wire.ws_api import WsApi

_LOG: Final = logging.getLogger(__name__)
_STREAM_PATH: Final = re.compile(r"(?:/(market|public|private))?/(ws|stream)(/.*)?")


@dataclass(frozen=True, slots=True)
class SimUrls:
    """Where a started server listens, in the forms clients are configured with."""

    rest: str
    streams: str
    ws_api: str


@dataclass(frozen=True, slots=True)
class WireSettings:
    """Limits and timings of the wire; the defaults are the venue's. Seconds are wall time."""

    limits: Limits = field(default_factory=Limits)
    streams: StreamSettings = field(default_factory=StreamSettings)
    listen_key_life_s: float = LIFE_S
    beat_s: float = EVERY_S


class SimServer:
    """Puts the wire protocol in front of an exchange and its market.

    Must be built on the running loop whose time the clock uses. `stop` and `start` again on the
    same port play a maintenance; state stays in the exchange and the market.

    Attributes:
        faults: arm rules here.
        hub: stream subscriptions, for figures.
        limiter: weight and order counts, for figures.
        pump: the heart beat.
    """

    def __init__(
        self,
        exchange: Exchange,
        market: Market,
        clock: SimClock,
        *,
        keys: Mapping[str, ApiKey],
        rng: random.Random,
        faults: FaultBox | None = None,
        settings: WireSettings | None = None,
    ) -> None:
        """Wire everything together; nothing listens before `start`.

        Args:
            exchange: accounts and matching.
            market: prices; its rules are the exchange's.
            clock: exchange time over the loop's time.
            keys: account and secret by API key.
            rng: listen keys and chance of faults.
            faults: rules armed from the beginning.
            settings: limits and timings.
        """
        settings = settings or WireSettings()
        loop = asyncio.get_running_loop()
        self._exchange = exchange
        self._market = market
        self._clock = clock
        self.faults = faults if faults is not None else FaultBox(rng)
        self.limiter = RateLimiter(clock, settings.limits)
        self.hub = StreamHub(self.faults, loop)
        self._keys = ListenKeys(rng, life_s=settings.listen_key_life_s)
        self._users = UserStreams(self.hub, self._keys)
        self._failed: asyncio.Future[None] = loop.create_future()
        self.pump = Pump(
            exchange,
            market,
            clock,
            self.hub,
            self._users,
            loop=loop,
            on_error=self._fail,
            each_second=self._expire_listen_keys,
            every_s=settings.beat_s,
        )
        gateway = Gateway(
            exchange,
            market,
            clock=clock,
            guard=Guard(keys, clock),
            limiter=self.limiter,
            faults=self.faults,
            users=self._users,
            own=GatewayOperations(self._keys, self._users, self.limiter, clock),
        )
        self._rest = RestApi(gateway, self.limiter)
        self._streams = StreamSockets(
            self.hub, self._users, self.faults, self.limiter, settings.streams
        )
        self._ws_api = WsApi(gateway, self.limiter, self.faults, clock, settings.streams)
        self._control = SimControl(clock, self.faults, summary=self.summary, strike=self.strike)
        self._runner: web.AppRunner | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> SimUrls:
        """Listen and start the pump; port 0 takes a free one.

        Raises:
            OSError: the port is taken.
        """
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self._dispatch)
        app.on_response_prepare.append(self._stamp)
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        bound = runner.addresses[0][1]
        self.pump.start()
        return SimUrls(
            f"http://{host}:{bound}", f"ws://{host}:{bound}", f"ws://{host}:{bound}/ws-fapi/v1"
        )

    async def stop(self) -> None:
        """Stop the pump, cut the sockets and stop listening."""
        self.pump.stop()
        self.close_sockets("all", 0)
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def wait_failed(self) -> None:
        """Return never, or raise the error that stopped the pump."""
        await asyncio.shield(self._failed)

    def summary(self) -> dict[str, Any]:
        """Return the exchange's own figures and the wire's, JSON-ready."""
        return {
            "clock": self._clock.describe(),
            "exchange": self._exchange.ledger.summary(self._clock.now_ms()),
            "wallets": {
                name: f"{account.wallet:f}"
                for name, account in self._exchange.world.accounts.items()
            },
            "market": {"now_ms": self._market.now_ms, "exhausted": self._market.exhausted},
            "wire": {
                "frames_sent": self.hub.frames_sent,
                "stream_sockets": len(self.hub.connections),
                "refused_429": self.limiter.refused_429,
                "refused_418": self.limiter.refused_418,
                "faults": dict(self.faults.struck),
            },
        }

    def strike(self, fault: Immediate) -> None:
        """Carry out a fault that happens at once."""
        match fault:
            case CloseSockets(route=route, code=code):
                self.close_sockets(route, code)
            case ExpireListenKey(account=account):
                self.expire_listen_key(account)
            case RejectTrigger(symbol=symbol, reason=reason):
                self._exchange.reject_next_trigger(symbol, reason)

    def close_sockets(self, route: str, code: int) -> None:
        """Close the sockets of a route, "ws_api" or "all"; code 0 cuts them."""
        for connection in self._sockets(route):
            if code == 0:
                connection.abort()
            else:
                connection.close(code)

    def expire_listen_key(self, account: str) -> None:
        """Let the account's listenKey die now: listenKeyExpired, then silence."""
        key = self._keys.key_of(account)
        if key is not None:
            self._users.expire(key, self._clock.now_ms())
            self._keys.close(account)

    def _sockets(self, route: str) -> list[Connection]:
        streams = [
            connection
            for connection in self.hub.connections
            if route == "all" or (connection.route and connection.route.value == route)
        ]
        return [*streams, *(self._ws_api.connections if route in {"ws_api", "all"} else ())]

    def _expire_listen_keys(self, now_ms: int) -> None:
        for key in self._keys.expire_due(self._clock.wall()):
            self._users.expire(key, now_ms)

    def _fail(self, error: Exception) -> None:
        _LOG.error("the exchange's pump stopped", exc_info=error)
        if not self._failed.done():
            self._failed.set_exception(error)
            self._failed.exception()  # nobody may be waiting; that is no second error

    async def _stamp(self, _request: web.Request, response: web.StreamResponse) -> None:
        # aiohttp would write the host's time: not the exchange's, and another one in every run.
        response.headers["Date"] = formatdate(self._clock.now_ms() / 1000, usegmt=True)

    async def _dispatch(self, request: web.Request) -> web.StreamResponse:
        path = request.raw_path.partition("?")[0]
        if path.startswith(("/fapi/", "/sapi/")):
            return await self._rest.serve(request)
        if path.startswith("/sim/"):
            return await self._control.serve(request)
        if path.rstrip("/") == "/ws-fapi/v1":
            return await self._ws_api.serve(request)
        found = _STREAM_PATH.fullmatch(path)
        if found is None:
            return web.Response(status=404)
        route = Route(found[1] or "public")
        return await self._streams.serve(request, route, found[2], found[3] or "")
