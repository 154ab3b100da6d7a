"""The composition root: settings and options in, one running bot out."""

import asyncio
import os
import random
import secrets
import signal
import socket
from collections.abc import Awaitable, Coroutine
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Any

import structlog

from bot.charts.child import ChildCharts
from bot.chat import Chat, open_chat
from bot.desk_service import DeskService
from bot.engine_config import engine_config
from bot.figures import health_sections
from bot.guards import Guards
from bot.localchat.errors import LocalChatError
from bot.machine import PAPER_STATE, Machine, Parts, paper_state
from bot.memory import settle_memory
from bot.places import claim, database_url, forget_run, place_of, venue_folder
from bot.run_options import RunOptions, VenueName, choose_venue
from bot.scorer_choice import NO_MODEL, choose_scorer, model_path, threshold_seed
from bot.settings import Settings, SettingsError, hosted_platform, platform_database_url
from bot.summary import ProcessMeter, summarise, write_summary
from bot.terminal import Terminal
from bot.venue_link import VenueLink, connect
from bot.waiting import Stopped, unless_stopped
from engine.domain.errors import EngineError
from engine.domain.notices import AlarmKind
from engine.domain.order import Book
from engine.exchange.paper.venue import PaperConfig, PaperVenue
from engine.ports import Clock
from engine.runtime.clock import SystemClock
from engine.runtime.log import configure_logging
from engine.runtime.tasks import TaskDied
from engine.scanner.scanner import ScannerConfig
from engine.scanner.universe import UniverseRules
from models.scorer import LoadedScorer
from storage.database import Database
from storage.journal import SqlJournal
from storage.lease import Lease
from storage.migrate import migrate_open
from storage.queries import Queries

log = structlog.get_logger(__name__)

OK, FAILED, WRONG_USE = 0, 1, 2
_EXPECTED_SYMBOLS = 530
_SAMPLE_S = 5.0
_LEASE_WAIT_S = 60.0
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


@dataclass(slots=True)
class _Memory:
    """The open database and what is read from and written to it."""

    database: Database
    journal: SqlJournal
    queries: Queries
    lease: Lease


