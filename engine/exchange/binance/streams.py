"""One market stream connection: route, address, subscriptions, frames."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import assert_never
from urllib.parse import quote

import orjson
import structlog
from websockets.asyncio.client import ClientConnection

from engine.domain.errors import MalformedMessage, VenueUnreachable
from engine.domain.events import (
    CandleClosed,
    ContractChanged,
    MarkMoved,
    PriceMoved,
    QuoteMoved,
)
from engine.exchange.binance.codec import (
    Acknowledged,
    Decoded,
    Ignored,
    Refused,
    ShuttingDown,
    decode_frame,
)
from engine.exchange.binance.config import BinanceConfig
from engine.exchange.binance.server_clock import ServerClock
from engine.exchange.binance.sockets import CLOSED, close_reason, open_socket
from engine.ports import Clock, MarketFrame

log = structlog.get_logger(__name__)

_STREAMS_PER_CONNECTION = 1024
_LONGEST_ADDRESS = 4000
_NAMES_PER_REQUEST = 200
_REQUEST_GAP_S = 0.25
_CLOCK_SAMPLE = 256


def route_of(name: str) -> str:
    """Return the route that delivers a stream; every other one acknowledges it and stays silent."""
    kind = name.partition("@")[2]
    is_book = kind == "bookTicker" or kind.startswith(("depth", "rpiDepth"))
    return "public" if is_book or name == "!bookTicker" else "market"


@dataclass(slots=True)
class StreamCounts:
    """What all connections saw since start."""

    frames: int = 0
    malformed: int = 0
    refused: int = 0
    ignored: int = 0


class StreamPlan:
    """How a set of streams is asked for: some in the address, the rest by SUBSCRIBE."""

    def __init__(self, base_url: str, names: Sequence[str]) -> None:
        """Plan one connection.

        Raises:
            ValueError: no stream, too many of them, or streams of different routes.
        """
        unique = list(dict.fromkeys(names))
        routes = {route_of(name) for name in unique}
        if not 1 <= len(unique) <= _STREAMS_PER_CONNECTION:
            raise ValueError(f"{len(unique)} streams, one connection takes 1 to 1024")
        if len(routes) > 1:
            raise ValueError("streams of the public and market routes cannot share a connection")
        in_address = _fitting(unique)
        self.route = routes.pop()
        joined = "/".join(quote(name, safe="!@_") for name in unique[:in_address])
        self.url = f"{base_url}/{self.route}/stream?streams={joined}"
        rest = unique[in_address:]
        self.requests = [
            orjson.dumps(
                {"method": "SUBSCRIBE", "params": rest[at : at + _NAMES_PER_REQUEST], "id": number}
            ).decode()
            for number, at in enumerate(range(0, len(rest), _NAMES_PER_REQUEST), start=1)
        ]


def _fitting(names: Sequence[str]) -> int:
    length = 0
    for count, name in enumerate(names):
        length += len(quote(name, safe="!@_")) + 1
        if length > _LONGEST_ADDRESS and count > 0:
            return count
    return len(names)


class MarketStream:
    """Reads one connection from its opening to its end."""

    def __init__(
        self,
        config: BinanceConfig,
        clock: Clock,
        server: ServerClock,
        counts: StreamCounts,
        names: Sequence[str],
    ) -> None:
        self._config = config
        self._clock = clock
        self._server = server
        self._counts = counts
        self._plan = StreamPlan(config.stream_url, names)
        self._requests = deque(self._plan.requests)
        self._request_due = 0.0
        self._ending = False

    async def frames(self) -> AsyncIterator[MarketFrame]:
        """Yield frames until the connection ends for whatever reason.

        Answers to subscriptions are no frames: they do not prove that data flows.

        Raises:
            VenueUnreachable: the connection could not be made, or a subscription was refused.
        """
        connection = await open_socket(self._config, self._plan.url)
        try:
            while not self._ending:
                raw = await self._receive(connection)
                received_at = self._clock.monotonic()
                for decoded in self._decode(raw, received_at):
                    if (frame := self._frame(decoded, received_at)) is not None:
                        yield frame
        except CLOSED:
            log.info("stream.closed", route=self._plan.route, reason=close_reason(connection))
        finally:
            await connection.close()

    async def _receive(self, connection: ClientConnection) -> bytes:
        # Frames of the first streams arrive while the others are still being asked for; the venue
        # takes few client messages a second, so the requests are spaced.
        loop = asyncio.get_running_loop()
        while self._requests:
            if loop.time() >= self._request_due:
                await connection.send(self._requests.popleft())
                self._request_due = loop.time() + _REQUEST_GAP_S
            with suppress(TimeoutError):
                async with asyncio.timeout_at(self._request_due):
                    return await connection.recv(decode=False)
        return await connection.recv(decode=False)

    def _decode(self, raw: bytes, received_at: float) -> tuple[Decoded, ...]:
        self._counts.frames += 1
        try:
            return decode_frame(raw, received_at)
        except MalformedMessage as error:
            self._counts.malformed += 1
            log.warning("stream.malformed", route=self._plan.route, reason=str(error))
            return (Ignored("malformed"),)

    def _frame(self, decoded: Decoded, received_at: float) -> MarketFrame | None:
        match decoded:
            case PriceMoved() | QuoteMoved() | MarkMoved():
                if self._counts.frames % _CLOCK_SAMPLE == 1:
                    self._server.observe(decoded.event_time_ms)
                return MarketFrame(received_at, decoded)
            case CandleClosed() | ContractChanged():
                return MarketFrame(received_at, decoded)
            case Ignored():
                self._counts.ignored += 1
                return MarketFrame(received_at, None)
            case Acknowledged():
                return None
            case ShuttingDown():
                log.info("stream.server_shutdown", route=self._plan.route)
                self._ending = True
                return None
            case Refused():
                self._counts.refused += 1
                raise VenueUnreachable(f"subscription refused: {decoded.code} {decoded.message}")
            case _:
                assert_never(decoded)
