"""What one backtest is told, and what it gives back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from engine.backtest.assumptions import Assumptions
from engine.backtest.curve import Points
from engine.backtest.recorder import Recorder
from engine.backtest.surroundings import Surroundings
from engine.core.config import EngineConfig
from engine.domain.order import Book
from engine.smc.params import DetectorParams

Funding = Mapping[str, tuple[tuple[int, float], ...]]
"""Funding payments by symbol: (exchange ms, rate), oldest first."""
Progress = Callable[[int], None]
"""Called with the exchange time reached."""


class BreakerRule(StrEnum):
    """What becomes of a tripped circuit breaker, which only an owner may reset."""

    DAILY = "daily"
    """A simulated owner resets it and resumes at the next UTC midnight."""
    KEEP = "keep"
    """It stays; the rest of the recording is not traded."""
    OFF = "off"
    """Breakers never trip: every signal that passes the other rules is judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One run.

    Attributes:
        config: the core's constants; its detector is used by the slow path only.
        params: what the bulk detection looks for; equal to the detector's.
        assumptions: costs and delays.
        funding: payments; symbols without one pay nothing.
        warm_minutes: minutes at the start that only warm the detectors.
        breakers: what a simulated owner does about tripped breakers.
        fast: detect in bulk and leave out minutes in which nothing can happen.
        around: the cross-section of the recording, where the config looks around and somebody has
            added it up before.
    """

    config: EngineConfig
    params: DetectorParams
    assumptions: Assumptions = field(default_factory=Assumptions)
    funding: Funding = field(default_factory=dict)
    warm_minutes: int = 500
    breakers: BreakerRule = BreakerRule.DAILY
    fast: bool = True
    around: Surroundings | None = None

    @property
    def book(self) -> Book:
        """The book that trades; signals mode has one too, but never uses it."""
        return self.config.mode.entry_book or Book.PAPER


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestResult:
    """What a run found.

    Attributes:
        recorder: trades, fates, refusals, alarms.
        equity: (exchange ms, USDT) at each minute in which it changed, the start first.
        start_ms: exchange time of the first decision.
        end_ms: close of the last minute.
        candles: minutes of all symbols together, warm-up included.
        symbols: recorded symbols, sorted.
        scorer: which scorer judged.
    """

    recorder: Recorder
    equity: Points
    assumptions: Assumptions
    start_ms: int
    end_ms: int
    candles: int
    symbols: tuple[str, ...]
    scorer: str
