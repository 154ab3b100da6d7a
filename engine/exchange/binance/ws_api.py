"""The venue's request and reply socket: orders without the cost of an HTTP exchange."""

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import structlog
from websockets.asyncio.client import ClientConnection
from websockets.protocol import State

from engine.domain.errors import (
    MalformedMessage,
    VenueError,
    VenueRejected,
    VenueUnreachable,
)
from engine.exchange.binance.classify import (
    CLOCK_CODES,
    classify_reply,
    doubtful,
)
from engine.exchange.binance.config import BinanceConfig
from engine.exchange.binance.limits import ACCOUNT, Need, RateBudget
from engine.exchange.binance.parse import SHAPE_ERRORS, clip, loads
from engine.exchange.binance.refusals import heeded
from engine.exchange.binance.server_clock import ServerClock
from engine.exchange.binance.signing import ws_signature
from engine.exchange.binance.sockets import CLOSED, close_reason, open_socket
from engine.exchange.binance.ws_methods import Method
from engine.ports import Clock
from engine.runtime.backoff import Backoff

log = structlog.get_logger(__name__)

_HANDSHAKE_WEIGHT = 5


@dataclass(slots=True, eq=False)
class _Session:
    """One connection and the requests that wait for its replies."""

    connection: ClientConnection
    waiting: dict[str, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        return self.connection.state is State.OPEN

    def abandon(self, reason: str) -> None:
        for reply in self.waiting.values():
            if not reply.done():
                reply.set_exception(ConnectionError(reason))
        self.waiting.clear()


@dataclass(slots=True)
class WsApiCounts:
    """What happened on the socket since start."""

    connections: int = 0
    requests: int = 0
    unmatched: int = 0


class WsApi:
    """Keeps one connection open (run `run`) and sends requests over it.

    Args:
        config: address, keys, deadlines.
        clock: both clocks.
        budget: shared with REST; the venue counts both together.
        server: the venue's time.
        rng: jitter of reconnection.
        next_id: request ids; a counter keeps runs reproducible.
    """

    def __init__(
        self,
        config: BinanceConfig,
        clock: Clock,
        *,
        budget: RateBudget,
        server: ServerClock,
        rng: random.Random,
        next_id: Callable[[], int],
    ) -> None:
        self._config = config
        self._clock = clock
        self._budget = budget
        self._server = server
        self._backoff = Backoff(rng)
        self._next_id = next_id
        self._current: _Session | None = None
        self.counts = WsApiCounts()

    @property
    def is_connected(self) -> bool:
        """True when a request could be sent now."""
        return self._current is not None and self._current.is_open

    async def run(self) -> None:
        """Keep a connection open for ever, renewing it before the venue's 24 h are over."""
        async with asyncio.TaskGroup() as group:
            while True:
                session = await self._open()
                previous, self._current = self._current, session
                reader = group.create_task(self._read(session), name="ws-api reader")
                if previous is not None:
                    group.create_task(self._retire(previous), name="ws-api retirement")
                await asyncio.wait({reader}, timeout=self._config.renew_after_s)
                if reader.done():
                    self._current = None
                    await asyncio.sleep(self._backoff.next_delay())

    async def _open(self) -> _Session:
        while True:
            try:
                await self._budget.acquire(_HANDSHAKE_WEIGHT, ACCOUNT)
                connection = await open_socket(self._config, self._config.ws_api_url)
            except VenueError as error:
                log.warning("ws_api.unreachable", reason=str(error))
                if self._current is not None and not self._current.is_open:
                    self._current = None
                await asyncio.sleep(self._backoff.next_delay())
                continue
            self.counts.connections += 1
            return _Session(connection)

    async def _retire(self, session: _Session) -> None:
        # Requests already sent over it may still be answered.
        await asyncio.sleep(self._config.overlap_s)
        await session.connection.close()

    async def _read(self, session: _Session) -> None:
        try:
            while True:
                self._deliver(session, await session.connection.recv(decode=False))
        except CLOSED:
            reason = close_reason(session.connection)
            log.info("ws_api.closed", reason=reason, waiting=len(session.waiting))
        finally:
            session.abandon("the connection closed before the reply")
            await session.connection.close()

    def _deliver(self, session: _Session, raw: bytes) -> None:
        self._backoff.reset()
        try:
            body = loads(raw)
            reply = session.waiting.pop(str(body["id"]), None)
        except (MalformedMessage, *SHAPE_ERRORS):
            reply = None
            body = None
        if reply is None or reply.done():
            # Answers that came after their deadline, and frames with the id null, by which the
            # venue tells of a revoked key; neither may stop the reader (facts §9, defect 5).
            self.counts.unmatched += 1
            log.warning("ws_api.unmatched", frame=clip(raw))
            return
        reply.set_result(body)

    async def request(self, method: Method, params: Mapping[str, Any], need: Need) -> Any:  # noqa: ANN401
        """Send one request and return its `result`.

        Args:
            method: what to ask.
            params: integers as int, numbers of money as text; without key, time and signature.
            need: how it stands in the budget.

        Raises:
            VenueRejected: refused, certainly; clock errors too, for the caller to resync.
            VenueBusy: not executed, certainly.
            VenueUnreachable: not sent, or a read without an answer.
            OutcomeUnknown: a request with an effect, sent and not answered.
        """
        if not self.is_connected:
            raise VenueUnreachable("the WebSocket API is not connected")
        await self._budget.acquire(method.weight, need, orders=method.orders)
        body = await self._exchange(method, params)
        return self._result(method, body)

    async def _exchange(self, method: Method, params: Mapping[str, Any]) -> dict[str, Any]:
        session = self._current
        if session is None or not session.is_open:
            raise VenueUnreachable("the WebSocket API disconnected before the request was sent")
        request_id = str(self._next_id())
        frame = orjson.dumps(
            {"id": request_id, "method": method.name, "params": self._complete(method, params)}
        )
        reply: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        session.waiting[request_id] = reply
        self.counts.requests += 1
        try:
            async with asyncio.timeout(self._config.order_timeout_s):
                await session.connection.send(frame, text=True)
                return await reply
        except TimeoutError as error:
            text = f"{method.name}: no reply in {self._config.order_timeout_s:g} s"
            raise doubtful(text, effect=method.effect) from error
        except CLOSED as error:
            raise doubtful(f"{method.name}: {error}", effect=method.effect) from error
        finally:
            session.waiting.pop(request_id, None)

    def _complete(self, method: Method, params: Mapping[str, Any]) -> dict[str, Any]:
        complete = {**params, "apiKey": self._config.api_key}
        if method.signed:
            complete["recvWindow"] = self._config.recv_window_ms(self._clock.speed)
            complete["timestamp"] = self._server.now_ms()
            complete["signature"] = ws_signature(complete, self._config.api_secret)
        return complete

    def _result(self, method: Method, body: dict[str, Any]) -> Any:  # noqa: ANN401
        self._hear_limits(body.get("rateLimits"))
        try:
            status = int(body["status"])
            if status == 200:
                self._budget.relax()
                return body["result"]
            error = orjson.dumps(body["error"])
        except SHAPE_ERRORS as malformed:
            raise doubtful(f"{method.name}: unreadable reply", effect=method.effect) from malformed
        judged = classify_reply(status, error, effect=method.effect)
        raise heeded(judged, self._budget, self._server.now_ms(), self._clock.speed)

    def _hear_limits(self, told: object) -> None:
        for limit in told if isinstance(told, list) else []:
            match limit:
                case {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "count": int(count)}:
                    self._budget.told_weight(count)
                case {"rateLimitType": "ORDERS", "interval": "SECOND", "count": int(count)}:
                    self._budget.told_orders(ten_s=count)
                case {"rateLimitType": "ORDERS", "interval": "MINUTE", "count": int(count)}:
                    self._budget.told_orders(minute=count)
                case _:
                    pass


def is_clock_refusal(error: VenueError) -> bool:
    """Return True when the venue refused a timestamp: resync and sign again, once."""
    return isinstance(error, VenueRejected) and error.code in CLOCK_CODES
