"""Stream sockets `/market`, `/public`, `/private`: handshake, control requests, end of life."""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import WSMessage, WSMsgType, web

from engine.exchange.sim.faults import FaultBox, FaultPoint
from engine.exchange.sim.wire import control_frames as control
from engine.exchange.sim.wire.connection import Connection
from engine.exchange.sim.wire.hub import StreamHub
from engine.exchange.sim.wire.limits import RateLimiter
from engine.exchange.sim.wire.socket_life import (
    ENDED,
    SocketLife,
    StreamSettings,
    answer_close,
    raw_query,
    refuse_handshake,
)
from engine.exchange.sim.wire.stream_names import (
    Route,
    decode_name,
    listen_keys_in_query,
    names_in_path,
    names_in_query,
)
from engine.exchange.sim.wire.user_stream import UserStreams
from engine.exchange.sim.wire.websocket_frames import pong_frame

POLICY_VIOLATION: Final = 1008


class StreamSockets:
    """Serves stream sockets on any of the three routes."""

    def __init__(
        self,
        hub: StreamHub,
        users: UserStreams,
        faults: FaultBox,
        limiter: RateLimiter,
        settings: StreamSettings,
    ) -> None:
        """Subscribe sockets in `hub` and `users`; ban through `limiter` who floods repeatedly."""
        self._hub = hub
        self._users = users
        self._faults = faults
        self._limiter = limiter
        self._settings = settings
        self._breaches: dict[str, int] = {}

    async def serve(
        self, request: web.Request, route: Route, mode: str, tail: str
    ) -> web.StreamResponse:
        """Serve one socket until it ends.

        Args:
            request: the upgrade request.
            route: the category in the path; an un-routed path counts as public, as at the venue.
            mode: "ws" for raw frames, "stream" for wrapped ones.
            tail: the path after the mode: `/<name>/<name>`.
        """
        refusal = self._faults.for_handshake(FaultPoint(f"connect:{route.value}"))
        if refusal is not None:
            return refuse_handshake(request, refusal.status)
        socket = web.WebSocketResponse(autoping=False, autoclose=False, compress=False)
        await socket.prepare(request)
        transport = request.transport
        if transport is None:
            return socket
        loop = asyncio.get_running_loop()
        connection = Connection(
            transport,
            loop,
            route,
            combined=mode == "stream",
            buffer_limit=self._settings.buffer_limit,
        )
        session = SocketLife(connection, self._settings, loop)
        self._hub.add(connection)
        session.start_timers()
        try:
            self._subscribe_from_url(connection, raw_query(request), tail)
            await self._read(socket, session, request.remote or "")
        finally:
            session.stop_timers()
            self._hub.remove(connection)
            transport.close()
        return socket

    def _subscribe_from_url(self, connection: Connection, query: str, tail: str) -> None:
        if connection.route is Route.PRIVATE:
            for key, events in listen_keys_in_query(query):
                self._users.attach(connection, key, events)
            for key in (*names_in_path(tail), *names_in_query(query)):
                self._users.attach(connection, key, None)
            return
        names = [*names_in_path(tail), *names_in_query(query)]
        if len(names) > self._settings.max_streams:
            connection.close(POLICY_VIOLATION, "too many streams")
            return
        self._hub.subscribe(connection, names)

    async def _read(self, socket: web.WebSocketResponse, session: SocketLife, ip: str) -> None:
        # After a close is sent the socket is read on until the client's own close, or the cut.
        while True:
            message = await socket.receive()
            if message.type in ENDED:
                answer_close(session.connection, message)
                return
            if session.connection.closed:
                continue
            if not session.allows_message():
                self._punish(session.connection, ip)
                continue
            self._answer(session, message)

    def _punish(self, connection: Connection, ip: str) -> None:
        self._breaches[ip] = self._breaches.get(ip, 0) + 1
        if self._breaches[ip] >= self._settings.breaches_before_ban:
            self._limiter.ban(ip)
            self._breaches[ip] = 0
        connection.close(POLICY_VIOLATION, "Too many requests")

    def _answer(self, session: SocketLife, message: WSMessage) -> None:
        match message.type:
            case WSMsgType.PING:
                session.connection.write(pong_frame(message.data))
            case WSMsgType.PONG:
                session.pong()
            case WSMsgType.TEXT:
                self._control(session.connection, message.data)
            case _:
                session.connection.close(1003, "text only")

    def _control(self, connection: Connection, text: str) -> None:
        try:
            request = control.parse_control(text)
            answer = self._apply(connection, request)
        except control.ControlFrameError as refusal:
            connection.reply(control.error(refusal))
            return
        connection.reply(control.result(request.request_id, answer))

    def _apply(self, connection: Connection, request: control.ControlRequest) -> object:
        match request:
            case control.Subscribe(request_id=request_id, names=names):
                self._add_streams(connection, [decode_name(name) for name in names], request_id)
                return None
            case control.Unsubscribe(names=names):
                self._hub.unsubscribe(connection, [decode_name(name) for name in names])
                return None
            case control.ListSubscriptions():
                return list(connection.names)
            case control.SetCombined(combined=combined):
                connection.combined = combined
                return None
            case control.GetCombined():
                return connection.combined

    def _add_streams(
        self, connection: Connection, names: list[str], request_id: control.RequestId
    ) -> None:
        if len(connection.names.keys() | set(names)) > self._settings.max_streams:
            raise control.ControlFrameError(2, "Invalid request: too many parameters", request_id)
        if connection.route is Route.PRIVATE:
            for name in names:
                self._users.attach(connection, name, None)
            return
        self._hub.subscribe(connection, names)
