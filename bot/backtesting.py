"""What the verb `backtest` does: candles, scorer, one run for each cost multiplier."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from bot.backtest_input import Told, funding_of, read_series, series_period
from bot.backtest_null import NullResult, null_of
from bot.backtest_runs import run_plans
from bot.bulk_scores import bulk_scorer, looks_around
from bot.engine_config import engine_config
from bot.scorer_choice import choose_scorer, threshold_seed
from bot.settings import Settings
from engine.backtest.assumptions import Assumptions
from engine.backtest.detection import detect_all, load_machine_code
from engine.backtest.instruments import infer_instrument
from engine.backtest.plan import BacktestResult, BreakerRule, Plan
from engine.backtest.preparation import tick_sizes, wanted_timeframes
from engine.backtest.scoring import Scored, score_found
from engine.backtest.selection import max_cost_r
from engine.backtest.series import SymbolSeries
from engine.backtest.statistics import Statistics, statistics
from engine.backtest.surroundings import Surroundings
from engine.domain.candle import Timeframe
from engine.domain.instrument import Instrument
from engine.domain.setup import Recipe
from engine.domain.signal import Mode
from engine.ports import Clock, Scorer
from engine.smc.params import DetectorParams
from models.heuristic import HeuristicScorer
from models.scorer import LoadedScorer
from storage.candle_sources import CandleFiles, open_sources

LARGE_BYTES = 2_000_000
"""Candle files from which the compiled detector will be used, and is loaded while they are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestOrder:
    """What a user asked for.

    Attributes:
        data: candle files and folders, one market together.
        multipliers: factors on spread and impact, one run each.
        mode: signals counts only, paper trades, live trades under the edge gate.
        symbols: only these; empty = all.
        funding: file of funding rates; None charges none.
        breakers: what becomes of tripped breakers.
        latency_ms: how long an order travels.
        heuristic: use the heuristic scorer even where there is a model.
        slow: show every minute to the core; for checking the fast path.
        timeframes: alert and trade on these; empty = as the settings say.
        jobs: processes for several multipliers; None = one a core where it pays.
        cluster: address of a Dask scheduler for several multipliers; None = this machine.
    """

    data: tuple[Path, ...]
    multipliers: tuple[float, ...] = (1.0,)
    mode: Mode = Mode.PAPER
    symbols: tuple[str, ...] = ()
    funding: Path | None = None
    breakers: BreakerRule = BreakerRule.DAILY
    latency_ms: int = 250
    heuristic: bool = False
    slow: bool = False
    timeframes: tuple[Timeframe, ...] = ()
    jobs: int | None = None
    cluster: str | None = None


class Stages:
    """How long each stage took."""

    def __init__(self, clock: Clock | None) -> None:
        self._clock = clock
        self._since = clock.monotonic() if clock else 0.0
        self.seconds: dict[str, float] = {}

    def done(self, stage: str) -> None:
        """End a stage."""
        if self._clock is not None:
            now = self._clock.monotonic()
            self.seconds[stage] = now - self._since
            self._since = now


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtested:
    """Everything the reports are made of; the runs are in the order of the multipliers.

    `nulls` are random entries beside each run, None where it has no trade to imitate;
    `timeframes` those that alert; `seconds` the wall time of each stage.
    """

    order: BacktestOrder
    files: tuple[str, ...]
    sha256: str
    series: tuple[SymbolSeries, ...]
    scorer_note: str
    results: tuple[BacktestResult, ...]
    statistics: tuple[Statistics, ...]
    nulls: tuple[NullResult | None, ...]
    timeframes: tuple[str, ...]
    seconds: dict[str, float]

    @property
    def main(self) -> int:
        """Index of the run that is shown in detail: the one with the costs as assumed."""
        return min(
            range(len(self.results)),
            key=lambda at: abs(self.results[at].assumptions.multiplier - 1.0),
        )


