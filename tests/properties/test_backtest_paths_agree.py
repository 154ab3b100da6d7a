"""The fast path leaves out minutes; nothing else may differ from the slow one."""

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.backtest.assumptions import Assumptions
from engine.backtest.plan import BacktestResult, BreakerRule, Plan
from engine.backtest.runner import run_backtest
from engine.backtest.series import MINUTE_MS, SymbolSeries
from engine.core.config import EngineConfig
from engine.domain.candle import Timeframe
from engine.domain.signal import Mode
from engine.risk.exits import ExitPolicy
from engine.risk.limits import DAY_MS, RiskLimits
from engine.risk.threshold import ThresholdRule
from engine.smc.detector import Detector, Scratch
from engine.smc.params import DetectorParams
from models.heuristic import HeuristicScorer
from tests.builders import instrument
from tests.engine.backtest.markets import wandering
from tests.engine.backtest.recording import BEGIN_MS

PARAMS = DetectorParams()
SCRATCH = Scratch(PARAMS)
SYMBOLS = ("AAAUSDT", "BBBUSDT", "CCCUSDT")


def plan(**fields: object) -> Plan:
    """Return a plan on 1m and 5m candles with a small position cap."""
    config = EngineConfig(
        detector=lambda symbol, frame, tick: Detector(
            symbol, frame, PARAMS, tick_size=tick, scratch=SCRATCH
        ),
        mode=Mode.PAPER,
        trade_timeframes=frozenset({Timeframe.M1, Timeframe.M5}),
        limits=RiskLimits(cool_down_ms=5 * MINUTE_MS),
    )
    return replace(Plan(config=config, params=PARAMS, warm_minutes=100), **fields)  # type: ignore[arg-type]


def run(series: list[SymbolSeries], chosen: Plan) -> BacktestResult:
    """Run over these series."""
    return run_backtest(
        series, [instrument(one.symbol) for one in series], chosen, HeuristicScorer()
    )


def assert_agree(series: list[SymbolSeries], chosen: Plan) -> BacktestResult:
    """Assert that both paths give the same, and return it."""
    slow = run(series, replace(chosen, fast=False))
    fast = run(series, replace(chosen, fast=True))
    assert fast.recorder.trades == slow.recorder.trades
    assert fast.recorder == slow.recorder
    assert fast.equity == slow.equity
    if chosen.breakers is not BreakerRule.OFF:
        assert fast.recorder.marks == slow.recorder.marks
    return fast


@pytest.mark.parametrize("seed", range(3))
def test_paths_when_the_market_is_random_agree_to_the_last_digit(seed: int) -> None:
    series = [wandering(seed=seed, minutes=900, symbol=name) for name in SYMBOLS]
    funding = {
        name: tuple((BEGIN_MS + h * 3_600_000, 0.001) for h in range(15)) for name in SYMBOLS
    }
    result = assert_agree(series, plan(funding=funding))
    assert len(result.recorder.trades) >= 5
    assert len({one.closed.reason for one in result.recorder.trades}) >= 2


@pytest.mark.parametrize("latency_ms", [0, 5_000])
def test_paths_when_orders_travel_longer_or_not_at_all_agree(latency_ms: int) -> None:
    series = [wandering(seed=7, minutes=700, symbol=name) for name in SYMBOLS[:2]]
    assumed = Assumptions(latency_ms=latency_ms, multiplier=1.5)
    assert assert_agree(series, plan(assumptions=assumed)).recorder.trades


def test_paths_when_recordings_have_holes_and_begin_late_agree() -> None:
    late = wandering(seed=9, minutes=500, symbol="BBBUSDT")
    shifted = SymbolSeries(
        symbol="BBBUSDT", open_ms=late.open_ms + 333 * MINUTE_MS, candles=late.candles
    )
    holed = wandering(seed=8, minutes=900, hole=range(400, 417))
    assert assert_agree([holed, shifted], plan(breakers=BreakerRule.OFF)).recorder.trades


def test_paths_when_breakers_trip_agree() -> None:
    limits = RiskLimits(loss_streak=2, cool_down_ms=0)
    chosen = plan(breakers=BreakerRule.KEEP)
    chosen = replace(chosen, config=replace(chosen.config, limits=limits))
    series = [wandering(seed=11, minutes=900, symbol=name) for name in SYMBOLS]
    assert assert_agree(series, chosen).recorder.tripped


@pytest.mark.parametrize("seed", [2, 5, 8])
def test_paths_when_trades_live_through_nights_agree(seed: int) -> None:
    """At a full hour the core reckons before it is shown the minute that has just closed."""
    series = [wandering(seed=seed, minutes=3_600, symbol=name, swing=0.001) for name in SYMBOLS]
    chosen = plan()
    config = replace(
        chosen.config,
        trade_timeframes=frozenset({Timeframe.M15, Timeframe.H1}),
        alert_timeframes=frozenset({Timeframe.M15, Timeframe.H1}),
        threshold=ThresholdRule(fixed=0.1, per_day=20),
        limits=RiskLimits(max_cost_r=2.0, daily_loss_ratio=Decimal("0.005")),
        exits=ExitPolicy(time_candles=300, stagnation_candles=250),
    )
    result = assert_agree(series, replace(chosen, config=config))
    assert any(
        one.closed.closed_ms - one.closed.opened_ms > DAY_MS // 4 for one in result.recorder.trades
    )
