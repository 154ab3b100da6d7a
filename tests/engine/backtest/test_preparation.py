"""What a run knows before its first minute."""

from dataclasses import replace

from engine.backtest.assumptions import Assumptions
from engine.backtest.plan import BreakerRule, Plan
from engine.backtest.preparation import (
    core_config,
    look_ahead,
    period_of,
    prepare,
    tick_sizes,
    wanted_timeframes,
)
from engine.backtest.replay import ReplayedScores
from engine.backtest.series import MINUTE_MS
from engine.core.config import EngineConfig
from engine.domain.candle import Timeframe
from engine.domain.order import Book
from engine.domain.signal import Mode
from engine.risk.threshold import ThresholdRule
from engine.smc.params import DetectorParams
from models.heuristic import HeuristicScorer
from tests.builders import instrument
from tests.engine.backtest.markets import wandering

SERIES = [wandering(seed=3, minutes=900, symbol=name) for name in ("AAAUSDT", "BBBUSDT")]
INSTRUMENTS = [instrument(one.symbol) for one in SERIES]


def plan(**fields: object) -> Plan:
    """Return a plan whose detector must not be asked."""
    config = EngineConfig(
        detector=lambda *_: None,  # type: ignore[arg-type, return-value]
        mode=Mode.PAPER,
        threshold=ThresholdRule(fixed=0.0),
        look_around=False,
    )
    made = Plan(config=config, params=DetectorParams(), warm_minutes=100)
    return replace(made, **fields)  # type: ignore[arg-type]


def test_preparation_when_fast_replays_what_lies_ahead() -> None:
    scorer = HeuristicScorer()
    ready = prepare(SERIES, INSTRUMENTS, plan(), scorer, None)
    assert ready.selection == look_ahead(SERIES, INSTRUMENTS, plan(), scorer)
    assert len(ready.setups.moments) == len(ready.selection.setups) > 3
    assert isinstance(ready.scorer, ReplayedScores)
    assert ready.scorer.name == scorer.name
    assert ready.scorer.score(ready.selection.setups) == scorer.score(ready.selection.setups)
    assert ready.config.new_threshold(ThresholdRule(), ready.config.seed) is ready.threshold
    assert all(one.market is None for one in ready.selection.setups)


def test_preparation_when_the_future_is_known_takes_it() -> None:
    known = look_ahead(SERIES, INSTRUMENTS, plan(), HeuristicScorer())
    few = replace(known, setups=known.setups[:1], scores=known.scores[:1])
    ready = prepare(SERIES, INSTRUMENTS, plan(), HeuristicScorer(), few)
    assert ready.setups.moments == (known.setups[0].proved_at_ms,)


def test_preparation_when_slow_looks_nowhere() -> None:
    scorer = HeuristicScorer()
    ready = prepare(SERIES, INSTRUMENTS, plan(fast=False), scorer, None)
    assert ready.scorer is scorer
    assert ready.setups.moments == ()
    assert ready.threshold is None


def test_look_ahead_when_the_scorer_looks_around_gives_setups_their_market() -> None:
    config = replace(plan().config, look_around=True)
    selection = look_ahead(SERIES, INSTRUMENTS, plan(config=config), HeuristicScorer())
    assert selection.setups
    assert all(one.market is not None for one in selection.setups)


def test_core_config_when_made_has_the_assumed_costs_and_one_book() -> None:
    config = core_config(plan(assumptions=Assumptions(multiplier=3.0)))
    assert config.costs == Assumptions(multiplier=3.0).cost_model()
    assert config.books == (Book.PAPER,)
    assert config.limits == plan().config.limits


def test_core_config_when_breakers_are_off_never_trips_one() -> None:
    limits = core_config(plan(breakers=BreakerRule.OFF)).limits
    assert limits.daily_loss_ratio > 1000
    assert limits.drawdown_ratio > 1000
    assert limits.loss_streak > 1 << 50


def test_period_when_symbols_begin_apart_spans_all_of_them() -> None:
    late = wandering(seed=1, minutes=2_000, symbol="CCCUSDT")
    start_ms, end_ms = period_of([*SERIES, late], plan())
    assert start_ms == SERIES[0].first_ms + 100 * MINUTE_MS
    assert end_ms == late.end_ms


def test_timeframes_when_alerts_and_trades_differ_are_all_wanted_shortest_first() -> None:
    config = replace(
        plan().config,
        alert_timeframes=frozenset({Timeframe.H1}),
        trade_timeframes=frozenset({Timeframe.M5}),
    )
    assert wanted_timeframes(config) == (Timeframe.M5, Timeframe.H1)
    assert tick_sizes({"AAAUSDT": INSTRUMENTS[0]}) == {"AAAUSDT": 0.01}
