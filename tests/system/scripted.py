"""What the tests decide instead of the market: when a Setup arises, and what it is worth."""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from engine.core.config import CandleDetector
from engine.domain.candle import Timeframe
from engine.domain.effects import Entry
from engine.domain.events import StateRestored
from engine.domain.notices import AlarmKind, AlarmNotice, ExitNotice, Notice, SignalNotice
from engine.domain.order import Intent, IntentState
from engine.domain.setup import Direction, Setup
from engine.domain.signal import RiskRefused, Score
from engine.ports import Journal
from tests.builders import MINUTE, setup
from tests.system.idle_loop import held_time


@dataclass(frozen=True)
class Wish:
    """A Setup to raise at the next close. `key` repeats an earlier Setup's id."""

    direction: Direction
    risk_ratio: float
    key: str | None


@dataclass
class Script:
    """Shared by every instance of the bot in a test; wishes are granted at live closes only."""

    wishes: dict[str, deque[Wish]] = field(default_factory=lambda: defaultdict(deque))
    raised: list[Setup] = field(default_factory=list)

    def want(
        self,
        symbol: str,
        direction: Direction = Direction.LONG,
        *,
        risk_ratio: float = 0.02,
        key: str | None = None,
    ) -> None:
        """Let a Setup arise at the next close of the symbol."""
        self.wishes[symbol].append(Wish(direction, risk_ratio, key))

    def detector(self, symbol: str, timeframe: Timeframe, _tick_size: float) -> CandleDetector:
        """Build the detector of one symbol."""
        return _Detector(self, symbol, timeframe)


@dataclass(frozen=True)
class _Step:
    events: tuple[()]
    setups: Sequence[Setup]


class _Detector:
    def __init__(self, script: Script, symbol: str, timeframe: Timeframe) -> None:
        self._script = script
        self._symbol = symbol
        self._timeframe = timeframe

    def step(
        self,
        open_time_ms: int,
        open_: float,
        high: float,
        low: float,
        close: float,
        volume: float,
        quote_volume: float,
        /,
    ) -> _Step:
        wishes = self._script.wishes[self._symbol]
        if self._timeframe is not Timeframe.M1 or not wishes:
            return _Step((), ())
        wish = wishes.popleft()
        raised = setup(
            self._symbol,
            wish.direction,
            entry=close,
            risk=close * wish.risk_ratio,
            proved_at_ms=open_time_ms + MINUTE,
        )
        if wish.key is not None:
            raised = replace(raised, setup_id=wish.key)
        self._script.raised.append(raised)
        return _Step((), (raised,))


class SureScorer:
    """Gives every Setup the same good score."""

    name = "sure"

    def score(self, setups: Sequence[Setup]) -> tuple[Score, ...]:
        return tuple(
            Score(
                setup_id=one.setup_id,
                value=0.8,
                scorer=self.name,
                probability=0.6,
                payoff_ratio=2.0,
                outcomes=1_000,
                edge=True,
            )
            for one in setups
        )


class Notices:
    """Remembers everything the operator was told; `also` tells it on."""

    def __init__(self) -> None:
        self.told: list[Notice] = []
        self.also: Callable[[Notice], None] | None = None

    def notify(self, notice: Notice) -> None:
        self.told.append(notice)
        if self.also is not None:
            self.also(notice)

    def alarms(self, kind: AlarmKind | None = None) -> list[str]:
        """Texts of the alarms of a kind."""
        alarms = [one for one in self.told if isinstance(one, AlarmNotice)]
        return [one.text for one in alarms if kind in {None, one.kind}]

    def exits(self) -> list[ExitNotice]:
        """Finished round trips."""
        return [one for one in self.told if isinstance(one, ExitNotice)]

    def refusals(self) -> list[str]:
        """The gate's reasons for refusing signals."""
        verdicts = [one.verdict for one in self.told if isinstance(one, SignalNotice)]
        return [f"{v.rule.value}: {v.detail}" for v in verdicts if isinstance(v, RiskRefused)]


class CrashPoint:
    """Kills the bot at the n-th step of its journal, before or after the step took effect.

    Args:
        number: how many half-steps pass first; None lets all pass and only counts.
        begun: when to begin to count.
    """

    def __init__(self, number: int | None = None, begun: Callable[[], bool] = lambda: True) -> None:
        self._number = number
        self._begun = begun
        self.passed = 0
        self.where = ""
        self.tasks: set[asyncio.Task[object]] = set()

    async def pass_by(self, where: str) -> None:
        """Go on, or die here together with every task of the bot."""
        if not self._begun():
            return
        if self.passed == self._number:
            self.where = where
            for task in self.tasks:
                task.cancel()
            await asyncio.Event().wait()
        self.passed += 1


class TimelessJournal:
    """A journal whose database thread takes no loop time, and which may be where the bot dies."""

    def __init__(self, journal: Journal, crash: Callable[[], CrashPoint]) -> None:
        self._journal = journal
        self._crash = crash

    @asynccontextmanager
    async def _step(self, name: str) -> AsyncIterator[None]:
        await self._crash().pass_by(f"before {name}")
        with held_time():
            yield
        await self._crash().pass_by(f"after {name}")

    async def restore(self) -> StateRestored:
        with held_time():
            return await self._journal.restore()

    async def save_intent(self, intent: Intent) -> bool:
        async with self._step(f"intent {intent.request.purpose.name}"):
            return await self._journal.save_intent(intent)

    async def settle_intent(self, client_id: str, state: IntentState, reason: str = "") -> None:
        async with self._step(f"settle {client_id} {state.value}"):
            await self._journal.settle_intent(client_id, state, reason)

    async def append(self, entries: Sequence[Entry]) -> None:
        async with self._step("records " + " ".join(type(entry).__name__ for entry in entries)):
            await self._journal.append(entries)
