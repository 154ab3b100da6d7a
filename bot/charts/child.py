"""Pictures drawn in a child process, so that the bot neither loads matplotlib nor stalls."""

import asyncio
import contextlib
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence

import structlog

from bot.charts.renderer import ChartError, Curves
from bot.charts.wire import MAX_FRAME_BYTES, PREFIX_BYTES, candles_request, equity_request, frame
from bot.desk import ChartData
from bot.settings import environment_without_secrets

log = structlog.get_logger(__name__)

COMMAND = (sys.executable, "-m", "bot.charts.worker")
IDLE_S = 300.0
PATIENCE_S = 20.0
MOST_WAITING = 8
_END_WITHIN_S = 2.0


class ChildCharts:
    """Implements `bot.charts.renderer.ChartRenderer` with one worker.

    The worker starts at the first picture, is replaced when it dies or hangs, and ends after five
    idle minutes to give its memory back. Requests are drawn one by one; beyond eight waiting ones
    a picture is refused, the chat does without.

    Attributes:
        started: how many workers were started.
    """

    def __init__(self, zone: str = "UTC", command: Sequence[str] = COMMAND) -> None:
        """Args: zone: name of the operator's time zone; command: starts a worker."""
        self._zone = zone
        self._command = tuple(command)
        self._one_by_one = asyncio.Lock()
        self._waiting = 0
        self._worker: Process | None = None
        self._idle: asyncio.TimerHandle | None = None
        self.started = 0

    async def render(self, data: ChartData) -> bytes:
        """Draw candles with findings and levels.

        Raises:
            ChartError: it could not be drawn.
        """
        return await self._ask(candles_request(data, self._zone))

    async def render_equity(self, curves: Curves) -> bytes:
        """Draw equity curves.

        Raises:
            ChartError: it could not be drawn.
        """
        return await self._ask(equity_request(curves, self._zone))

    def use_zone(self, zone: str) -> None:
        """Label times in this zone of the IANA database from now on."""
        self._zone = zone

    async def close(self) -> None:
        """End the worker."""
        self._stop_idling()
        worker, self._worker = self._worker, None
        if worker is not None:
            await _end(worker)

    async def _ask(self, body: bytes) -> bytes:
        if self._waiting >= MOST_WAITING:
            raise ChartError("too many pictures are waiting")
        self._waiting += 1
        try:
            async with self._one_by_one:
                self._stop_idling()
                try:
                    return await self._answer(body)
                finally:
                    self._idle = asyncio.get_running_loop().call_later(IDLE_S, self._retire)
        finally:
            self._waiting -= 1

    async def _answer(self, body: bytes) -> bytes:
        """Ask the worker; one that died since the last picture is replaced once."""
        fresh = self._worker is None or self._worker.returncode is not None
        for attempt in range(1 if fresh else 2):
            try:
                async with asyncio.timeout(PATIENCE_S):
                    answer = await self._exchange(body)
                break
            except TimeoutError:
                await self.close()
                raise ChartError(f"no picture within {PATIENCE_S:g} s") from None
            except (OSError, EOFError) as error:
                await self.close()
                log.warning("charts.worker_died", attempt=attempt, reason=str(error))
        else:
            raise ChartError("the drawing process died")
        if answer[:1] != b"+":
            raise ChartError(answer[1:].decode(errors="replace"))
        return answer[1:]

    async def _exchange(self, body: bytes) -> bytes:
        worker = await self._running()
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdin.write(frame(body))
        await worker.stdin.drain()
        try:
            length = int.from_bytes(await worker.stdout.readexactly(PREFIX_BYTES), "big")
            if length > MAX_FRAME_BYTES:
                raise EOFError(f"an answer of {length} bytes")
            return await worker.stdout.readexactly(length)
        except asyncio.IncompleteReadError as error:
            raise EOFError("its output ended") from error

    async def _running(self) -> Process:
        if self._worker is None or self._worker.returncode is not None:
            self._worker = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=PIPE,
                stdout=PIPE,
                env=environment_without_secrets(),
                start_new_session=True,  # a Ctrl-C is the bot's to handle
            )
            self.started += 1
        return self._worker

    def _retire(self) -> None:
        """End an idle worker: it ends by itself when its input does."""
        worker = self._worker
        if worker is not None and worker.stdin is not None:
            worker.stdin.close()
        self._worker = None

    def _stop_idling(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None


async def _end(worker: Process) -> None:
    if worker.stdin is not None:
        worker.stdin.close()
    try:
        async with asyncio.timeout(_END_WITHIN_S):
            await worker.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            worker.kill()
        await worker.wait()
