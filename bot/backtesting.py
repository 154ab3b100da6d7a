"""What the verb `backtest` does: candles, scorer, one run for each cost multiplier."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bot.engine_config import engine_config
from bot.scorer_choice import choose_scorer, threshold_seed
from bot.settings import Settings
from engine.backtest.assumptions import Assumptions
from engine.backtest.detection import Found, detect_all
from engine.backtest.instruments import infer_instrument
from engine.backtest.plan import BacktestResult, BreakerRule, Funding, Plan
from engine.backtest.runner import run_backtest
from engine.backtest.series import SymbolSeries
from engine.backtest.statistics import Statistics, statistics
from engine.core.config import EngineConfig
from engine.domain.errors import InvalidCandles
from engine.domain.instrument import Instrument
from engine.domain.setup import Recipe
from engine.domain.signal import Mode
from engine.risk.limits import DAY_MS
from engine.smc.frame import CandleArrays
from engine.smc.params import DetectorParams
from models.heuristic import HeuristicScorer
from models.scorer import LoadedScorer
from storage.candle_sources import CandleFiles, open_sources
from storage.funding import read_funding

LONGEST_HOLE_DAYS = 7
Told = Callable[[str, float], None]
"""Told what is being done and which share of it, 0 to 1."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtested:
    """Everything the reports are made of; the runs are in the order of the multipliers."""

    order: BacktestOrder
    files: tuple[str, ...]
    sha256: str
    series: tuple[SymbolSeries, ...]
    scorer_note: str
    results: tuple[BacktestResult, ...]
    statistics: tuple[Statistics, ...]

    @property
    def main(self) -> int:
        """Index of the run that is shown in detail: the one with the costs as assumed."""
        return min(
            range(len(self.results)),
            key=lambda at: abs(self.results[at].assumptions.multiplier - 1.0),
        )


def run_backtests(order: BacktestOrder, settings: Settings, told: Told) -> Backtested:
    """Read the data and run once for each multiplier.

    Raises:
        InvalidCandles: the data are unusable; says why.
        ValueError: a number is outside its range.
    """
    source = CandleFiles(
        "candles", [file for one in open_sources(order.data) for file in one.files]
    )
    series = _read(source, order.symbols, told)
    instruments = tuple(infer_instrument(one) for one in series)
    loaded = _scorer(order, settings)
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
    params = DetectorParams(recipes=tuple(Recipe(name) for name in settings.recipes))
    base = Plan(
        config=config,
        params=params,
        funding=_funding(order, series),
        breakers=order.breakers,
        fast=not order.slow,
    )
    found = None if order.slow else _detect(series, instruments, params, config, told)
    results = tuple(
        _run(base, factor, order, settings, series, instruments, loaded, found, told)
        for factor in order.multipliers
    )
    return Backtested(
        order=order,
        files=tuple(file.name for file in source.files),
        sha256=source.digest(),
        series=series,
        scorer_note=loaded.problem,
        results=results,
        statistics=tuple(statistics(one) for one in results),
    )


def _run(
    base: Plan,
    factor: float,
    order: BacktestOrder,
    settings: Settings,
    series: Sequence[SymbolSeries],
    instruments: Sequence[Instrument],
    loaded: LoadedScorer,
    found: Sequence[Found] | None,
    told: Told,
) -> BacktestResult:
    assumed = Assumptions(
        multiplier=factor, latency_ms=order.latency_ms, balance=settings.paper_balance_usdt
    )
    first, end = series_period(series)

    def advanced(at_ms: int) -> None:
        told(f"costs ×{factor:g}", (at_ms - first) / (end - first))

    advanced(first)
    plan = replace(base, assumptions=assumed)
    return run_backtest(series, instruments, plan, loaded.scorer, advanced, found)


def series_period(series: Sequence[SymbolSeries]) -> tuple[int, int]:
    """Return the first open and the last close of all symbols, exchange ms."""
    return min(one.first_ms for one in series), max(one.end_ms for one in series)


def _scorer(order: BacktestOrder, settings: Settings) -> LoadedScorer:
    if order.heuristic:
        return LoadedScorer(HeuristicScorer(), "asked for")
    return choose_scorer(settings)


def _read(source: CandleFiles, wanted: Sequence[str], told: Told) -> tuple[SymbolSeries, ...]:
    known = source.symbols()
    missing = sorted(set(wanted) - set(known))
    if missing:
        raise InvalidCandles(
            f"no candles of {', '.join(missing)}; the data hold {', '.join(known)}"
        )
    chosen = [name for name in known if not wanted or name in wanted]
    if not chosen:
        raise InvalidCandles("the data hold no candles")
    series = []
    for number, name in enumerate(chosen):
        told(f"reading {name}", number / len(chosen))
        series.append(_series(source, name))
    _refuse_long_hole(series)
    return tuple(series)


def _series(source: CandleFiles, symbol: str) -> SymbolSeries:
    frame = source.candles(symbol)
    columns = ("open", "high", "low", "close", "quote_volume")
    return SymbolSeries(
        symbol=symbol,
        open_ms=frame["open_time"].dt.epoch("ms").to_numpy(),
        candles=CandleArrays(**{name: frame[name].to_numpy() for name in columns}),
    )


def _refuse_long_hole(series: Sequence[SymbolSeries]) -> None:
    """Periods far apart are separate tests: one account must not sleep over years between."""
    spans = sorted(
        (int(one.open_ms[part.start]), int(one.open_ms[part.stop - 1]))
        for one in series
        for part in one.segments
    )
    reached = spans[0][1]
    for first, last in spans:
        if first - reached > LONGEST_HOLE_DAYS * DAY_MS:
            days = (first - reached) / DAY_MS
            raise InvalidCandles(
                f"no symbol has candles for {days:.0f} days in the middle of the data, at most "
                f"{LONGEST_HOLE_DAYS} are allowed; run the periods one by one"
            )
        reached = max(reached, last)


def _funding(order: BacktestOrder, series: Sequence[SymbolSeries]) -> Funding:
    if order.funding is None:
        return {}
    rates = read_funding(order.funding)
    first, end = series_period(series)
    found: dict[str, tuple[tuple[int, float], ...]] = {}
    for one in series:
        times, values = rates.get(one.symbol, (np.array([]), np.array([])))
        inside = (times >= first) & (times < end)
        pairs = zip(times[inside].tolist(), values[inside].tolist(), strict=True)
        found[one.symbol] = tuple(pairs)
    return found


def _detect(
    series: Sequence[SymbolSeries],
    instruments: Sequence[Instrument],
    params: DetectorParams,
    config: EngineConfig,
    told: Told,
) -> list[Found]:
    total = sum(map(len, series))
    done = 0

    def advanced(minutes: int) -> None:
        nonlocal done
        done += minutes
        told("detecting", done / total)

    told("detecting", 0.0)
    by_name = {one.symbol: one for one in instruments}
    return detect_all(series, by_name, params, config.timeframes, advanced)
