"""Opens everything a run needs, in order, and plugs it together."""

import random
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.charts.child import ChildCharts
from bot.chat import Chat, open_chat
from bot.desk_service import DeskService
from bot.engine_config import engine_config
from bot.figures import health_view
from bot.heartbeat import Heartbeat
from bot.machine import Machine, Parts
from bot.model_desk import ModelDesk, open_models
from bot.places import claim, forget_run, place_of, venue_folder
from bot.preflight import Preflight
from bot.run_facts import begun
from bot.run_options import RunOptions, VenueName
from bot.scorer_choice import NO_MODEL, choose_scorer, model_path, threshold_seed
from bot.settings import Settings
from bot.stored_state import PAPER_STATE, paper_state
from bot.telegram_app import TelegramFront
from bot.terminal import Terminal
from bot.terminal_links import show_links
from bot.trade_memory import TradeMemory, open_memory
from bot.venue_link import VenueLink, connect
from bot.vitals import (
    account_trouble,
    chat_trouble,
    engine_trouble,
    journal_trouble,
    market_trouble,
)
from engine.domain.notices import AlarmKind
from engine.domain.order import Book
from engine.exchange.paper.venue import PaperConfig, PaperVenue
from engine.scanner.scanner import ScannerConfig
from engine.scanner.universe import UniverseRules
from models.scorer import LoadedScorer
from storage.tape_rows import FOLDER

if TYPE_CHECKING:
    from bot.recording import CandleRecorder

_MARKET_SYMBOLS = 530


@dataclass(frozen=True, slots=True)
class Assembled:
    """Everything is open and plugged in; nothing runs yet but the chat.

    `heartbeat` is None when no watch is set.
    """

    link: VenueLink
    memory: TradeMemory
    machine: Machine
    chat: Chat
    heartbeat: Heartbeat | None


