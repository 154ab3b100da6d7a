"""The replay: the same core, detector and scorer, told the same again, against simulated fills."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from bot.engine_config import engine_config
from bot.parity.steps import MINUTE_MS, Step
from bot.parity.taken import Replayed
from bot.run_facts import settings_of
from bot.scorer_choice import threshold_seed
from engine.backtest.assumptions import Assumptions
from engine.backtest.floor import TradingFloor
from engine.backtest.series import SymbolSeries
from engine.backtest.venue import BacktestVenue
from engine.core.config import EngineConfig
from engine.core.engine import Engine
from engine.core.settings import MODE
from engine.domain.account import SymbolSetup
from engine.domain.commands import Command, SetMode
from engine.domain.effects import CommandAnswered, RunStarted
from engine.domain.events import (
    CommandGiven,
    SnapshotTaken,
    StateRestored,
    SymbolPrepared,
    UniverseChanged,
)
from engine.domain.instrument import Instrument
from engine.domain.order import Book
from engine.domain.signal import Mode
from models.scorer import LoadedScorer

_DECISION_MS = 1_000
Told = Callable[[int], None]
"""Told the exchange time reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """One start of the bot, to be replayed.

    Attributes:
        run: what the journal says it began with.
        steps: what the core was told, in order.
        commands: accepted commands given during the run, oldest first.
        prepared: whether the steps say which symbols were ready to trade; else all are at once.
    """

    run: RunStarted
    steps: Iterable[Step]
    commands: Sequence[CommandAnswered]
    prepared: bool


class Replay:
    """Runs one start after the other on one simulated account.

    Args:
        series: candles of every symbol, for the market's prices.
        instruments: their contracts.
        loaded: the scorer.
        book: the book whose entries are replayed; the other one's are not.
        balance: USDT at the beginning.
    """

    def __init__(
        self,
        series: Mapping[str, SymbolSeries],
        instruments: Mapping[str, Instrument],
        loaded: LoadedScorer,
        book: Book,
        balance: Decimal,
    ) -> None:
        self._series = dict(sorted(series.items()))
        self._loaded = loaded
        self._book = book
        self._assumptions = Assumptions(balance=balance)
        self._venue = BacktestVenue(book, instruments.values(), self._assumptions)
        self.taken = Replayed()
        self._minute_ms = -1
        self._setups: list[SymbolSetup] = []

    def replay(self, plan: RunPlan, told: Told = lambda _ms: None) -> None:
        """Live through one run; what was open before it is managed on."""
        run = plan.run
        config = run_config(run, self._loaded, self._book)
        floor = self._floor(config)
        at_ms = run.started_ms
        floor.tell(self._restored(run, config), at_ms)
        leverage = config.limits.leverage
        commands = list(plan.commands)
        is_first = True
        for minute_ms, steps in by_minute(plan.steps):
            self._pass(floor, minute_ms, told)
            for step in steps:
                commands = self._give(floor, commands, step.at_ms)
                self._tell(floor, step)
                if is_first:  # the first step is the universe
                    is_first = False
                    self._ready(floor, leverage, step.at_ms, announce=not plan.prepared)
        last = commands[-1].at_ms if commands else at_ms
        self._give(floor, commands, last)
        if self._minute_ms >= 0:  # nothing was ever told otherwise
            self._pass(floor, self._minute_ms + MINUTE_MS, told)

    def _floor(self, config: EngineConfig) -> TradingFloor:
        return TradingFloor(
            Engine(config),
            self._venue,
            self._series,
            self._loaded.scorer,
            self.taken,
            latency_ms=self._assumptions.latency_ms,
            every_corner=True,
        )

    def _restored(self, run: RunStarted, config: EngineConfig) -> StateRestored:
        settings = dict(run.settings)
        mode = Mode(settings.get(MODE, config.mode.value))
        settings[MODE] = self._possible(mode).value
        taken = self.taken
        recent = [
            one for one in taken.closed.values() if one.closed_ms > run.started_ms - 86_400_000
        ]
        fills = [(book, fill) for (book, _key), found in taken.filled.items() for fill in found]
        return StateRestored(
            settings, tuple(taken.running.values()), (), tuple(fills), tuple(recent)
        )

    def _ready(self, floor: TradingFloor, leverage: int, at_ms: int, *, announce: bool) -> None:
        if not self._setups:
            self._setups = [self._venue.prepare(symbol, leverage) for symbol in self._series]
        for setup in self._setups if announce else ():
            floor.tell(SymbolPrepared(self._book, setup), at_ms)
        floor.tell(SnapshotTaken(self._book, self._venue.snapshot(at_ms)), at_ms)

    def _pass(self, floor: TradingFloor, minute_ms: int, told: Told) -> None:
        """Live through the minutes before this one; those in which nothing is open are empty."""
        if self._minute_ms < 0:
            self._minute_ms = minute_ms
        while self._minute_ms < minute_ms:
            if not floor.active:
                self._minute_ms = minute_ms
                break
            floor.begin_minute(self._minute_ms)
            floor.tick_at(self._minute_ms + 2 * self._assumptions.latency_ms + _DECISION_MS)
            floor.end_minute()
            self._minute_ms += MINUTE_MS
        told(minute_ms)

    def _tell(self, floor: TradingFloor, step: Step) -> None:
        for event in step.events:
            if isinstance(event, UniverseChanged):
                volumes = dict.fromkeys(self._series, 0.0)
                self._venue.learn_volumes(volumes | event.quote_volume_24h)
            if isinstance(event, SymbolPrepared) and event.book is not self._book:
                continue
            floor.tell(event, step.at_ms)
        if step.score:
            floor.score(step.at_ms)

    def _give(
        self, floor: TradingFloor, commands: list[CommandAnswered], until_ms: int
    ) -> list[CommandAnswered]:
        """Give the commands of before `until_ms`; return the others."""
        due = [one for one in commands if one.at_ms <= until_ms]
        for answered in due:
            floor.tell(CommandGiven(self._translated(answered.command)), answered.at_ms)
        return commands[len(due) :]

    def _translated(self, command: Command) -> Command:
        """Modes of the other book place no orders here."""
        if isinstance(command, SetMode):
            return replace(command, mode=self._possible(command.mode))
        return command

    def _possible(self, mode: Mode) -> Mode:
        return mode if mode.entry_book in {None, self._book} else Mode.SIGNALS


def by_minute(steps: Iterable[Step]) -> Iterator[tuple[int, list[Step]]]:
    """Yield the steps of each minute in which there are any; time never goes back."""
    gathered: list[Step] = []
    minute_ms = -1
    for step in steps:
        own_ms = step.at_ms - step.at_ms % MINUTE_MS
        if own_ms > minute_ms and gathered:
            yield minute_ms, gathered
            gathered = []
        minute_ms = max(minute_ms, own_ms)
        gathered.append(step)
    if gathered:
        yield minute_ms, gathered


def run_config(run: RunStarted, loaded: LoadedScorer, book: Book) -> EngineConfig:
    """Return the core's constants as they were in that run.

    Raises:
        SettingsError: the journalled settings are not those of this version.
    """
    settings = settings_of(run)
    return engine_config(
        settings,
        books=(book,),
        epoch=run.epoch,
        speed=run.speed,
        mode=None,
        allow_negative_edge=run.allow_negative_edge,
        scorer=loaded.scorer.name,
        seed=threshold_seed(loaded, run.symbols),
    )
