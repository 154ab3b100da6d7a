"""Collects what the core records during a run."""

import json
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

from engine.core.guard import PAUSED
from engine.domain.effects import (
    Entry,
    EquitySeen,
    SettingChanged,
    SetupSeen,
    SignalRaised,
    TradeEnded,
    TradeOpened,
    VerdictGiven,
)
from engine.domain.events import TradeMemory
from engine.domain.notices import AlarmKind, AlarmNotice, Notice
from engine.domain.position import ClosedTrade
from engine.domain.signal import RiskApproved, Rule, Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestTrade:
    """A finished round trip, the signal it came from and its costs beyond fees.

    Attributes:
        closed: the round trip as the core booked it.
        signal: what was traded.
        slippage: USDT paid beyond the last price by spread and impact, entry and exit together.
        end_of_data: closed only because the recording ended.
    """

    closed: ClosedTrade
    signal: Signal
    slippage: Decimal
    end_of_data: bool = False

    @property
    def gross_before_slippage(self) -> Decimal:
        """Result at last prices, before every cost."""
        return self.closed.gross + self.slippage


@dataclass(frozen=True, slots=True)
class Marks:
    """The levels the breakers judge equity by, USDT."""

    day_start: float
    high_water: float


@dataclass(slots=True)
class Recorder:
    """Grows during one run.

    Attributes:
        trades: finished round trips, in the order in which they ended.
        fates: how many setups had which fate.
        refusals: how many signals each rule of the gate refused.
        alarms: what the operator would have been called for, by kind.
        tripped: whether a breaker has tripped since this was last cleared.
        ending: whether the recording is over.
        paused: why the core refuses every signal, empty while it does not.
        memories: the core's memory of the newest trade of each symbol.
        marks: levels of the breakers.
        last_equity: the newest equity the core reckoned.
    """

    trades: list[BacktestTrade] = field(default_factory=list)
    fates: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    alarms: Counter[str] = field(default_factory=Counter)
    tripped: bool = False
    ending: bool = False
    paused: str = ""
    memories: dict[str, TradeMemory] = field(default_factory=dict, compare=False)
    marks: Marks | None = field(default=None, compare=False)
    last_equity: float | None = field(default=None, compare=False)
    _signals: dict[str, Signal] = field(default_factory=dict)

    def record(self, entry: Entry, slippage: dict[str, Decimal]) -> None:
        """Take one journal entry; `slippage` is by symbol and emptied by a trade's end."""
        match entry:
            case SetupSeen(fate=fate):
                self.fates[fate] += 1
            case SignalRaised(signal=signal):
                self._signals[signal.setup.setup_id] = signal
            case VerdictGiven(verdict=verdict):
                if not isinstance(verdict, RiskApproved):
                    self.refusals[verdict.rule.value] += 1
                    self._signals.pop(verdict.signal.setup.setup_id, None)
            case TradeEnded(trade=closed):
                self._ended(closed, slippage.pop(closed.symbol, Decimal(0)))
            case TradeOpened(memory=memory):
                self.memories[memory.symbol] = memory
            case EquitySeen(equity=equity):
                self.last_equity = float(equity)
            case SettingChanged(key=key, value=value):
                self._setting(key, value)
            case _:
                pass

    def refuse_paused(self, signals: int) -> None:
        """Count signals that a paused core would have refused, without showing them to it."""
        self.fates["signal"] += signals
        self.refusals[Rule.PAUSED.value] += signals

    def notice(self, notice: Notice) -> None:
        """Take what the operator is told."""
        if isinstance(notice, AlarmNotice):
            self.alarms[notice.kind.value] += 1
            self.tripped |= notice.kind is AlarmKind.BREAKER

    def _setting(self, key: str, value: str) -> None:
        if key.startswith("breakers."):
            stored = json.loads(value)
            self.marks = Marks(float(stored["day_start"]), float(stored["high_water"]))
        elif key == PAUSED:
            self.paused = value

    def _ended(self, closed: ClosedTrade, slippage: Decimal) -> None:
        signal = self._signals[closed.setup_id]
        self.trades.append(
            BacktestTrade(closed=closed, signal=signal, slippage=slippage, end_of_data=self.ending)
        )
