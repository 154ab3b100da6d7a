"""What one side made of the period: the replay's own records, in the journal's terms."""

from dataclasses import dataclass, field
from decimal import Decimal

from typing_extensions import override

from engine.backtest.recorder import Recorder
from engine.domain.effects import (
    Entry,
    FillSeen,
    SetupSeen,
    SignalRaised,
    TradeEnded,
    TradeOpened,
    TradeVoided,
    VerdictGiven,
)
from engine.domain.events import TradeMemory
from engine.domain.notices import Notice
from engine.domain.order import Book, Fill
from engine.domain.position import ClosedTrade
from engine.domain.signal import RiskApproved, Score, Verdict


@dataclass(frozen=True, slots=True)
class SetupFate:
    """What became of a setup, and when."""

    fate: str
    score: Score | None
    at_ms: int


@dataclass(slots=True)
class Replayed(Recorder):
    """Keeps everything the replayed core recorded; also what a restart needs.

    Attributes:
        setups: fate of every setup, the last word of each.
        signals: ids of those that became signals, with the moment.
        verdicts: the last verdict on each signal; an approval stays.
        closed: finished round trips by setup.
        running: memories of unfinished round trips by (book, trade key).
        filled: their executions.
    """

    setups: dict[str, SetupFate] = field(default_factory=dict)
    signals: dict[str, int] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    closed: dict[str, ClosedTrade] = field(default_factory=dict)
    running: dict[tuple[Book, str], TradeMemory] = field(default_factory=dict)
    filled: dict[tuple[Book, str], list[Fill]] = field(default_factory=dict)

    @override
    def record(self, entry: Entry, slippage: dict[str, Decimal]) -> None:
        """Take one journal entry."""
        match entry:
            case SetupSeen(setup, score, fate, at_ms):
                self.setups[setup.setup_id] = SetupFate(fate, score, at_ms)
            case SignalRaised(signal, at_ms):
                self.signals[signal.setup.setup_id] = at_ms
            case VerdictGiven(verdict):
                self._judged(verdict)
            case TradeOpened(memory):
                self.memories[memory.symbol] = memory
                self.running[memory.book, memory.trade_key] = memory
            case FillSeen(book, trade_key, fill):
                self.filled.setdefault((book, trade_key), []).append(fill)
            case TradeVoided(book, trade_key):
                self._over(book, trade_key)
            case TradeEnded(trade):
                self.closed[trade.setup_id] = trade
                slippage.pop(trade.symbol, None)
                self._over(trade.book, trade.trade_key.partition("#")[0])
            case _:
                pass

    @override
    def notice(self, notice: Notice) -> None:
        """Nobody is told."""

    def _judged(self, verdict: Verdict) -> None:
        approved = isinstance(verdict, RiskApproved)
        signal = verdict.proposal.signal if isinstance(verdict, RiskApproved) else verdict.signal
        key = signal.setup.setup_id
        if approved or not isinstance(self.verdicts.get(key), RiskApproved):
            self.verdicts[key] = verdict

    def _over(self, book: Book, trade_key: str) -> None:
        self.running.pop((book, trade_key), None)
        self.filled.pop((book, trade_key), None)
