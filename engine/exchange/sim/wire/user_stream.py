"""User-data events: from the exchange's outbox to the sockets that hold the account's listenKey."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from engine.exchange.sim.wire.connection import Connection
from engine.exchange.sim.wire.hub import StreamHub
from engine.exchange.sim.wire.listen_keys import ListenKeys


class UserStreams:
    """Publishes each account's events on its living listenKey, in order.

    A socket may ask for some event types only. A key that expires is announced with
    listenKeyExpired and then silent, while the socket stays open; a key deleted by request closes
    its sockets.
    """

    def __init__(self, hub: StreamHub, keys: ListenKeys) -> None:
        """Deliver through `hub`."""
        self._hub = hub
        self._keys = keys
        self._filtered: dict[str, list[tuple[str, frozenset[str]]]] = {}

    def attach(self, connection: Connection, key: str, events: frozenset[str] | None) -> None:
        """Let a socket listen to a key. An unknown key is accepted and never delivers anything."""
        if events is None:
            self._hub.subscribe_private(connection, key, key)
            return
        topic = f"{key}&events={'/'.join(sorted(events))}"
        entry = (topic, events)
        topics = self._filtered.setdefault(key, [])
        if entry not in topics:
            topics.append(entry)
        self._hub.subscribe_private(connection, topic, key)

    def publish(self, events: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        """Send drained events; those of an account without a living key are lost."""
        for account, event in events:
            key = self._keys.key_of(account)
            if key is not None:
                self._send(key, event)
        self._hub.flush()

    def expire(self, key: str, now_ms: int) -> None:
        """Announce that a key is dead; its sockets stay open and silent."""
        self._send(key, {"e": "listenKeyExpired", "E": now_ms, "listenKey": key})
        self._hub.flush()
        self._forget(key, close=False)

    def close(self, key: str) -> None:
        """Close the sockets of a key its account deleted."""
        self._forget(key, close=True)

    def _send(self, key: str, event: Mapping[str, Any]) -> None:
        kind = str(event.get("e", ""))
        payload = orjson.dumps(event)
        symbol = symbol_of(event)
        topics = [key] if self._hub.has(key) else []
        topics += [
            topic
            for topic, wanted in self._filtered.get(key, ())
            if kind in wanted or kind == "listenKeyExpired"
        ]
        for topic in topics:
            self._hub.publish(topic, kind, symbol, payload)

    def _forget(self, key: str, *, close: bool) -> None:
        topics = [key, *(topic for topic, _ in self._filtered.pop(key, []))]
        for topic in topics:
            for connection in self._hub.listeners(topic):
                self._hub.unsubscribe(connection, [topic])
                if close:
                    connection.close(1000, "listenKey closed")


def symbol_of(event: Mapping[str, Any]) -> str | None:
    """Return the symbol a user-data event is about, None when it names none."""
    for source in (event, event.get("o"), event.get("ac")):
        if isinstance(source, Mapping):
            symbol = source.get("s")
            if isinstance(symbol, str):
                return symbol
    account = event.get("a")
    if isinstance(account, Mapping) and account.get("P"):
        return str(account["P"][0]["s"])
    return None
