"""One run for each cost multiplier, beside each other where that pays."""

import gc
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from typing_extensions import override

from bot.workers import open_workers
from engine.backtest.plan import BacktestResult, Plan
from engine.backtest.preparation import look_ahead
from engine.backtest.replay import ReplayedScores
from engine.backtest.runner import run_backtest
from engine.backtest.scoring import Scored
from engine.backtest.selection import Selection
from engine.backtest.series import SymbolSeries
from engine.core.config import CandleDetector
from engine.domain.candle import Timeframe
from engine.domain.instrument import Instrument
from engine.ports import Scorer
from engine.smc.frame import CandleArrays

PAYS_FROM = 8_000
"""Signals of all runs together from which starting processes costs less than it saves."""
Advanced = Callable[[str, int], None]
"""Told which run has reached which exchange time."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Series in a file that every process maps instead of holding a copy.

    `spans` are symbol, first and last-plus-one column; rows are time, prices, quote volume.
    `content` is the file itself, for machines that do not see it.
    """

    path: Path
    spans: tuple[tuple[str, int, int], ...]
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class RunJob:
    """One run of the fast path, ready to be done elsewhere."""

    columns: Columns
    instruments: tuple[Instrument, ...]
    plan: Plan
    selection: Selection

    @override
    def __str__(self) -> str:
        """Name the run."""
        return name_of(self.plan)


def name_of(plan: Plan) -> str:
    """Return what to call a run."""
    return f"costs ×{plan.assumptions.multiplier:g}"


def run_plans(
    plans: Sequence[Plan],
    series: Sequence[SymbolSeries],
    instruments: Sequence[Instrument],
    scorer: Scorer,
    scored: Sequence[Scored] | None,
    advanced: Advanced,
    *,
    jobs: int | None = None,
    cluster: str | None = None,
) -> list[BacktestResult]:
    """Run every plan and return the results in their order; they do not depend on who runs.

    Args:
        plans: what to do; all on the fast path or all on the slow one.
        series: minutes of the symbols.
        instruments: their contracts.
        scorer: judges setups.
        scored: setups of the fast path; None on the slow one.
        advanced: told of progress.
        jobs: processes; None takes one a core where it pays, 1 stays in this process.
        cluster: address of a Dask scheduler whose workers do several plans instead; the candles
            are sent along with each.
    """
    with calm_collector():
        ahead = [
            None if scored is None else look_ahead(series, instruments, plan, scorer, scored)
            for plan in plans
        ]
        signals = sum(len(one.setups) for one in ahead if one is not None)
        near = cluster is None and (jobs == 1 or (jobs is None and signals < PAYS_FROM))
        if scored is None or len(plans) == 1 or near:
            return [
                run_backtest(
                    series, instruments, plan, scorer, _reporter(plan, advanced), selection
                )
                for plan, selection in zip(plans, ahead, strict=True)
            ]
    with TemporaryDirectory(prefix="smcbot-backtest-") as folder:
        columns = write_columns(series, Path(folder) / "columns.npy")
        done: dict[int, BacktestResult] = {}
        end_ms = max(one.end_ms for one in series)
        with open_workers(jobs, cluster) as workers:
            if not workers.shares_files:
                columns = replace(columns, content=columns.path.read_bytes())
            todo = [
                RunJob(columns, tuple(instruments), _portable(plan), selection)
                for plan, selection in zip(plans, ahead, strict=True)
                if selection is not None
            ]
            with closing(workers.each(run_job, todo)) as results:
                for place, result in results:
                    done[place] = result
                    advanced(name_of(plans[place]), end_ms)
    return [done[place] for place in range(len(plans))]


def run_job(job: RunJob) -> BacktestResult:
    """Do a run in this process."""
    scores = ReplayedScores(job.selection.scorer, job.selection.scores)
    with calm_collector():
        return run_backtest(
            read_columns(job.columns), job.instruments, job.plan, scores, selection=job.selection
        )


def write_columns(series: Sequence[SymbolSeries], path: Path) -> Columns:
    """Write series as one file of columns."""
    spans, at = [], 0
    for one in series:
        spans.append((one.symbol, at, at + len(one)))
        at += len(one)
    table = np.lib.format.open_memmap(path, mode="w+", dtype=np.float64, shape=(6, at))
    for one, (_, first, end) in zip(series, spans, strict=True):
        candles = one.candles
        rows = (candles.open, candles.high, candles.low, candles.close, candles.quote_volume)
        for row, values in enumerate((one.open_ms, *rows)):
            table[row, first:end] = values  # milliseconds are exact in a float64 for ages
    table.flush()
    return Columns(path, tuple(spans))


def read_columns(columns: Columns) -> list[SymbolSeries]:
    """Return the series of a file, their prices mapped and not read."""
    if columns.content is None:
        table = np.load(columns.path, mmap_mode="r")
    else:
        table = np.load(io.BytesIO(columns.content))
    return [
        SymbolSeries(
            symbol=symbol,
            open_ms=table[0, first:end].astype(np.int64),
            candles=CandleArrays(
                open=table[1, first:end],
                high=table[2, first:end],
                low=table[3, first:end],
                close=table[4, first:end],
                quote_volume=table[5, first:end],
            ),
        )
        for symbol, first, end in columns.spans
    ]


@contextmanager
def calm_collector() -> Iterator[None]:
    """Let the collector look for cycles rarely: a run makes millions of values and hardly any."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _reporter(plan: Plan, advanced: Advanced) -> Callable[[int], None]:
    return lambda at_ms: advanced(name_of(plan), at_ms)


def _portable(plan: Plan) -> Plan:
    """Return the plan without what cannot travel and the fast path does not use."""
    return replace(plan, config=replace(plan.config, detector=_no_detector), around=None)


def _no_detector(symbol: str, _timeframe: Timeframe, _tick_size: float) -> CandleDetector:
    raise AssertionError(f"{symbol}: the fast path replays what was detected before")
