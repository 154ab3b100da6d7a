"""An update acts once, also when Telegram delivers it again after a restart."""

import asyncio
from typing import Protocol

from engine.ports import Clock

# Telegram starts a new random sequence after a week without updates.
_SEQUENCE_LIVES_MS = 6 * 86_400_000


class StateStore(Protocol):
    """A small key-value memory, `storage.telegram.TelegramState`. May raise `JournalError`."""

    async def get(self, key: str) -> str | None:
        """Return a stored value."""
        ...

    async def put(self, key: str, value: str | None) -> None:
        """Store a value; None forgets it."""
        ...


class SeenUpdates:
    """The highest update id that was let through; kept per bot, because each counts by itself."""

    def __init__(self, store: StateStore, clock: Clock, bot_id: str) -> None:
        self._store = store
        self._clock = clock
        self._key = f"update:{bot_id}"
        self._highest = -1
        self._at_ms = 0
        self._saving = asyncio.Lock()

    async def load(self) -> None:
        """Read what former runs saw.

        Raises:
            JournalError: it cannot be read.
        """
        text = await self._store.get(self._key) or ""
        highest, _, at_ms = text.partition(":")
        if highest.isdigit() and at_ms.isdigit():
            self._highest, self._at_ms = int(highest), int(at_ms)

    async def is_new(self, update_id: int) -> bool:
        """Return whether to act on an update; stored before the answer is given.

        Raises:
            JournalError: it cannot be stored, so it is not known to act only once.
        """
        now_ms = self._clock.wall_ms()
        if update_id <= self._highest and now_ms - self._at_ms < _SEQUENCE_LIVES_MS:
            return False
        self._highest, self._at_ms = update_id, now_ms
        async with self._saving:
            await self._store.put(self._key, f"{self._highest}:{self._at_ms}")
        return True