class _App:
    """One run: opens everything in order, closes it in reverse."""

    def __init__(
        self,
        venue: VenueName,
        options: RunOptions,
        settings: Settings,
        terminal: Terminal,
        stack: AsyncExitStack,
    ) -> None:
        self._venue = venue
        self._place = place_of(venue, options.exchange_url)
        self._options = options
        self._settings = settings
        self._terminal = terminal
        self._stack = stack
        # Chance comes from one place; nonces of the chat must not be guessable, hence the seed.
        self._rng = random.Random(secrets.randbits(128))

    async def run(self) -> int:
        stop = self._catch_signals()
        try:
            await self._run(stop)
        except Stopped:
            self._terminal.step("stopped before everything was ready")
        return OK

    async def _run(self, stop: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        link, memory, machine, chat = await unless_stopped(stop, self._prepare())
        meter = ProcessMeter()
        try:
            machine.tasks.vital("lease", memory.lease.keep)
            starting = machine.start(self._options.mode, self._terminal.progress)
            await unless_stopped(stop, starting, *_dangers(machine, link))
            started_ms = machine.clock.exchange_ms()
            ready_s = loop.time() - started
            Guards(machine, link, memory.queries.closed_trades).start()
            settle_memory()
            symbols = len(machine.scanner.universe.symbols)
            self._terminal.ready(symbols, ready_s, clock_words(link))
            chat.life("ready", f"Scanning {symbols} symbols, ready after {ready_s:.0f} s.")
            try:
                await self._until_stopped(stop, machine, link, meter)
            finally:
                self._terminal.step("stopping")
                chat.life("stop", "Stopping; open positions keep their stops.")
                await self._summarise(machine, link, memory, meter, started_ms, started, ready_s)
        finally:
            await machine.stop()

    async def _prepare(self) -> tuple[VenueLink, _Memory, Machine, Chat]:
        link, memory, loaded = await self._open()
        machine, chat = await self._build(link, memory, loaded)
        return link, memory, machine, chat

    def _catch_signals(self) -> asyncio.Event:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        return stop

    async def _open(self) -> tuple[VenueLink, _Memory, LoadedScorer]:
        if self._options.fresh:
            forget_run(venue_folder(self._settings, self._place))
        self._terminal.step(f"connecting to {self._venue}")
        # The lease first: a second instance must not even start the first one's exchange.
        memory = await self._open_memory()
        link = await connect(self._venue, self._options, self._settings, self._rng, self._stack)
        await memory.lease.renew()
        loaded = choose_scorer(self._settings)
        return link, memory, loaded

    async def _open_memory(self) -> _Memory:
        database = Database(database_url(self._settings, self._place, platform_database_url()))
        self._stack.push_async_callback(database.close)
        await database.open()
        lease = Lease(database, SystemClock(), f"{socket.gethostname()}:{os.getpid()}")
        self._stack.push_async_callback(lease.release)
        lease.lock()
        await migrate_open(database)
        # On a server the lease of an instance that was killed, or is still ending, runs out first.
        await lease.acquire(0.0 if database.is_sqlite else _LEASE_WAIT_S)
        return _Memory(database, SqlJournal(database), Queries(database), lease)

    async def _build(
        self, link: VenueLink, memory: _Memory, loaded: LoadedScorer
    ) -> tuple[Machine, Chat]:
        settings, options = self._settings, self._options
        restored = await memory.journal.restore()
        await claim(memory.journal, memory.database.label, restored.settings, self._place)
        chat = await open_chat(
            settings, options, link, memory.database, ChildCharts(settings.timezone), self._stack
        )
        books = (Book.PAPER, Book.LIVE) if link.account else (Book.PAPER,)
        config = engine_config(
            settings,
            books=books,
            epoch=memory.lease.epoch,
            speed=link.clock.speed,
            mode=options.mode,
            allow_negative_edge=options.allow_negative_edge,
            scorer=loaded.scorer.name,
            seed=threshold_seed(loaded, options.symbols or _EXPECTED_SYMBOLS),
        )
        paper = PaperVenue(
            link.clock,
            self._rng,
            PaperConfig(balance=settings.paper_balance_usdt),
            paper_state(restored.settings.get(PAPER_STATE)),
        )
        machine = Machine(
            Parts(
                link=link,
                journal=memory.journal,
                notifier=chat.notifier,
                scorer=loaded.scorer,
                paper=paper,
                config=config,
                scanner=scanner_config(settings, options),
                rng=self._rng,
                may_enter=lambda: memory.lease.may_send,
            )
        )
        desk = DeskService(
            machine,
            memory.queries,
            self._rng,
            lambda: health_sections(machine, link),
            loaded.problem,
        )
        await chat.open(desk)
        if not model_path(settings).exists():
            chat.life("scorer", NO_MODEL)
        elif loaded.problem:
            chat.alarm(AlarmKind.SCORER, f"The heuristic scorer is in use: {loaded.problem}.")
        self._terminal.chat(chat.page_url)
        return machine, chat

    async def _until_stopped(
        self, stop: asyncio.Event, machine: Machine, link: VenueLink, meter: ProcessMeter
    ) -> None:
        waits: list[Coroutine[Any, Any, object]] = [
            stop.wait(),
            _sample(meter),
            *_dangers(machine, link),
        ]
        if self._options.duration_ms is not None:
            waits.append(_pass(machine.clock, self._options.duration_ms))
        tasks = [asyncio.get_running_loop().create_task(wait) for wait in waits]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _summarise(
        self,
        machine: Machine,
        link: VenueLink,
        memory: _Memory,
        meter: ProcessMeter,
        started_ms: int,
        started: float,
        ready_s: float,
    ) -> None:
        if self._options.summary is None:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(_FLUSH_WITHIN_S):
                await machine.writer.flush()
        figures = await summarise(
            machine,
            link,
            memory.queries,
            meter,
            started_ms=started_ms,
            wall_s=asyncio.get_running_loop().time() - started,
            ready_s=ready_s,
        )
        write_summary(self._options.summary, figures)
        self._terminal.step(f"figures written to {self._options.summary}")


def scanner_config(settings: Settings, options: RunOptions) -> ScannerConfig:
    """Return how the universe is chosen and watched."""
    rules = UniverseRules(
        min_quote_volume=settings.min_quote_volume_usdt,
        min_age_days=settings.min_age_days,
        max_symbols=options.symbols or settings.max_symbols,
        allow=frozenset(settings.allow_symbols),
        deny=frozenset(settings.deny_symbols),
    )
    return ScannerConfig(rules=rules, symbols_per_shard=settings.symbols_per_shard)


async def _sample(meter: ProcessMeter) -> None:
    while True:
        meter.sample()
        await asyncio.sleep(_SAMPLE_S)


async def _pass(clock: Clock, duration_ms: int) -> None:
    """Wait until so much exchange time has passed."""
    end_ms = clock.exchange_ms() + duration_ms
    while (left_ms := end_ms - clock.exchange_ms()) > 0:  # noqa: ASYNC110 - the clock may be set
        await asyncio.sleep(min(left_ms / 1000 / clock.speed, 5.0))


def _dangers(machine: Machine, link: VenueLink) -> list[Coroutine[Any, Any, object]]:
    """What ends the run by raising: a dead vital task, or the end of the embedded exchange."""
    dangers: list[Coroutine[Any, Any, object]] = [machine.tasks.wait_failed()]
    if link.child is not None:
        dangers.append(_fail_with(link.child.ended()))
    return dangers


async def _fail_with(reason: Awaitable[str]) -> None:
    raise TaskDied(await reason)


def clock_words(link: VenueLink) -> str:
    """Return what the terminal says of the market's speed; nothing where it is real time."""
    speed = link.clock.speed
    return "" if speed == 1 else f", market time runs {speed:g}× faster than yours"
