"""Who listens to which stream, and the one door through which stream frames leave."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, KeysView

from engine.exchange.sim.fault_actions import (
    CorruptEvent,
    DelayEvent,
    DropEvent,
    DuplicateEvent,
    EventAction,
    ReorderEvent,
)
from engine.exchange.sim.faults import FaultBox, FaultPoint
from engine.exchange.sim.wire.connection import Connection
from engine.exchange.sim.wire.stream_names import Route, route_of


class StreamHub:
    """Subscriptions by stream name.

    A name is remembered on any socket and listed back, but its frames go only to sockets of its own
    route: a subscription on the wrong route is acknowledged and stays silent, as at the venue.
    """

    def __init__(self, faults: FaultBox, loop: asyncio.AbstractEventLoop) -> None:
        """Ask `faults` about every frame published while a rule is armed."""
        self._faults = faults
        self._loop = loop
        self._topics: dict[str, dict[Connection, None]] = {}
        self._held: dict[str, list[bytes]] = {}
        self._dirty: dict[Connection, None] = {}
        self.connections: dict[Connection, None] = {}
        self.frames_sent = 0

    def add(self, connection: Connection) -> None:
        """Know a new socket."""
        self.connections[connection] = None

    def remove(self, connection: Connection) -> None:
        """Forget a socket and its subscriptions."""
        self.connections.pop(connection, None)
        self._dirty.pop(connection, None)
        self.unsubscribe(connection, list(connection.names))

    def subscribe(self, connection: Connection, names: Iterable[str]) -> None:
        """Subscribe a socket to market streams."""
        for name in names:
            connection.remember(name, name)
            if route_of(name) is connection.route:
                self._topics.setdefault(name, {})[connection] = None

    def subscribe_private(self, connection: Connection, topic: str, label: str) -> None:
        """Subscribe a /private socket to a user-data topic, wrapped under `label`."""
        connection.remember(topic, label)
        if connection.route is Route.PRIVATE and route_of(topic) is None:
            self._topics.setdefault(topic, {})[connection] = None

    def unsubscribe(self, connection: Connection, names: Iterable[str]) -> None:
        """Remove subscriptions; unknown names are ignored."""
        for name in names:
            connection.names.pop(name, None)
            listeners = self._topics.get(name)
            if listeners is not None:
                listeners.pop(connection, None)
                if not listeners:
                    del self._topics[name]

    def has(self, name: str) -> bool:
        """Say whether anybody gets this stream, so that nobody renders for no one."""
        return name in self._topics

    def names(self) -> KeysView[str]:
        """Return the names of all streams somebody gets."""
        return self._topics.keys()

    def listeners(self, name: str) -> list[Connection]:
        """Return the sockets a stream is delivered to."""
        return list(self._topics.get(name, ()))

    def publish(self, name: str, event: str, symbol: str | None, payload: bytes) -> None:
        """Queue one event for all listeners of stream `name`, after the faults had their say."""
        if self._faults:
            point = FaultPoint(event, symbol=symbol, stream=name)
            actions = self._faults.for_event(point)
            if actions:
                self._publish_struck(name, payload, actions)
                return
        self._deliver(name, payload)

    def flush(self) -> None:
        """Write everything queued since the last flush."""
        dirty, self._dirty = self._dirty, {}
        for connection in dirty:
            connection.flush()

    def _deliver(self, name: str, payload: bytes) -> None:
        for connection in self._topics.get(name, ()):
            connection.queue(name, payload)
            self._dirty[connection] = None
            self.frames_sent += 1
        if self._held and name in self._held:
            for held in self._held.pop(name):
                self._deliver(name, held)

    def _deliver_late(self, name: str, payload: bytes) -> None:
        self._deliver(name, payload)
        self.flush()

    def _publish_struck(self, name: str, payload: bytes, actions: list[EventAction]) -> None:
        copies = 1
        for action in actions:
            match action:
                case DropEvent():
                    return
                case DelayEvent(seconds=seconds):
                    self._loop.call_later(seconds, self._deliver_late, name, payload)
                    return
                case ReorderEvent():
                    self._held.setdefault(name, []).append(payload)
                    return
                case DuplicateEvent():
                    copies = 2
                case CorruptEvent():
                    payload = payload[: len(payload) // 2]
        for _ in range(copies):
            self._deliver(name, payload)
