"""The queue in front of the core: nothing that decides is ever dropped."""

import asyncio
from collections import deque

from engine.domain.events import Event, MarkMoved, PriceMoved, QuoteMoved

_Key = tuple[type, str]


class Mailbox:
    """First in, first out; prices, quotes and marks still waiting are replaced by newer ones.

    Closed candles, account events and commands are never coalesced. A replaced price keeps its
    place in the queue, so one busy symbol cannot push others back.
    """

    def __init__(self) -> None:
        self._queue: deque[Event | _Key] = deque()
        self._latest: dict[_Key, PriceMoved | QuoteMoved | MarkMoved] = {}
        self._filled = asyncio.Event()
        self.coalesced = 0
        self.deepest = 0

    def put(self, event: Event) -> None:
        """Queue an event; never blocks."""
        if isinstance(event, PriceMoved | QuoteMoved | MarkMoved):
            self._put_latest(event)
        else:
            self._queue.append(event)
        self.deepest = max(self.deepest, len(self._queue))
        self._filled.set()

    def _put_latest(self, event: PriceMoved | QuoteMoved | MarkMoved) -> None:
        key = (type(event), event.symbol)
        if key in self._latest:
            self.coalesced += 1
        else:
            self._queue.append(key)
        self._latest[key] = event

    def __len__(self) -> int:
        return len(self._queue)

    async def drain(self) -> list[Event]:
        """Wait for at least one event and return everything that lies here, in order."""
        await self._filled.wait()
        return self.take_all()

    def take_all(self) -> list[Event]:
        """Return everything that lies here, in order, without waiting."""
        self._filled.clear()
        waiting, self._queue = self._queue, deque()
        latest, self._latest = self._latest, {}
        return [latest[item] if isinstance(item, tuple) else item for item in waiting]
