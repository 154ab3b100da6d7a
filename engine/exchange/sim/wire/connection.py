"""One stream socket seen from the exchange: what it subscribed, what waits to be written to it."""

from __future__ import annotations

import asyncio
from typing import Final

from engine.exchange.sim.wire.stream_names import Route
from engine.exchange.sim.wire.websocket_frames import close_frame, text_frame

BUFFER_LIMIT: Final = 8 * 1024 * 1024
CLOSE_GRACE_S: Final = 2.0
NO_CODE_GIVEN: Final = 1000


class Connection:
    """Collects frames and writes them in one go; cuts off a reader too slow for the buffer limit.

    Attributes:
        route: the category this socket was opened on; None for the WS API, which has no streams.
        combined: whether data is wrapped as `{"stream", "data"}`.
        names: subscribed stream names in order, each with the start of its wrapping.
        closed: True once a close was sent or the socket cut.
        dropped_as_slow: True when the buffer limit ended it.
    """

    def __init__(
        self,
        transport: asyncio.Transport,
        loop: asyncio.AbstractEventLoop,
        route: Route | None,
        *,
        combined: bool = False,
        buffer_limit: int = BUFFER_LIMIT,
    ) -> None:
        """Write to `transport`, which has finished its WebSocket handshake."""
        self._transport = transport
        self._loop = loop
        self._buffer_limit = buffer_limit
        self._outbox: list[bytes] = []
        self.route = route
        self.combined = combined
        self.names: dict[str, bytes] = {}
        self.closed = False
        self.dropped_as_slow = False

    def remember(self, name: str, label: str) -> None:
        """Note a subscription; wrapped frames of stream `name` are labelled `label`."""
        self.names[name] = b'{"stream":"%b","data":' % label.encode()

    def queue(self, name: str, payload: bytes) -> None:
        """Queue one data frame of a subscribed stream; `flush` sends it."""
        if self.combined:
            payload = b"%b%b}" % (self.names[name], payload)
        self._outbox.append(text_frame(payload))

    def flush(self) -> None:
        """Write everything queued in one call."""
        if not self._outbox:
            return
        blob = b"".join(self._outbox)
        self._outbox.clear()
        self.write(blob)

    def write(self, frames: bytes) -> None:
        """Write ready frames now, unless the connection is over or its reader is too slow."""
        if self.closed or self._transport.is_closing():
            return
        self._transport.write(frames)
        if self._transport.get_write_buffer_size() > self._buffer_limit:
            self.dropped_as_slow = True
            self.abort()

    def reply(self, payload: bytes) -> None:
        """Send the answer to a control request, after what is queued."""
        self._outbox.append(text_frame(payload))
        self.flush()

    def close(self, code: int, reason: str = "") -> None:
        """Send a close frame; cut the socket if the client does not finish soon."""
        if self.closed:
            return
        self.flush()
        self.write(close_frame(code, reason))
        self.closed = True
        self._loop.call_later(CLOSE_GRACE_S, self._transport.abort)

    def answer_close(self, code: int | None) -> None:
        """Return the client's close frame, unless ours was first."""
        if not self.closed:
            self.write(close_frame(code or NO_CODE_GIVEN))
            self.closed = True

    def abort(self) -> None:
        """Cut the socket without a close frame."""
        self.closed = True
        self._outbox.clear()
        self._transport.abort()