def run_backtests(
    order: BacktestOrder, settings: Settings, told: Told, clock: Clock | None = None
) -> Backtested:
    """Read the data and run once for each multiplier.

    Args:
        order: what to do.
        settings: as for the bot.
        told: is told of progress.
        clock: times the stages; None leaves their seconds out.

    Raises:
        InvalidCandles: the data are unusable; says why.
        ValueError: a number is outside its range.
    """
    stages = Stages(clock)
    source = CandleFiles(
        "candles", [file for one in open_sources(order.data) for file in one.files]
    )
    params = DetectorParams(recipes=tuple(Recipe(name) for name in settings.recipes))
    with ThreadPoolExecutor(1) as beside:
        if not order.slow and sum(file.stat().st_size for file in source.files) > LARGE_BYTES:
            beside.submit(load_machine_code, params)
        series = read_series(source, order.symbols, told)
    instruments = tuple(infer_instrument(one) for one in series)
    stages.done("read")
    loaded = _scorer(order, settings)
    base = _plan(order, settings, loaded, params, series)
    scored = None if order.slow else _score(series, instruments, base, order, loaded.scorer, told)
    stages.done("detect and score")
    first, end = series_period(series)

    def advanced(name: str, at_ms: int) -> None:
        told(name, (at_ms - first) / (end - first))

    plans = [
        replace(base, assumptions=_assumptions(order, settings, factor))
        for factor in order.multipliers
    ]
    results = run_plans(
        plans,
        series,
        instruments,
        loaded.scorer,
        scored,
        advanced,
        jobs=order.jobs,
        cluster=order.cluster,
    )
    stages.done("simulate")
    told("null", 0.0)
    nulls = tuple(null_of(one, series, instruments, base.config.exits) for one in results)
    figures = tuple(statistics(one) for one in results)
    stages.done("statistics and null")
    told("null", 1.0)
    return Backtested(
        order=order,
        files=tuple(file.name for file in source.files),
        sha256=source.digest(),
        series=series,
        scorer_note=loaded.problem,
        results=tuple(results),
        statistics=figures,
        nulls=nulls,
        timeframes=tuple(one.value for one in wanted_timeframes(base.config)),
        seconds=stages.seconds,
    )


def _plan(
    order: BacktestOrder,
    settings: Settings,
    loaded: LoadedScorer,
    params: DetectorParams,
    series: Sequence[SymbolSeries],
) -> Plan:
    """Return what all runs have in common."""
    config = engine_config(
        settings,
        books=(),
        epoch=0,
        speed=1.0,
        mode=order.mode,
        allow_negative_edge=False,
        scorer=loaded.scorer.name,
        seed=threshold_seed(loaded, len(series)),
    )
    around = looks_around(loaded.scorer)
    config = replace(config, look_around=around)
    if order.timeframes:
        chosen = frozenset(order.timeframes)
        config = replace(config, alert_timeframes=chosen, trade_timeframes=chosen)
    return Plan(
        config=config,
        params=params,
        funding=funding_of(order.funding, series),
        breakers=order.breakers,
        fast=not order.slow,
        around=Surroundings(series) if around and not order.slow else None,
    )


def _assumptions(order: BacktestOrder, settings: Settings, factor: float) -> Assumptions:
    return Assumptions(
        multiplier=factor, latency_ms=order.latency_ms, balance=settings.paper_balance_usdt
    )


def _scorer(order: BacktestOrder, settings: Settings) -> LoadedScorer:
    if order.heuristic:
        return LoadedScorer(HeuristicScorer(), "asked for")
    return choose_scorer(settings)


def _score(
    series: Sequence[SymbolSeries],
    instruments: Sequence[Instrument],
    plan: Plan,
    order: BacktestOrder,
    scorer: Scorer,
    told: Told,
) -> list[Scored]:
    """Detect and score once for all runs."""
    total = sum(map(len, series))
    done = 0

    def advanced(minutes: int) -> None:
        nonlocal done
        done += minutes
        told("detecting", done / total)

    told("detecting", 0.0)
    by_name = {one.symbol: one for one in instruments}
    config = plan.config
    found = detect_all(series, by_name, plan.params, wanted_timeframes(config), advanced, threads=2)
    told("scoring", 0.0)
    cheapest = Assumptions(multiplier=min(order.multipliers)).cost_model()
    bulk = bulk_scorer(scorer, plan.params, plan.around)
    return score_found(found, tick_sizes(by_name), cheapest, max_cost_r(config), bulk)
