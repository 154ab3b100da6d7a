"""What the core is told at construction; nothing here changes while it runs."""

from collections.abc import Callable, Sequence, Sized
from dataclasses import dataclass, field
from typing import Protocol

from engine.domain.candle import Timeframe
from engine.domain.order import Book
from engine.domain.setup import Evidence, Setup
from engine.domain.signal import Mode
from engine.risk.costs import CostModel
from engine.risk.exits import ExitPolicy
from engine.risk.limits import RiskLimits
from engine.risk.threshold import SignalThreshold, ThresholdRule, ThresholdSeed


class DetectorStep(Protocol):
    """What a detector tells of one candle."""

    @property
    def events(self) -> Sized:
        """Findings known at this close; the core only counts them."""
        ...

    @property
    def setups(self) -> Sequence[Setup]:
        """Setups proved by this candle."""
        ...


class CandleDetector(Protocol):
    """SMC detection on one symbol and timeframe; stepped on every closed candle."""

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
    ) -> DetectorStep:
        """Take the next candle and return what it proves."""
        ...


DetectorFactory = Callable[[str, Timeframe, float], CandleDetector]
"""Builds a detector from symbol, timeframe and tick size."""
EvidenceReader = Callable[[CandleDetector], tuple[Evidence, ...]]
"""Reads the findings that are still live, for charts."""
ThresholdFactory = Callable[[ThresholdRule, ThresholdSeed], SignalThreshold]
"""Builds what says which scores become signals."""


def _no_evidence(_detector: CandleDetector) -> tuple[Evidence, ...]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineConfig:
    """Constants of one run.

    Attributes:
        detector: builds the detector of one symbol and timeframe.
        evidence: reads a detector's live findings.
        books: books that are plugged in; entries into others are refused.
        prepared_books: books whose symbols need a `SymbolPrepared` before an entry.
        epoch: number of this start, part of every client order id.
        mode: mode of a database without a stored one; the stored mode wins.
        speed: exchange seconds per wall second.
        stale_after_s: wall seconds after which an arriving setup is stale.
        quote_max_age_s: wall seconds a quote is believed.
        delist_lead_ms: exchange time before delivery at which positions are left.
        tombstone_ms: how long an entry that was never found may still appear.
        adopt_stop_ratio: stop distance for a position of ours whose plan is lost.
        approval: ask before each entry until the operator says otherwise.
        alert_costly: tell setups that fail the cost gate too.
        look_around: give Setups their market context; off where the core is not shown every symbol.
        allow_negative_edge: start-up override of the edge gate (embedded venue only).
        new_threshold: builds the keeper of the threshold; a backtest plugs one in that was
            worked out before.
    """

    detector: DetectorFactory
    evidence: EvidenceReader = _no_evidence
    books: tuple[Book, ...] = (Book.PAPER,)
    prepared_books: frozenset[Book] = frozenset({Book.LIVE})
    epoch: int = 0
    mode: Mode = Mode.SIGNALS
    speed: float = 1.0
    series_length: int = 500
    alert_timeframes: frozenset[Timeframe] = frozenset({Timeframe.M1})
    trade_timeframes: frozenset[Timeframe] = frozenset({Timeframe.M1})
    stale_after_s: float = 10.0
    quote_max_age_s: float = 60.0
    delist_lead_ms: int = 7_200_000
    tombstone_ms: int = 86_400_000
    adopt_stop_ratio: float = 0.02
    approval: bool = False
    alert_costly: bool = False
    look_around: bool = True
    allow_negative_edge: bool = False
    scorer: str = "heuristic"
    limits: RiskLimits = field(default_factory=RiskLimits)
    costs: CostModel = field(default_factory=CostModel)
    exits: ExitPolicy = field(default_factory=ExitPolicy)
    threshold: ThresholdRule = field(default_factory=ThresholdRule)
    seed: ThresholdSeed = field(default_factory=ThresholdSeed)
    new_threshold: ThresholdFactory = SignalThreshold

    @property
    def timeframes(self) -> tuple[Timeframe, ...]:
        """Every timeframe that is detected, shortest first; 1m always."""
        wanted = self.alert_timeframes | self.trade_timeframes | {Timeframe.M1}
        return tuple(sorted(wanted, key=lambda timeframe: timeframe.ms))

    @property
    def stale_after_ms(self) -> int:
        """Age of a setup in exchange time above which it is stale."""
        return round(self.stale_after_s * 1000 * self.speed)

    @property
    def quote_max_age_ms(self) -> int:
        """Age of a quote in exchange time above which it is not believed."""
        return round(self.quote_max_age_s * 1000 * self.speed)
