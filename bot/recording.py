"""Records what the core saw, so that a period can be replayed exactly: `SMCBOT_RECORD_CANDLES=1`.

The core is watched from outside (`tape`); a task writes what was heard to disk once a minute, in
a worker thread. A kill loses what came since the last writing, at most that minute.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

import structlog

from bot.tape import Tape
from engine.domain.errors import EngineError
from engine.domain.events import Instant
from storage.recording import append_recording, newest_recorded, newest_run, set_aside

log = structlog.get_logger(__name__)

WRITE_EVERY_S = 60.0


class CandleRecorder:
    """Writes a tape to disk, minute by minute."""

    def __init__(
        self,
        folder: Path,
        tape: Tape,
        now: Callable[[], Instant],
        on_trouble: Callable[[str], None],
    ) -> None:
        """Args: folder: of the recording; tape; now: both clocks; on_trouble: told once."""
        self._folder = folder
        self.tape = tape
        self._now = now
        self._on_trouble = on_trouble
        self._told = False
        self._writing: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Write for ever."""
        while True:
            await asyncio.sleep(WRITE_EVERY_S)
            await self.write()

    async def write(self) -> None:
        """Write what has gathered; what the disk refuses waits for the next time."""
        if self._writing is None or self._writing.done():
            self._writing = asyncio.get_running_loop().create_task(self._write())
        # A thread cannot be cancelled: the writing ends by itself, and `close` waits for it.
        await asyncio.shield(self._writing)

    async def close(self) -> None:
        """Write the rest."""
        if self._writing is not None:
            await asyncio.shield(self._writing)
        await self.write()

    async def _write(self) -> None:
        rows, marks = self.tape.take(self._now())
        if not rows and not marks:
            return
        try:
            await asyncio.to_thread(append_recording, self._folder, rows, marks)
        except (OSError, EngineError) as error:
            self.tape.put_back(rows, marks)
            log.error("recording.not_written", rows=len(rows), reason=str(error))
            if not self._told:
                self._told = True
                self._on_trouble(f"Candles cannot be recorded: {error}. Trading goes on without.")
        else:
            self._told = False


async def open_recorder(
    folder: Path,
    run: int,
    now: Callable[[], Instant],
    on_trouble: Callable[[str], None],
) -> CandleRecorder:
    """Return a recorder that goes on where the newest recording ended.

    Starts are numbered by the database. A recording that knows this number already belongs to
    another one, deleted since: it is set aside, because the two cannot be told apart.

    Raises:
        OSError: the recording cannot be read or moved.
    """
    newest = await asyncio.to_thread(_continued, folder, run)
    return CandleRecorder(folder, Tape(run, newest), now, on_trouble)


def _continued(folder: Path, run: int) -> dict[str, int]:
    if newest_run(folder) >= run:
        log.warning("recording.set_aside", folder=str(set_aside(folder)))
        return {}
    return newest_recorded(folder)
