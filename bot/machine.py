"""The engine with everything plugged in: built from a venue link and a journal, run until told."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import structlog

from bot.alarms import Alarms
from bot.command_desk import CommandDesk
from bot.journal_writer import JournalWriter
from bot.preparer import Preparer
from bot.run_facts import Begun
from bot.shadow import Shadow
from bot.stored_state import MODE, PAPER_STATE, paper_text, with_mode
from bot.tape import Watched
from bot.venue_link import VenueLink
from engine.core.config import EngineConfig
from engine.core.engine import Engine
from engine.domain.effects import SettingChanged
from engine.domain.errors import VenueError
from engine.domain.events import (
    AccountEvent,
    FeedEvent,
    MarketEvent,
    MarkMoved,
    PriceMoved,
    QuoteMoved,
    StateRestored,
    StopRequested,
    Ticked,
    UniverseChanged,
)
from engine.domain.order import Book
from engine.domain.signal import Mode
from engine.exchange.paper.venue import PaperVenue
from engine.execution.executor import Executor
from engine.execution.reconciler import Reconciler
from engine.execution.router import BookHands, Router
from engine.execution.settlement import Settlement
from engine.ports import Journal, Notifier, Scorer, Venue
from engine.risk.limits import RiskLimits
from engine.runtime.health import Latencies, probe_loop_lag
from engine.runtime.loop import EngineLoop, Hands
from engine.runtime.mailbox import Mailbox
from engine.runtime.tasks import Supervisor
from engine.scanner.prices import PriceWatch
from engine.scanner.scanner import Scanner, ScannerConfig

if TYPE_CHECKING:  # files of candles need a table library, which is dear and mostly not used
    from bot.recording import CandleRecorder

log = structlog.get_logger(__name__)

TICK_S = 0.25
REST_WITHIN_S = 8.0
"""Longest wait for open entries at a stop: where no stop rests, the core leaves after 7 s."""
FLUSH_WITHIN_S = 2.0
_LOOK_BACK_MS = 60_000


@dataclass(frozen=True, slots=True)
class Parts:
    """What the machine is built from; everything is open and belongs to the caller.

    `begun` makes the journal's record of the start; `recorder` keeps what the core sees.
    """

    link: VenueLink
    journal: Journal
    notifier: Notifier
    scorer: Scorer
    paper: PaperVenue
    config: EngineConfig
    scanner: ScannerConfig
    rng: random.Random
    may_enter: Callable[[], bool]
    begun: Begun | None = None
    recorder: "CandleRecorder | None" = None


class Machine:
    """Owns the mailbox, the core, the scanner, the books and every background task."""

    def __init__(self, parts: Parts) -> None:
        link, clock = parts.link, parts.link.clock
        self._parts = parts
        self.clock = clock
        self.tasks = Supervisor(clock, parts.rng)
        self.mailbox = Mailbox()
        self.latencies = Latencies.fresh()
        self.engine = Engine(parts.config)
        self.commands = CommandDesk(self.mailbox)
        self.alarms = Alarms(parts.notifier, clock, parts.config.epoch)
        self.writer = JournalWriter(parts.journal, parts.rng, self.alarms.journal_fails)
        self.shadow = Shadow(clock, self.writer.record, lambda: len(self.mailbox))
        self._core: asyncio.Task[None] | None = None
        self.scanner = Scanner(
            link.market, clock, self.tasks, self._hear_market, parts.rng, parts.scanner
        )
        self.prices = PriceWatch(link.market, clock, self.tasks, self._hear_market, parts.rng)
        self.venues = self._venues()
        self.books = {book: self._book_hands(book, venue) for book, venue in self.venues.items()}
        self._preparers = [
            Preparer(book, venue, parts.config.limits.leverage, clock, parts.rng, self.mailbox.put)
            for book, venue in self.venues.items()
        ]
        core = Watched(self.engine, parts.recorder.tape) if parts.recorder else self.engine
        self.loop = EngineLoop(
            core, self.mailbox, clock, parts.scorer, self._hands(), self.latencies
        )

    @property
    def is_deciding(self) -> bool:
        """Whether the core runs and takes events."""
        return self._core is not None and not self._core.done()

    @property
    def epoch(self) -> int:
        """The number of this start."""
        return self._parts.config.epoch

    @property
    def limits(self) -> RiskLimits:
        """The limits of the gate and of the sizes."""
        return self._parts.config.limits

    def _venues(self) -> dict[Book, Venue]:
        venues: dict[Book, Venue] = {Book.PAPER: self._parts.paper}
        if self._parts.link.account is not None:
            venues[Book.LIVE] = self._parts.link.account
        return venues

    def _book_hands(self, book: Book, venue: Venue) -> BookHands:
        journal, sink, tasks = self._parts.journal, self.mailbox.put, self.tasks
        settlement = Settlement(book, venue, journal, self.clock, tasks, sink)
        may_enter, recorded = self._parts.may_enter, self.writer.flush
        executor = Executor(book, venue, journal, tasks, settlement, sink, may_enter, recorded)
        reconciler = Reconciler(
            book, venue, tasks, sink, lambda: self._open_since(book), self._parts.rng
        )
        return BookHands(executor, reconciler)

    def _open_since(self, book: Book) -> Mapping[str, int]:
        begun = self.engine.open_since(book)
        return {symbol: since_ms - _LOOK_BACK_MS for symbol, since_ms in begun.items()}

    def _hands(self) -> Hands:
        router = Router(self.books)
        return Hands(
            submit=router.submit,
            cancel=router.cancel,
            snapshot=router.snapshot,
            watch=lambda effect: self.prices.watch(effect.symbols),
            record=self.writer.record,
            notify=self._parts.notifier.notify,
            acknowledge=self.commands.acknowledge,
            scored=self.shadow.offer,
        )

    def _hear_market(self, event: MarketEvent | FeedEvent) -> None:
        self.mailbox.put(event)
        if isinstance(event, PriceMoved | QuoteMoved | MarkMoved):
            self._parts.paper.hear(event)
        elif isinstance(event, UniverseChanged):
            self._parts.paper.list_instruments(event.instruments)
            symbols = tuple(instrument.symbol for instrument in event.instruments)
            for preparer in self._preparers:
                preparer.want(symbols)

    async def start(
        self, highest_mode: Mode | None, progress: Callable[[int, int], None]
    ) -> StateRestored:
        """Restore, settle and protect first, then scan; returns when every symbol is loaded.

        Args:
            highest_mode: a stored mode above it is lowered; None leaves it.
            progress: told (loaded, total) symbols.

        Raises:
            JournalError: the past cannot be read.
            VenueError: the venue's lists cannot be read.
        """
        past = await self._parts.journal.restore()
        restored = with_mode(past, highest_mode, self._parts.config.mode)
        if restored.settings[MODE] != past.settings.get(MODE):
            self.writer.record(SettingChanged(MODE, restored.settings[MODE]))
        if self._parts.begun is not None:
            self.writer.record(self._parts.begun(restored, self.clock.exchange_ms()))
        early = self.mailbox.take_all()
        self.mailbox.put(restored)
        # The chat is open already. Its commands come after the memory, which would undo them.
        for event in early:
            self.mailbox.put(event)
        self._core = self.tasks.vital("engine", self.loop.run)
        self.tasks.vital("journal", self.writer.run)
        self.tasks.vital("ticker", self._tick)
        self.tasks.restarting("shadow", self.shadow.run)
        if self._parts.recorder is not None:
            self.tasks.restarting("recorder", self._parts.recorder.run)
        self.tasks.restarting(
            "loop-lag", lambda: probe_loop_lag(self.clock, self.latencies.loop_lag)
        )
        for book, venue in self.venues.items():
            self.tasks.restarting(f"{book} events", partial(self._listen, venue))
            self.books[book].executor.resume(restored.intents)
        if self._parts.link.account is not None:
            self.tasks.restarting("account", self._parts.link.account.run)
        for preparer in self._preparers:
            self.tasks.restarting("preparer", preparer.run)
        if self._parts.link.name != "sim":
            self.tasks.once("clock", self._learn_time())
        await self.scanner.start(progress)
        self.prices.start()
        self._parts.link.rest.counters.start_up_is_over()
        return restored

    async def _learn_time(self) -> None:
        # Later the clock is judged from what the venue stamps; at first nothing has come yet.
        try:
            await self._parts.link.rest.resync()
        except VenueError as error:
            log.warning("clock.not_synced", reason=str(error))

    async def _listen(self, venue: Venue) -> None:
        paper = self._parts.paper
        saved = paper.changes
        events: AsyncIterator[AccountEvent] = venue.events()
        async for event in events:
            self.mailbox.put(event)
            if venue is paper and paper.changes != saved:
                saved = paper.changes
                self.writer.record(SettingChanged(PAPER_STATE, paper_text(paper)))

    async def _tick(self) -> None:
        while True:
            self.mailbox.put(Ticked())
            await asyncio.sleep(TICK_S)

    async def stop(self) -> None:
        """End cleanly: no entries any more, records on disk, stops resting at the exchange.

        An entry that is under way is waited for and protected before the engine ends.
        """
        self.mailbox.put(StopRequested())
        await asyncio.sleep(0)
        with suppress(TimeoutError):
            async with asyncio.timeout(REST_WITHIN_S):
                while not self._is_at_rest():  # noqa: ASYNC110 - nothing tells of the end
                    await asyncio.sleep(0.05)
        if not self._is_at_rest():
            log.error("stop.not_at_rest", unprotected=self._unprotected())
        try:
            async with asyncio.timeout(FLUSH_WITHIN_S):
                await self.writer.flush()
        except TimeoutError:
            log.error("stop.journal_behind", waiting=len(self.writer))
        await self.tasks.close()
        if self._parts.recorder is not None:
            try:
                async with asyncio.timeout(FLUSH_WITHIN_S):
                    await self._parts.recorder.close()
            except TimeoutError:
                log.error("stop.recording_behind")

    def _is_at_rest(self) -> bool:
        """Whether nothing would be left naked if the engine ended now."""
        if self._core is None or self._core.done():
            return True  # nobody is left who could do anything about it
        if len(self.mailbox) or any(hands.executor.is_sending for hands in self.books.values()):
            return False
        books = self.engine.snapshot(self.clock.instant()).books
        return not any(book.pending for book in books) and not self._unprotected()

    def _unprotected(self) -> list[str]:
        positions = self.engine.snapshot(self.clock.instant()).positions
        return [one.symbol for one in positions if one.ours and not one.protected]


@asynccontextmanager
async def running(
    machine: Machine, highest_mode: Mode | None, progress: Callable[[int, int], None]
) -> AsyncIterator[StateRestored]:
    """Start the machine and stop it at the end, whatever happens between."""
    try:
        yield await machine.start(highest_mode, progress)
    finally:
        await machine.stop()
