"""The one path every request takes: limits, keys, faults, the exchange, events, faults again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from engine.exchange.sim.clock import SimClock
from engine.exchange.sim.errors import ApiError, SimError
from engine.exchange.sim.exchange import Exchange
from engine.exchange.sim.fault_actions import (
    AfterAction,
    AnswerWith,
    BeforeAction,
    DelayReply,
    DelayRequest,
    DropReply,
    DropRequest,
    ErrorReply,
    RefuseWith,
    TruncateReply,
)
from engine.exchange.sim.faults import FaultBox, FaultPoint
from engine.exchange.sim.market import Market
from engine.exchange.sim.wire.endpoints import Endpoint
from engine.exchange.sim.wire.limits import RateLimiter
from engine.exchange.sim.wire.operations import (
    GatewayOperations,
    account_operations,
    public_operations,
)
from engine.exchange.sim.wire.params import SignedParams
from engine.exchange.sim.wire.security import Guard, Security
from engine.exchange.sim.wire.user_stream import UserStreams

_QUOTED: Final = frozenset({"place_order", "place_algo"})


class BrokenConnectionError(SimError):
    """A fault asks for the client's connection to be cut instead of an answer."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request, whichever way it came."""

    endpoint: Endpoint
    params: SignedParams
    api_key: str | None
    ip: str
    channel: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What to answer.

    Attributes:
        status: HTTP status, or the status of the WS API frame.
        payload: JSON-ready body; for an error `{"code", "msg"}`.
        account: who asked, for the order counts; None when unknown.
        error: a fault's reply that replaces the payload.
        truncated: send only half of the body.
    """

    status: int
    payload: object
    account: str | None = None
    error: ErrorReply | None = None
    truncated: bool = False


class Gateway:
    """Serves requests against the exchange and the market."""

    def __init__(
        self,
        exchange: Exchange,
        market: Market,
        *,
        clock: SimClock,
        guard: Guard,
        limiter: RateLimiter,
        faults: FaultBox,
        users: UserStreams,
        own: GatewayOperations,
    ) -> None:
        """Publish the exchange's events through `users` before any reply leaves."""
        self._exchange = exchange
        self._market = market
        self._clock = clock
        self._guard = guard
        self._limiter = limiter
        self._faults = faults
        self._users = users
        self._public = public_operations(exchange, market)
        self._account = {**account_operations(exchange), **own.table()}
        self._symbols = frozenset(rule.symbol for rule in market.rules)

    async def serve(self, call: Call) -> Reply:
        """Answer one request.

        Raises:
            BrokenConnectionError: a fault cuts the connection.
        """
        try:
            self._charge(call)
        except ApiError as refused:
            return Reply(refused.status, refused.body())
        struck = self._struck(call)
        early = await self._before(struck)
        if early is not None:
            return early
        reply = self._execute(call)
        return await self._after(struck, reply)

    def _charge(self, call: Call) -> None:
        if call.endpoint.funding_pool:
            self._limiter.charge_funding(call.ip)
        else:
            weight = call.endpoint.weight(call.params.values)
            self._limiter.charge_weight(call.ip, weight)

    def _struck(self, call: Call) -> list[BeforeAction | AfterAction]:
        if not self._faults:
            return []
        values = call.params.values
        point = FaultPoint(
            call.endpoint.operation,
            symbol=values.get("symbol"),
            params=values,
            channel=call.channel,
        )
        return self._faults.for_request(point)

    @staticmethod
    async def _before(struck: Sequence[BeforeAction | AfterAction]) -> Reply | None:
        for action in struck:
            match action:
                case DelayRequest(seconds=seconds):
                    await asyncio.sleep(seconds)
                case DropRequest():
                    raise BrokenConnectionError
                case RefuseWith(error=error):
                    return Reply(error.status, None, error=error)
                case _:
                    pass
        return None

    @staticmethod
    async def _after(struck: Sequence[BeforeAction | AfterAction], reply: Reply) -> Reply:
        for action in struck:
            match action:
                case DelayReply(seconds=seconds):
                    await asyncio.sleep(seconds)
                case DropReply():
                    raise BrokenConnectionError
                case AnswerWith(error=error):
                    reply = Reply(error.status, None, reply.account, error=error)
                case TruncateReply():
                    reply = Reply(reply.status, reply.payload, reply.account, truncated=True)
                case _:
                    pass
        return reply

    def _execute(self, call: Call) -> Reply:
        endpoint = call.endpoint
        account: str | None = None
        try:
            account = self._guard.check(endpoint.security, call.api_key, call.params, call.ip)
            if account is not None and endpoint.new_order:
                self._limiter.charge_order(account)
            operation = self._operation(call, account)
            return Reply(200, operation(), account)
        except ApiError as refused:
            return Reply(refused.status, refused.body(), account)
        finally:
            if account is not None and endpoint.security is Security.SIGNED:
                self._users.publish(self._exchange.drain_events())

    def _operation(self, call: Call, account: str | None) -> Callable[[], object]:
        name = call.endpoint.operation
        now_ms = max(self._clock.now_ms(), self._market.now_ms)
        params = call.params.business
        if account is None:
            public = self._public[name]
            return lambda: public(params, now_ms)
        if name in _QUOTED and params.get("symbol") in self._symbols:
            symbol = params["symbol"]
            self._exchange.quote(symbol, self._market.tick(symbol))
        private = self._account[name]
        return lambda: private(account, params, now_ms)