class Assembly:
    """One run's opening. Whatever it opens is closed with the stack, in reverse.

    Args:
        venue: chosen and checked.
        options: of the command line.
        settings: of the environment.
        terminal: told of the steps.
        stack: closes everything.
        rng: the one source of chance.
    """

    def __init__(
        self,
        venue: VenueName,
        options: RunOptions,
        settings: Settings,
        terminal: Terminal,
        stack: AsyncExitStack,
        rng: random.Random,
    ) -> None:
        self._venue = venue
        self._place = place_of(venue, options.exchange_url)
        self._options = options
        self._settings = settings
        self._terminal = terminal
        self._stack = stack
        self._rng = rng
        self._symbols = expected_symbols(settings, options)

    async def open(self) -> Assembled:
        """Open and plug together.

        Raises:
            EngineError: the venue, the database or another instance stands in the way.
            LocalChatError: the local page's port is taken.
        """
        if self._options.fresh:
            forget_run(venue_folder(self._settings, self._place))
        self._terminal.step(f"connecting to {self._venue}")
        # The lease first: a second instance must not even start the first one's exchange.
        memory = await open_memory(self._settings, self._place, self._stack)
        link = await connect(self._venue, self._options, self._settings, self._rng, self._stack)
        await memory.lease.renew()
        loaded = choose_scorer(self._settings)
        return await self._build(link, memory, loaded)

    async def _build(self, link: VenueLink, memory: TradeMemory, loaded: LoadedScorer) -> Assembled:
        settings = self._settings
        restored = await memory.journal.restore()
        await claim(memory.journal, memory.database.label, restored.settings, self._place)
        charts = ChildCharts(settings.timezone)
        chat = await open_chat(settings, self._options, link, memory.database, charts, self._stack)
        paper = paper_state(restored.settings.get(PAPER_STATE))
        recorder = await self._recorder(link, memory, chat)
        machine = self._machine(link, memory, chat, loaded, paper, recorder)
        url = settings.heartbeat_url.get_secret_value()
        heartbeat = Heartbeat(url, link.clock) if url else None
        models = await open_models(
            settings,
            loaded,
            machine,
            memory.database,
            restored.settings,
            symbols=self._symbols,
        )
        front = await chat.open(self._desk(machine, link, memory, models, heartbeat))
        if heartbeat is not None:
            _watch_vitals(heartbeat, machine, link, front)
        self._tell_scorer(chat, loaded)
        show_links(self._terminal, chat.new_page_url, self._stack)
        return Assembled(link, memory, machine, chat, heartbeat)

    def _machine(
        self,
        link: VenueLink,
        memory: TradeMemory,
        chat: Chat,
        loaded: LoadedScorer,
        paper: dict[str, Any] | None,
        recorder: "CandleRecorder | None",
    ) -> Machine:
        settings, options = self._settings, self._options
        config = engine_config(
            settings,
            books=(Book.PAPER, Book.LIVE) if link.account else (Book.PAPER,),
            epoch=memory.lease.epoch,
            speed=link.clock.speed,
            mode=options.mode,
            allow_negative_edge=options.allow_negative_edge,
            scorer=loaded.scorer.name,
            seed=threshold_seed(loaded, self._symbols),
        )
        balance = PaperConfig(balance=settings.paper_balance_usdt)
        return Machine(
            Parts(
                link=link,
                journal=memory.journal,
                notifier=chat.notifier,
                scorer=loaded.scorer,
                paper=PaperVenue(link.clock, self._rng, balance, paper),
                config=config,
                scanner=scanner_config(settings, options),
                rng=self._rng,
                may_enter=lambda: memory.lease.may_send,
                begun=begun(
                    settings,
                    epoch=memory.lease.epoch,
                    speed=link.clock.speed,
                    scorer=loaded.scorer.name,
                    symbols=self._symbols,
                    allow_negative_edge=options.allow_negative_edge,
                ),
                recorder=recorder,
            )
        )

    async def _recorder(
        self, link: VenueLink, memory: TradeMemory, chat: Chat
    ) -> "CandleRecorder | None":
        """Return what records the candles, None where nobody asked for it."""
        if not (self._options.record or self._settings.record_candles):
            return None
        # Here and not above: only who records candles pays for a table library.
        from bot.recording import open_recorder  # noqa: PLC0415

        folder = venue_folder(self._settings, self._place) / FOLDER
        self._terminal.step(f"recording candles to {folder}")

        def trouble(text: str) -> None:
            chat.alarm(AlarmKind.DATABASE, text)

        try:
            return await open_recorder(folder, memory.lease.epoch, link.clock.instant, trouble)
        except OSError as error:
            trouble(f"Candles cannot be recorded: {error}. Everything else works.")
            return None

    def _desk(
        self,
        machine: Machine,
        link: VenueLink,
        memory: TradeMemory,
        models: ModelDesk,
        heartbeat: Heartbeat | None,
    ) -> DeskService:
        preflight = Preflight(
            link, lambda: machine.scanner.universe.symbols, self._settings.leverage
        )
        return DeskService(
            machine,
            memory.queries,
            self._rng,
            lambda: health_view(machine, link, heartbeat.view() if heartbeat else None),
            models=models,
            preflight=preflight.ask,
        )

    def _tell_scorer(self, chat: Chat, loaded: LoadedScorer) -> None:
        if not model_path(self._settings).exists():
            chat.life("scorer", NO_MODEL)
        elif loaded.problem:
            chat.alarm(AlarmKind.SCORER, f"The heuristic scorer is in use: {loaded.problem}.")


def _watch_vitals(
    heartbeat: Heartbeat, machine: Machine, link: VenueLink, front: TelegramFront
) -> None:
    heartbeat.watch(lambda: engine_trouble(machine))
    heartbeat.watch(lambda: journal_trouble(machine))
    heartbeat.watch(lambda: account_trouble(machine, link))
    heartbeat.watch(lambda: market_trouble(machine))
    heartbeat.watch(lambda: chat_trouble(front))


def expected_symbols(settings: Settings, options: RunOptions) -> int:
    """Return how many symbols will be scanned, before the venue has told its list."""
    return options.symbols or settings.max_symbols or _MARKET_SYMBOLS


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
