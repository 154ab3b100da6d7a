"""The WS API socket `/ws-fapi/v1`: trading requests over one connection, answered by id."""

from __future__ import annotations

import asyncio
from typing import Any, Final
from urllib.parse import parse_qs

from aiohttp import WSMessage, WSMsgType, web

from engine.exchange.sim.clock import SimClock
from engine.exchange.sim.errors import ApiError
from engine.exchange.sim.faults import FaultBox, FaultPoint
from engine.exchange.sim.wire.connection import Connection
from engine.exchange.sim.wire.endpoints import WS_API
from engine.exchange.sim.wire.gateway import BrokenConnectionError, Call, Gateway, Reply
from engine.exchange.sim.wire.limits import RateLimiter
from engine.exchange.sim.wire.operations import order_limit
from engine.exchange.sim.wire.params import parse_ws
from engine.exchange.sim.wire.refusals import gateway_refusal
from engine.exchange.sim.wire.socket_life import (
    ENDED,
    SocketLife,
    StreamSettings,
    answer_close,
    raw_query,
    refuse_handshake,
)
from engine.exchange.sim.wire.websocket_frames import pong_frame
from engine.exchange.sim.wire.ws_api_frames import (
    FrameError,
    WsRequest,
    parse_request,
    render_reply,
)

HANDSHAKE_WEIGHT: Final = 5


class WsApi:
    """Serves WS API sockets. Requests of one socket run side by side: a slow one holds up none."""

    def __init__(
        self,
        gateway: Gateway,
        limiter: RateLimiter,
        faults: FaultBox,
        clock: SimClock,
        settings: StreamSettings,
    ) -> None:
        """Serve through `gateway`."""
        self._gateway = gateway
        self._limiter = limiter
        self._faults = faults
        self._clock = clock
        self._settings = settings
        self.connections: dict[Connection, None] = {}

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve one socket until it ends; requests under way are still executed."""
        refused = self._faults.for_handshake(FaultPoint("connect:ws_api"))
        if refused is not None:
            return refuse_handshake(request, refused.status)
        ip = request.remote or ""
        try:
            self._limiter.charge_weight(ip, HANDSHAKE_WEIGHT)
        except ApiError as refusal:
            return refuse_handshake(request, refusal.status)
        socket = web.WebSocketResponse(autoping=False, autoclose=False, compress=False)
        await socket.prepare(request)
        transport = request.transport
        if transport is None:
            return socket
        loop = asyncio.get_running_loop()
        connection = Connection(transport, loop, None)
        life = SocketLife(connection, self._settings, loop)
        self.connections[connection] = None
        life.start_timers()
        session = _WsApiSession(self, connection, ip, raw_query(request), self._clock.now_ms())
        try:
            async with asyncio.TaskGroup() as group:
                await self._read(socket, life, session, group)
                transport.close()
        finally:
            life.stop_timers()
            self.connections.pop(connection, None)
            transport.close()
        return socket

    async def _read(
        self,
        socket: web.WebSocketResponse,
        life: SocketLife,
        session: _WsApiSession,
        group: asyncio.TaskGroup,
    ) -> None:
        while True:
            message: WSMessage = await socket.receive()
            if message.type in ENDED:
                answer_close(life.connection, message)
                return
            if message.type is WSMsgType.PING:
                life.connection.write(pong_frame(message.data))
            elif message.type is WSMsgType.PONG:
                life.pong()
            elif message.type is WSMsgType.TEXT:
                group.create_task(session.answer(message.data))

    async def handle(self, request: WsRequest, ip: str, connected_ms: int) -> Reply:
        """Answer one request.

        Raises:
            BrokenConnectionError: a fault cuts the connection.
        """
        if request.method.startswith("session."):
            return self._session_method(request.method, connected_ms)
        endpoint = WS_API.get(request.method)
        try:
            if endpoint is None:
                raise gateway_refusal(-5000, request.method, "WS")
            params = parse_ws(request.params)
        except ApiError as refused:
            return Reply(refused.status, refused.body())
        api_key = params.values.get("apiKey")
        return await self._gateway.serve(Call(endpoint, params, api_key, ip, "ws_api"))

    def rate_limits(self, method: str, account: str | None, ip: str) -> list[dict[str, Any]]:
        """Return the counts a reply carries: weight always, orders after a new order."""
        limits = self._limiter.limits
        rows: list[dict[str, Any]] = []
        endpoint = WS_API.get(method)
        if endpoint is not None and endpoint.new_order and account is not None:
            short, long = self._limiter.order_counts(account)
            rows = [
                {**order_limit("SECOND", 10, limits.orders_per_10s), "count": short},
                {**order_limit("MINUTE", 1, limits.orders_per_minute), "count": long},
            ]
        rows.append(
            {
                "rateLimitType": "REQUEST_WEIGHT",
                "interval": "MINUTE",
                "intervalNum": 1,
                "limit": limits.weight_per_minute,
                "count": self._limiter.used_weight(ip),
            }
        )
        return rows

    def _session_method(self, method: str, connected_ms: int) -> Reply:
        if method == "session.logon":
            # The venue lets only Ed25519 keys log on; this exchange hands out HMAC keys.
            refused = gateway_refusal(-4056)
            return Reply(refused.status, refused.body())
        if method in {"session.status", "session.logout"}:
            return Reply(
                200,
                {
                    "apiKey": None,
                    "authorizedSince": None,
                    "connectedSince": connected_ms,
                    "returnRateLimits": True,
                    "serverTime": self._clock.now_ms(),
                },
            )
        unknown = gateway_refusal(-5000, method, "WS")
        return Reply(unknown.status, unknown.body())


class _WsApiSession:
    """One socket's answers."""

    def __init__(
        self, api: WsApi, connection: Connection, ip: str, query: str, connected_ms: int
    ) -> None:
        self._api = api
        self._connection = connection
        self._ip = ip
        self._connected_ms = connected_ms
        self._with_limits = parse_qs(query).get("returnRateLimits") != ["false"]

    async def answer(self, text: str) -> None:
        """Answer one frame."""
        try:
            request = parse_request(text)
        except FrameError as bad:
            reply = Reply(bad.refusal.status, bad.refusal.body())
            self._connection.reply(render_reply(bad.request_id, reply, self._limits("", None)))
            return
        try:
            reply = await self._api.handle(request, self._ip, self._connected_ms)
        except BrokenConnectionError:
            self._connection.abort()
            return
        frame = render_reply(request.request_id, reply, self._limits(request.method, reply.account))
        self._connection.reply(frame[: len(frame) // 2] if reply.truncated else frame)

    def _limits(self, method: str, account: str | None) -> list[dict[str, Any]] | None:
        return self._api.rate_limits(method, account, self._ip) if self._with_limits else None
