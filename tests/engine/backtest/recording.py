"""Hand-made recordings: an hour of quiet, then the minutes a test is about."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import numpy as np

from engine.backtest.assumptions import Assumptions
from engine.backtest.plan import BacktestResult, Plan
from engine.backtest.recorder import BacktestTrade
from engine.backtest.runner import run_backtest
from engine.backtest.series import MINUTE_MS, SymbolSeries
from engine.core.config import EngineConfig
from engine.domain.candle import Timeframe
from engine.domain.setup import Setup
from engine.domain.signal import Mode, Score
from engine.risk.threshold import ThresholdRule
from engine.smc.frame import CandleArrays
from engine.smc.params import DetectorParams
from tests.builders import instrument, setup
from tests.stories.story import Step, proved_by

BEGIN_MS = 1_700_006_400_000
"""Midnight UTC of 2023-11-15, where every recording begins."""
QUIET = 70
"""Minutes at 100 before the first minute of a test: volume is known and nothing is detected."""
Row = tuple[float, float, float, float]
FLAT: Row = (100.0, 100.0, 100.0, 100.0)


def series_of(
    rows: Sequence[Row | None],
    symbol: str = "AAAUSDT",
    *,
    begin_ms: int = BEGIN_MS,
    quote_volume: float = 1e6,
) -> SymbolSeries:
    """Return minutes of (open, high, low, close); None leaves a hole."""
    kept = [(at, row) for at, row in enumerate(rows) if row is not None]
    columns = np.array([row for _, row in kept], dtype=np.float64).T
    return SymbolSeries(
        symbol=symbol,
        open_ms=np.array([begin_ms + at * MINUTE_MS for at, _ in kept], dtype=np.int64),
        candles=CandleArrays(
            open=columns[0],
            high=columns[1],
            low=columns[2],
            close=columns[3],
            quote_volume=np.full(len(kept), quote_volume),
        ),
    )


class FixedScorer:
    """Gives every setup the same score."""

    name = "fixed"

    def __init__(self, **fields: Any) -> None:
        self._fields = {"value": 0.6, **fields}
        self.batches: list[int] = []

    def score(self, setups: Sequence[Setup]) -> tuple[Score, ...]:
        """Return one score a setup."""
        self.batches.append(len(setups))
        return tuple(
            Score(setup_id=one.setup_id, scorer=self.name, **self._fields) for one in setups
        )


@dataclass
class Recording:
    """Minutes of one or more symbols and what the detector is made to find in them."""

    rows: dict[str, list[Row | None]] = field(default_factory=dict)
    setups: dict[tuple[str, int], Setup] = field(default_factory=dict)
    quote_volume: float = 1e6

    def then(self, *rows: Row | None, symbol: str = "AAAUSDT") -> "Recording":
        """Append minutes; a symbol begins with the quiet hour."""
        self.rows.setdefault(symbol, [FLAT] * QUIET).extend(rows)
        return self

    def found(self, symbol: str = "AAAUSDT", **fields: Any) -> "Recording":
        """Let the newest minute prove a setup: long at 100, stop 98, target 104 by default."""
        minutes = self.rows.setdefault(symbol, [FLAT] * QUIET)
        opened = BEGIN_MS + (len(minutes) - 1) * MINUTE_MS
        self.setups[symbol, opened] = proved_by(setup(symbol, **fields), opened)
        return self

    def factory(self, symbol: str, timeframe: Timeframe, _tick: float) -> "_Scripted":
        """Return the scripted detector of a symbol."""
        return _Scripted(self, symbol if timeframe is Timeframe.M1 else "")

    def run(
        self,
        *,
        mode: Mode = Mode.PAPER,
        scorer: FixedScorer | None = None,
        assumptions: Assumptions | None = None,
        plan: Callable[[Plan], Plan] = lambda plan: plan,
        **config: Any,
    ) -> BacktestResult:
        """Run the slow path over the recording."""
        values = {"threshold": ThresholdRule(fixed=0.5), **config}
        chosen = Plan(
            config=EngineConfig(detector=self.factory, mode=mode, **values),
            params=DetectorParams(),
            assumptions=assumptions or Assumptions(latency_ms=250),
            warm_minutes=60,
            fast=False,
        )
        series = [
            series_of(rows, symbol, quote_volume=self.quote_volume)
            for symbol, rows in self.rows.items()
        ]
        instruments = [instrument(one.symbol) for one in series]
        return run_backtest(series, instruments, plan(chosen), scorer or FixedScorer())


class _Scripted:
    def __init__(self, recording: Recording, symbol: str) -> None:
        self._recording = recording
        self._symbol = symbol

    def step(self, open_time_ms: int, *_row: float) -> Step:
        """Return what the recording says this minute proves."""
        found = self._recording.setups.get((self._symbol, open_time_ms))
        return Step((), () if found is None else (found,))


def only(result: BacktestResult) -> BacktestTrade:
    """Return the single trade of a result."""
    (trade,) = result.recorder.trades
    return trade


def with_plan(**fields: Any) -> Callable[[Plan], Plan]:
    """Return a change of the plan."""
    return lambda plan: replace(plan, **fields)


def taker_fees(trade: BacktestTrade) -> Decimal:
    """Return 5 bps of both sides' notional."""
    closed = trade.closed
    return closed.qty * (closed.entry_price + closed.exit_price) * Decimal("0.0005")
