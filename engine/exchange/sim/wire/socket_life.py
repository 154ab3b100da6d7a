"""What all sockets have in common: limits, pings, an end after a day, handshakes."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Final

from aiohttp import WSMessage, WSMsgType, web

from engine.exchange.sim.wire.connection import Connection
from engine.exchange.sim.wire.websocket_frames import ping_frame

GOING_AWAY: Final = 1001
ENDED: Final = frozenset({WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR})
"""Message types after which nothing more can be read from a socket."""


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """The published limits of a stream socket; times are wall seconds."""

    max_streams: int = 1024
    messages_per_second: int = 10
    ping_every_s: float = 180.0
    pong_within_s: float = 600.0
    life_s: float = 86_400.0
    breaches_before_ban: int = 5
    buffer_limit: int = 8 * 1024 * 1024


class SocketLife:
    """Timers and message count of one socket, in the loop's time."""

    def __init__(
        self, connection: Connection, settings: StreamSettings, loop: asyncio.AbstractEventLoop
    ) -> None:
        """Watch `connection`, opened now."""
        self.connection = connection
        self._settings = settings
        self._loop = loop
        self._last_pong = loop.time()
        self._recent: deque[float] = deque()
        self._ping_timer: asyncio.TimerHandle | None = None
        self._life_timer: asyncio.TimerHandle | None = None

    def allows_message(self) -> bool:
        """Count one message from the client; pings and pongs count too."""
        now, recent = self._loop.time(), self._recent
        while recent and recent[0] <= now - 1.0:
            recent.popleft()
        recent.append(now)
        return len(recent) <= self._settings.messages_per_second

    def pong(self) -> None:
        """Note that the client answered a ping."""
        self._last_pong = self._loop.time()

    def start_timers(self) -> None:
        """Begin pinging and count down to the end of life."""
        self._ping_timer = self._loop.call_later(self._settings.ping_every_s, self._ping)
        self._life_timer = self._loop.call_later(
            self._settings.life_s, self.connection.close, GOING_AWAY, "24h"
        )

    def stop_timers(self) -> None:
        """Stop pinging; the socket is over."""
        for timer in (self._ping_timer, self._life_timer):
            if timer is not None:
                timer.cancel()

    def _ping(self) -> None:
        if self._loop.time() - self._last_pong > self._settings.pong_within_s:
            self.connection.abort()
            return
        self.connection.write(ping_frame(str(int(self._loop.time() * 1000)).encode()))
        self._ping_timer = self._loop.call_later(self._settings.ping_every_s, self._ping)


def answer_close(connection: Connection, message: WSMessage) -> None:
    """Finish the closing handshake when it was the client who began it."""
    if message.type is WSMsgType.CLOSE:
        connection.answer_close(message.data)


def raw_query(request: web.BaseRequest) -> str:
    """Return the query string exactly as received; encoding it anew would change signatures."""
    return request.raw_path.partition("?")[2]


def refuse_handshake(request: web.Request, status: int) -> web.Response:
    """Answer a handshake with an HTTP error, or break the connection for status 0."""
    if status == 0 and request.transport is not None:
        request.transport.abort()
    return web.Response(status=status or 503, text="")
