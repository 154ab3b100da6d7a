"""Records flow to the journal in batches, off the decision path."""

import asyncio
import random
from collections import deque
from collections.abc import Callable

import structlog

from engine.domain.effects import Entry
from engine.domain.errors import JournalError
from engine.ports import Journal
from engine.runtime.backoff import Backoff

log = structlog.get_logger(__name__)

_LONGEST_BATCH = 500
_MOST_WAITING = 50_000


class JournalWriter:
    """The one task that appends records, in the order the core gave them.

    While the database refuses, records wait in memory and the oldest beyond 50,000 are dropped
    and counted: trading is safe without them, because intents are journalled on their own path.
    """

    def __init__(
        self, journal: Journal, rng: random.Random, on_trouble: Callable[[str], None]
    ) -> None:
        self._journal = journal
        self._rng = rng
        self._on_trouble = on_trouble
        self._waiting: deque[Entry] = deque()
        self._filled = asyncio.Event()
        self._given = 0  # records ever queued; the number of the newest one
        self._waiters: list[tuple[int, asyncio.Future[None]]] = []
        self.dropped = 0
        self._fails = False

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def is_failing(self) -> bool:
        """Whether the database refused the newest batch."""
        return self._fails

    def record(self, entry: Entry) -> None:
        """Queue a record; never blocks."""
        if len(self._waiting) >= _MOST_WAITING:
            self._waiting.popleft()
            self.dropped += 1
        self._waiting.append(entry)
        self._given += 1
        self._filled.set()

    async def run(self) -> None:
        """Write for ever."""
        backoff = Backoff(self._rng)
        while True:
            await self._filled.wait()
            batch = [self._waiting[i] for i in range(min(len(self._waiting), _LONGEST_BATCH))]
            try:
                await self._journal.append(batch)
            except JournalError as error:
                self._fails = True
                log.error("journal.append_failed", waiting=len(self), reason=str(error))
                self._on_trouble(str(error))
                await asyncio.sleep(backoff.next_delay())
                continue
            backoff.reset()
            self._fails = False
            self._forget(batch)

    def _forget(self, batch: list[Entry]) -> None:
        # A full queue may have dropped some of the batch meanwhile: compare by identity.
        for entry in batch:
            if self._waiting and self._waiting[0] is entry:
                self._waiting.popleft()
        if not self._waiting:
            self._filled.clear()
        written = self._given - len(self._waiting)
        for number, waiter in self._waiters:
            if number <= written and not waiter.done():
                waiter.set_result(None)
        self._waiters = [pair for pair in self._waiters if not pair[1].done()]

    async def flush(self) -> None:
        """Wait until everything queued so far is on disk; `run` must be running.

        Records queued later do not prolong the wait.
        """
        if not self._waiting:
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append((self._given, waiter))
        await waiter
