"""Signed REST: budget, timestamp, one exchange, judgement of the reply."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from engine.domain.errors import (
    CredentialsRefused,
    MalformedMessage,
    VenueError,
    VenueRejected,
)
from engine.exchange.binance.classify import (
    CLOCK_CODES,
    classify_reply,
    doubtful,
)
from engine.exchange.binance.codec_account import decode_server_time
from engine.exchange.binance.config import BinanceConfig
from engine.exchange.binance.counters import CallCounters
from engine.exchange.binance.endpoints import (
    CANCEL_CONDITIONAL,
    CANCEL_ORDER,
    EXCHANGE_INFO,
    KLINES,
    PLACE_CONDITIONAL,
    PLACE_ORDER,
    TICKERS_24H,
    TIME,
    Api,
    Endpoint,
    Security,
)
from engine.exchange.binance.limits import ACCOUNT, MARKET, ORDER, Need, RateBudget
from engine.exchange.binance.parse import loads
from engine.exchange.binance.refusals import heeded
from engine.exchange.binance.server_clock import ServerClock
from engine.exchange.binance.signing import query_text, signed_query
from engine.exchange.binance.transport import Reply, Transport
from engine.ports import Clock

log = structlog.get_logger(__name__)

_ORDER_CALLS = frozenset({PLACE_ORDER, CANCEL_ORDER, PLACE_CONDITIONAL, CANCEL_CONDITIONAL})
_MARKET_CALLS = frozenset({EXCHANGE_INFO, TICKERS_24H, KLINES})

Params = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class ClockReading:
    """One look at the venue's clock, exchange ms: how far it is ahead of ours.

    `trip_ms` is how long the answer took; the reading is good to half of it.
    """

    ahead_ms: int
    trip_ms: int


class BinanceRest:
    """The REST side of one account, or of public data only.

    Must be made inside the event loop that uses it, and closed.
    """

    def __init__(
        self, config: BinanceConfig, clock: Clock, *, budget: RateBudget, server: ServerClock
    ) -> None:
        self._config = config
        self._clock = clock
        self.budget = budget
        self.server = server
        self.counters = CallCounters()
        self._transport = Transport(config)

    async def close(self) -> None:
        """Close the session."""
        await self._transport.close()

    async def call(
        self, endpoint: Endpoint, params: Params | None = None, *, weight: int | None = None
    ) -> Any:  # noqa: ANN401 - JSON is anything
        """Return the parsed reply of one request.

        A timestamp the venue refuses is corrected from /time and the request signed again, once:
        the refusal proves that it was not executed.

        Args:
            endpoint: what to call.
            params: parameters without timestamp and signature; numbers of money as text.
            weight: request weight where it depends on the parameters.

        Raises:
            VenueRejected: refused, certainly.
            VenueBusy: not executed, certainly; may be tried later.
            VenueUnreachable: not sent, or a read without a readable answer.
            OutcomeUnknown: a request with an effect, sent and not answered.
        """
        try:
            return await self._call_once(endpoint, params or {}, weight)
        except VenueRejected as error:
            if error.code not in CLOCK_CODES or endpoint.security is not Security.SIGNED:
                raise
        await self.resync()
        return await self._call_once(endpoint, params or {}, weight)

    async def resync(self) -> None:
        """Ask the venue's clock, which is otherwise judged from what it sends."""
        asked_ms = self._clock.exchange_ms()
        body = await self._call_once(TIME, {}, None)
        try:
            self.server.resync(decode_server_time(body), asked_ms)
        except MalformedMessage as error:
            raise doubtful(str(error), effect=False) from error
        log.info("clock.resynced", offset_ms=self.server.offset_ms)

    async def read_clock(self) -> ClockReading:
        """Look at the venue's clock without taking it over.

        Raises:
            VenueError: as `call`.
        """
        asked_ms = self._clock.exchange_ms()
        body = await self._call_once(TIME, {}, None)
        answered_ms = self._clock.exchange_ms()
        try:
            ahead_ms = decode_server_time(body) - (asked_ms + answered_ms) // 2
        except MalformedMessage as error:
            raise doubtful(str(error), effect=False) from error
        return ClockReading(ahead_ms, answered_ms - asked_ms)

    async def _call_once(self, endpoint: Endpoint, params: Params, weight: int | None) -> Any:  # noqa: ANN401
        if endpoint.security is not Security.PUBLIC and not self._config.has_keys:
            raise CredentialsRefused(-2014, f"{endpoint.path} needs an API key and none is set")
        if endpoint.api is Api.WALLET and self._config.wallet_url is None:
            raise VenueRejected(404, "this venue has no wallet API")
        await self.budget.acquire(
            endpoint.weight if weight is None else weight, _need(endpoint), orders=endpoint.orders
        )
        self.counters.count(f"{endpoint.method} {endpoint.path}")
        timeout_s = (
            self._config.order_timeout_s if endpoint.effect else self._config.request_timeout_s
        )
        reply = await self._transport.exchange(
            endpoint, self._query(endpoint, params), timeout_s=timeout_s
        )
        if endpoint.api is Api.FUTURES:
            self._hear_limits(reply)
        if not reply.ok:
            raise self._judged(endpoint, reply)
        self.budget.relax()
        try:
            return loads(reply.body)
        except MalformedMessage as error:
            # A reply cut short after success leaves the same doubt as no reply.
            raise doubtful(f"{endpoint.path}: unreadable reply", effect=endpoint.effect) from error

    def _query(self, endpoint: Endpoint, params: Params) -> str:
        if endpoint.security is not Security.SIGNED:
            return query_text(params)
        stamped = {
            **params,
            "recvWindow": self._config.recv_window_ms(self._clock.speed),
            "timestamp": self.server.now_ms(),
        }
        return signed_query(stamped, self._config.api_secret)

    def _hear_limits(self, reply: Reply) -> None:
        self.budget.told_weight(_count(reply.headers, "x-mbx-used-weight-1m") or 0)
        self.budget.told_orders(
            ten_s=_count(reply.headers, "x-mbx-order-count-10s"),
            minute=_count(reply.headers, "x-mbx-order-count-1m"),
        )

    def _judged(self, endpoint: Endpoint, reply: Reply) -> VenueError:
        error = classify_reply(reply.status, reply.body, reply.headers, effect=endpoint.effect)
        if endpoint.api is Api.WALLET:
            return error  # another host with limits of its own: no reason to hold back orders
        return heeded(error, self.budget, self.server.now_ms(), self._clock.speed)


def _need(endpoint: Endpoint) -> Need:
    if endpoint in _ORDER_CALLS:
        return ORDER
    return MARKET if endpoint in _MARKET_CALLS else ACCOUNT


def _count(headers: Mapping[str, str], name: str) -> int | None:
    try:
        return int(headers[name])
    except (KeyError, ValueError):
        return None
