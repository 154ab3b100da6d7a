"""An update acts once, also when Telegram delivers it again after a restart."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

import structlog

from engine.ports import Clock

log = structlog.get_logger(__name__)

# Telegram starts a new random sequence after a week without updates.
_SEQUENCE_LIVES_MS = 6 * 86_400_000
_UNKNOWN_WAIT_S = 60.0


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
        self._storing: set[asyncio.Task[bool]] = set()
        self._waited_up_to = -1
        self._waited_until_s = 0.0

    def note_waiting(self, update_ids: Sequence[int], *, all_of_them: bool) -> None:
        """Remember what had arrived before we listened: Telegram does not date presses.

        Args:
            update_ids: those that wait, as far as they are known.
            all_of_them: False when more may wait behind them.
        """
        self._waited_up_to = max(update_ids, default=-1)
        wait_s = 0.0 if all_of_them else _UNKNOWN_WAIT_S
        self._waited_until_s = self._clock.monotonic() + wait_s

    def has_waited(self, update_id: int) -> bool:
        """Return whether an update may have lain at Telegram while nobody listened."""
        return update_id <= self._waited_up_to or self._clock.monotonic() < self._waited_until_s

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

    async def is_new_soon(self, update_id: int, within_s: float) -> bool:
        """Return whether to act on an update, without waiting long for a slow disk.

        For what must be obeyed whatever else is slow: the engine remembers command ids too.

        Raises:
            JournalError: it cannot be stored, so it is not known to act only once.
        """
        storing = asyncio.get_running_loop().create_task(self.is_new(update_id))
        self._storing.add(storing)
        storing.add_done_callback(self._stored)
        done, _ = await asyncio.wait({storing}, timeout=within_s)
        return storing.result() if done else True

    def _stored(self, storing: asyncio.Task[bool]) -> None:
        self._storing.discard(storing)
        if not storing.cancelled() and storing.exception() is not None:
            log.warning("telegram.seen_not_stored", reason=str(storing.exception()))
