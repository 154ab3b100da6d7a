"""Every endpoint of the table has an operation behind it, and no operation is out of reach."""

import random

import pytest

from engine.exchange.sim.clock import SimClock
from engine.exchange.sim.exchange import Exchange
from engine.exchange.sim.synthetic import SyntheticMarket
from engine.exchange.sim.wire.endpoints import REST, WS_API
from engine.exchange.sim.wire.limits import Limits, RateLimiter
from engine.exchange.sim.wire.listen_keys import ListenKeys
from engine.exchange.sim.wire.operations import (
    GatewayOperations,
    account_operations,
    public_operations,
)
from engine.exchange.sim.wire.security import Security
from tests.engine.exchange.sim.wire.wire_kit import START_MS


class Users:
    def __init__(self) -> None:
        self.closed: list[str] = []

    def close(self, key: str) -> None:
        self.closed.append(key)


@pytest.fixture(scope="module")
def market() -> SyntheticMarket:
    return SyntheticMarket(2, seed=1, start_ms=START_MS, warm_minutes=2)


def own(users: Users) -> GatewayOperations:
    clock = SimClock(lambda: 10.0, epoch_ms=START_MS)
    return GatewayOperations(
        ListenKeys(random.Random(1)),
        users,  # type: ignore[arg-type]
        RateLimiter(clock, Limits(orders_per_10s=7, orders_per_minute=9)),
        clock,
    )


def test_tables_when_compared_serve_exactly_the_endpoints(market: SyntheticMarket) -> None:
    exchange = Exchange(market.rules)
    public = public_operations(exchange, market).keys()
    account = account_operations(exchange).keys() | own(Users()).table().keys()

    endpoints = [*REST.values(), *WS_API.values()]
    assert {e.operation for e in endpoints if e.security is Security.NONE} == public
    assert {e.operation for e in endpoints if e.security is not Security.NONE} == account


def test_order_rate_limits_when_asked_are_the_limits_in_force() -> None:
    rows = own(Users()).table()["order_rate_limits"]("alice", {}, 0)

    assert rows == [
        {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 7},
        {"rateLimitType": "ORDERS", "interval": "MINUTE", "intervalNum": 1, "limit": 9},
    ]


def test_key_permissions_when_asked_allow_futures_and_nothing_else() -> None:
    told = own(Users()).table()["key_permissions"]("alice", {}, 0)

    assert isinstance(told, dict)
    allowed = {name for name, value in told.items() if value is True}
    assert allowed == {"enableReading", "enableFutures"}


def test_stop_user_stream_when_there_was_a_key_closes_its_sockets_once() -> None:
    users = Users()
    table = own(users).table()
    started = table["start_user_stream"]("alice", {}, 0)

    assert table["stop_user_stream"]("alice", {}, 0) == {}
    assert table["stop_user_stream"]("alice", {}, 0) == {}
    assert isinstance(started, dict)
    assert users.closed == [started["listenKey"]]
