"""Subscriptions deliver on their own route only, and faults strike single events."""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from engine.exchange.sim.fault_actions import (
    CorruptEvent,
    DelayEvent,
    DropEvent,
    DuplicateEvent,
    EventAction,
    ReorderEvent,
)
from engine.exchange.sim.faults import FaultBox, FaultRule
from engine.exchange.sim.wire.hub import StreamHub
from engine.exchange.sim.wire.stream_names import Route

NAME = "btcusdt@kline_1m"


@dataclass(eq=False)
class Socket:
    """Stands in for a connection and keeps what it was sent."""

    route: Route = Route.MARKET
    names: dict[str, bytes] = field(default_factory=dict)
    queued: list[bytes] = field(default_factory=list)
    flushed: list[bytes] = field(default_factory=list)

    def remember(self, name: str, label: str) -> None:
        self.names[name] = label.encode()

    def queue(self, name: str, payload: bytes) -> None:
        assert name in self.names
        self.queued.append(payload)

    def flush(self) -> None:
        self.flushed += self.queued
        self.queued.clear()


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = asyncio.new_event_loop()
    yield made
    made.close()


def hub_with(loop: asyncio.AbstractEventLoop, *actions: EventAction) -> tuple[StreamHub, Socket]:
    faults = FaultBox(random.Random(1), tuple(FaultRule(a, "kline") for a in actions))
    hub, socket = StreamHub(faults, loop), Socket()
    hub.add(socket)  # type: ignore[arg-type]
    hub.subscribe(socket, [NAME])  # type: ignore[arg-type]
    return hub, socket


def send(hub: StreamHub, *payloads: bytes) -> None:
    for payload in payloads:
        hub.publish(NAME, "kline", "BTCUSDT", payload)
    hub.flush()


def test_publish_when_subscribed_delivers_after_flush(loop: asyncio.AbstractEventLoop) -> None:
    hub, socket = hub_with(loop)

    send(hub, b"1", b"2")

    assert socket.flushed == [b"1", b"2"]
    assert hub.frames_sent == 2


def test_subscribe_when_the_route_is_wrong_is_remembered_and_silent(
    loop: asyncio.AbstractEventLoop,
) -> None:
    hub, _ = hub_with(loop)
    public = Socket(Route.PUBLIC)

    hub.subscribe(public, [NAME, "btcusdt@bookTicker"])  # type: ignore[arg-type]
    send(hub, b"1")

    assert list(public.names) == [NAME, "btcusdt@bookTicker"]
    assert public.flushed == []
    assert hub.has("btcusdt@bookTicker")


def test_unsubscribe_when_last_listener_leaves_nobody_renders(
    loop: asyncio.AbstractEventLoop,
) -> None:
    hub, socket = hub_with(loop)

    hub.unsubscribe(socket, [NAME, "never"])  # type: ignore[arg-type]

    assert not hub.has(NAME)
    assert socket.names == {}


def test_remove_when_a_socket_ends_forgets_its_subscriptions(
    loop: asyncio.AbstractEventLoop,
) -> None:
    hub, socket = hub_with(loop)
    hub.publish(NAME, "kline", "BTCUSDT", b"1")

    hub.remove(socket)  # type: ignore[arg-type]
    hub.flush()

    assert socket.flushed == []
    assert not hub.connections
    assert not hub.has(NAME)


def test_subscribe_private_when_on_a_market_socket_is_silent(
    loop: asyncio.AbstractEventLoop,
) -> None:
    hub, socket = hub_with(loop)

    hub.subscribe_private(socket, "key", "key")  # type: ignore[arg-type]

    assert not hub.has("key")


@pytest.mark.parametrize(
    ("action", "received"),
    [
        (DropEvent(), [b"22", b"33"]),
        (DuplicateEvent(), [b"11", b"11", b"22", b"33"]),
        (ReorderEvent(), [b"22", b"11", b"33"]),
        (CorruptEvent(), [b"1", b"22", b"33"]),
    ],
)
def test_publish_when_a_fault_strikes_the_first_event_is_changed(
    loop: asyncio.AbstractEventLoop, action: EventAction, received: list[bytes]
) -> None:
    hub, socket = hub_with(loop, action)

    send(hub, b"11", b"22", b"33")

    assert socket.flushed == received


def test_publish_when_delayed_arrives_after_the_others(loop: asyncio.AbstractEventLoop) -> None:
    hub, socket = hub_with(loop, DelayEvent(0.01))

    send(hub, b"11", b"22")
    assert socket.flushed == [b"22"]
    loop.run_until_complete(asyncio.sleep(0.02))

    assert socket.flushed == [b"22", b"11"]


def test_publish_when_the_listener_left_meanwhile_drops_the_delayed_event(
    loop: asyncio.AbstractEventLoop,
) -> None:
    hub, socket = hub_with(loop, DelayEvent(0.01))

    send(hub, b"11")
    hub.remove(socket)  # type: ignore[arg-type]
    loop.run_until_complete(asyncio.sleep(0.02))

    assert socket.flushed == []
