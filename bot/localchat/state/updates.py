"""Updates waiting for the bot, with getUpdates' rules: offset confirms, one poller, long poll."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection
from typing import Final

from bot.localchat.errors import conflict

MAX_WAITING: Final = 10_000
MAX_REMEMBERED: Final = 200
MAX_BATCH: Final = 100

Update = dict[str, object]


class UpdateQueue:
    """Keeps updates until the bot confirms them by asking for a higher offset.

    Update ids start at `first_id`: the bot persists the last one it handled, so a later run must
    not hand out lower ones.
    """

    def __init__(self, *, first_id: int = 1) -> None:
        self._next_id = first_id
        self._waiting: deque[tuple[int, Update]] = deque(maxlen=MAX_WAITING)
        self._confirmed: deque[Update] = deque(maxlen=MAX_REMEMBERED)
        self._repeats: list[Update] = []
        self._allowed: frozenset[str] = frozenset()
        self._arrived = asyncio.Event()
        self._poller = 0
        self._closed = False

    def __len__(self) -> int:
        return len(self._waiting)

    def push(self, kind: str, payload: object) -> int | None:
        """Add an update; its id, or None when the bot did not ask for this kind."""
        if self._allowed and kind not in self._allowed:
            return None
        update_id = self._next_id
        self._next_id += 1
        self._waiting.append((update_id, {"update_id": update_id, kind: payload}))
        self._wake()
        return update_id

    def redeliver(self, count: int) -> int:
        """Hand out the last `count` confirmed updates once more; how many there were."""
        last = list(self._confirmed)[-count:] if count > 0 else []
        self._repeats.extend(last)
        self._wake()
        return len(last)

    def clear(self) -> None:
        """Drop what waits (`drop_pending_updates`)."""
        self._waiting.clear()

    def close(self) -> None:
        """End the waiting poll with what there is."""
        self._closed = True
        self._wake()

    def allow(self, kinds: Collection[str]) -> None:
        """Keep only these kinds from now on; none named means all."""
        self._allowed = frozenset(kinds)

    async def poll(self, *, offset: int, limit: int, seconds: float) -> list[Update]:
        """Confirm what lies below `offset`, then hand out up to `limit` updates.

        Waits up to `seconds` for the first one. A negative offset keeps the last ones only.

        Raises:
            BotApiError: 409 in the poll that waits when a newer one arrives.
        """
        self._poller += 1
        mine = self._poller
        self._wake()
        self._confirm(offset)
        try:
            async with asyncio.timeout(seconds):
                while not self._waiting and not self._repeats and not self._closed:
                    await self._arrived.wait()
                    if self._poller != mine:
                        raise conflict()
        except TimeoutError:
            return []
        return self._batch(limit)

    def _batch(self, limit: int) -> list[Update]:
        batch = [*self._repeats, *(update for _, update in self._waiting)][:limit]
        del self._repeats[:limit]
        return batch

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            while len(self._waiting) > -offset:
                self._confirmed.append(self._waiting.popleft()[1])
            return
        while self._waiting and self._waiting[0][0] < offset:
            self._confirmed.append(self._waiting.popleft()[1])

    def _wake(self) -> None:
        self._arrived.set()
        self._arrived.clear()
