"""One run from its start to its end: opened in order, watched, closed in reverse."""

import asyncio
import random
import secrets
import signal
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass

import structlog

from bot.assembly import Assembled, Assembly
from bot.endings import dangers, first_of, measure, time_passes
from bot.guards import Guards
from bot.localchat.errors import LocalChatError
from bot.memory import settle_memory
from bot.model_desk import follower
from bot.run_options import RunOptions, VenueName, choose_venue
from bot.settings import Settings, SettingsError, hosted_platform, platform_database_url
from bot.summary import ProcessMeter, summarise, write_summary
from bot.terminal import Terminal
from bot.venue_link import VenueLink
from bot.waiting import Stopped, unless_stopped
from engine.domain.errors import EngineError
from engine.runtime.log import configure_logging
from engine.runtime.tasks import TaskDied

log = structlog.get_logger(__name__)

OK, FAILED, WRONG_USE = 0, 1, 2
_FLUSH_WITHIN_S = 2.0


async def run_bot(options: RunOptions, settings: Settings) -> int:
    """Run until a signal, the asked duration or a failure; return the exit code."""
    terminal = Terminal()
    hidden = (*settings.secrets, platform_database_url())
    configure_logging(secrets=hidden, as_json=settings.log_json, level=settings.log_level)
    try:
        venue = choose_venue(options, settings, hosted_platform(), platform_database_url())
    except SettingsError as error:
        terminal.error(str(error))
        return WRONG_USE
    try:
        async with AsyncExitStack() as stack:
            return await _App(venue, options, settings, terminal, stack).run()
    except (EngineError, LocalChatError, TaskDied, OSError) as error:
        terminal.error(str(error))
        return FAILED
    except Exception as error:
        # The log takes secrets out of the traceback; the interpreter's own would show them.
        log.exception("bot.failed")
        terminal.error(f"unexpected failure: {type(error).__name__}; the log tells where")
        return FAILED


@dataclass(frozen=True, slots=True)
class _Times:
    """When the run began: the loop's seconds, seconds until ready, exchange ms when ready."""

    began_s: float
    ready_s: float
    ready_ms: int


class _App:
    """One run."""

    def __init__(
        self,
        venue: VenueName,
        options: RunOptions,
        settings: Settings,
        terminal: Terminal,
        stack: AsyncExitStack,
    ) -> None:
        self._options = options
        self._terminal = terminal
        # Chance comes from one place; nonces of the chat must not be guessable, hence the seed.
        rng = random.Random(secrets.randbits(128))
        self._assembly = Assembly(venue, options, settings, terminal, stack, rng)

    async def run(self) -> int:
        stop = self._catch_signals()
        try:
            await self._run(stop)
        except Stopped:
            self._terminal.step("stopped before everything was ready")
        return OK

    def _catch_signals(self) -> asyncio.Event:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        return stop

    async def _run(self, stop: asyncio.Event) -> None:
        began_s = asyncio.get_running_loop().time()
        run = await unless_stopped(stop, self._assembly.open())
        meter = ProcessMeter()
        try:
            times = await self._start(stop, run, began_s)
            try:
                await self._until_stopped(stop, run, meter)
            finally:
                self._terminal.step("stopping")
                run.chat.life("stop", "Stopping; open positions keep their stops.")
                await self._summarise(run, meter, times)
        finally:
            await run.machine.stop()

    async def _start(self, stop: asyncio.Event, run: Assembled, began_s: float) -> _Times:
        machine = run.machine
        machine.tasks.vital("lease", run.memory.lease.keep)
        starting = machine.start(self._options.mode, self._terminal.progress)
        await unless_stopped(stop, starting, *dangers(machine, run.link))
        ready_s = asyncio.get_running_loop().time() - began_s
        ready_ms = machine.clock.exchange_ms()
        Guards(machine, run.link, run.memory.queries.closed_trades).start()
        machine.tasks.restarting("follower", follower(machine, run.memory.database).run)
        if run.heartbeat is not None:
            machine.tasks.restarting("heartbeat", run.heartbeat.run)
        settle_memory()
        symbols = len(machine.scanner.universe.symbols)
        self._terminal.ready(symbols, ready_s, clock_words(run.link))
        run.chat.life("ready", f"Scanning {symbols} symbols, ready after {ready_s:.0f} s.")
        return _Times(began_s, ready_s, ready_ms)

    async def _until_stopped(
        self, stop: asyncio.Event, run: Assembled, meter: ProcessMeter
    ) -> None:
        waits = [stop.wait(), measure(meter), *dangers(run.machine, run.link)]
        if self._options.duration_ms is not None:
            waits.append(time_passes(run.machine.clock, self._options.duration_ms))
        await first_of(*waits)

    async def _summarise(self, run: Assembled, meter: ProcessMeter, times: _Times) -> None:
        if self._options.summary is None:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(_FLUSH_WITHIN_S):
                await run.machine.writer.flush()
        figures = await summarise(
            run.machine,
            run.link,
            run.memory.queries,
            meter,
            started_ms=times.ready_ms,
            wall_s=asyncio.get_running_loop().time() - times.began_s,
            ready_s=times.ready_s,
        )
        write_summary(self._options.summary, figures)
        self._terminal.step(f"figures written to {self._options.summary}")


def clock_words(link: VenueLink) -> str:
    """Return what the terminal says of the market's speed; nothing where it is real time."""
    speed = link.clock.speed
    return "" if speed == 1 else f", market time runs {speed:g}× faster than yours"
