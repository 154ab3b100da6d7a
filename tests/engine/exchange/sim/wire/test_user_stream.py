"""User events reach the holder of the listenKey, filtered and in order, until the key dies."""

import asyncio
import json
import random
from typing import Any

import pytest

from engine.exchange.sim.faults import FaultBox
from engine.exchange.sim.wire.hub import StreamHub
from engine.exchange.sim.wire.listen_keys import ListenKeys
from engine.exchange.sim.wire.stream_names import Route
from engine.exchange.sim.wire.user_stream import UserStreams, symbol_of

FILL = {"e": "ORDER_TRADE_UPDATE", "o": {"s": "BTCUSDT", "i": 1}}
ACCOUNT = {"e": "ACCOUNT_UPDATE", "a": {"P": [{"s": "ETHUSDT"}]}}


class Socket:
    """Stands in for a /private connection."""

    def __init__(self) -> None:
        self.route = Route.PRIVATE
        self.names: dict[str, str] = {}
        self.events: list[dict[str, Any]] = []
        self.labels: list[str] = []
        self.closed_with: int | None = None

    def remember(self, name: str, label: str) -> None:
        self.names[name] = label

    def queue(self, name: str, payload: bytes) -> None:
        self.events.append(json.loads(payload))
        self.labels.append(self.names[name])

    def flush(self) -> None:
        pass

    def close(self, code: int, reason: str = "") -> None:
        self.closed_with = code


class World:
    def __init__(self) -> None:
        self.keys = ListenKeys(random.Random(1))
        hub = StreamHub(FaultBox(random.Random(1)), asyncio.new_event_loop())
        hub._loop.close()
        self.users = UserStreams(hub, self.keys)

    def attach(self, key: str, events: frozenset[str] | None = None) -> Socket:
        socket = Socket()
        self.users.attach(socket, key, events)  # type: ignore[arg-type]
        return socket


@pytest.fixture
def world() -> World:
    return World()


def test_publish_when_two_accounts_listen_each_hears_its_own(world: World) -> None:
    mine, yours = world.keys.start("alice", 0), world.keys.start("bob", 0)
    alice, bob = world.attach(mine), world.attach(yours)

    world.users.publish([("alice", FILL), ("bob", ACCOUNT), ("alice", ACCOUNT)])

    assert alice.events == [FILL, ACCOUNT]
    assert bob.events == [ACCOUNT]


def test_publish_when_two_sockets_hold_one_key_both_hear(world: World) -> None:
    key = world.keys.start("alice", 0)
    one, two = world.attach(key), world.attach(key)

    world.users.publish([("alice", FILL)])

    assert one.events == two.events == [FILL]


def test_publish_when_events_are_filtered_sends_the_wanted_under_the_key(world: World) -> None:
    key = world.keys.start("alice", 0)
    socket = world.attach(key, frozenset({"ACCOUNT_UPDATE"}))

    world.users.publish([("alice", FILL), ("alice", ACCOUNT)])

    assert socket.events == [ACCOUNT]
    assert socket.labels == [key]


def test_publish_when_the_account_has_no_key_is_lost(world: World) -> None:
    socket = world.attach("not-a-key")

    world.users.publish([("alice", FILL)])

    assert socket.events == []


def test_expire_when_a_key_dies_announces_it_and_falls_silent(world: World) -> None:
    key = world.keys.start("alice", 0)
    plain, filtered = world.attach(key), world.attach(key, frozenset({"ACCOUNT_UPDATE"}))

    world.users.expire(key, 123)
    world.users.publish([("alice", FILL)])

    expected = [{"e": "listenKeyExpired", "E": 123, "listenKey": key}]
    assert plain.events == filtered.events == expected
    assert plain.closed_with is None


def test_close_when_the_key_is_deleted_closes_its_sockets(world: World) -> None:
    key = world.keys.start("alice", 0)
    plain, filtered = world.attach(key), world.attach(key, frozenset({"ACCOUNT_UPDATE"}))

    world.users.close(key)

    assert (plain.closed_with, filtered.closed_with) == (1000, 1000)


@pytest.mark.parametrize(
    ("event", "symbol"),
    [
        (FILL, "BTCUSDT"),
        (ACCOUNT, "ETHUSDT"),
        ({"e": "TRADE_LITE", "s": "XRPUSDT"}, "XRPUSDT"),
        ({"e": "ACCOUNT_CONFIG_UPDATE", "ac": {"s": "BNBUSDT", "l": 5}}, "BNBUSDT"),
        ({"e": "ACCOUNT_UPDATE", "a": {"P": []}}, None),
        ({"e": "MARGIN_CALL"}, None),
    ],
)
def test_symbol_of_when_an_event_names_one_finds_it(
    event: dict[str, Any], symbol: str | None
) -> None:
    assert symbol_of(event) == symbol
