"""Runs of several multipliers, here and in processes beside."""

import gc
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.backtest_runs import (
    RunJob,
    calm_collector,
    read_columns,
    run_job,
    run_plans,
    write_columns,
)
from engine.backtest.assumptions import Assumptions
from engine.backtest.detection import detect_all
from engine.backtest.plan import BacktestResult, Plan
from engine.backtest.preparation import core_config, look_ahead, tick_sizes, wanted_timeframes
from engine.backtest.scoring import Scored, score_found, score_one_by_one
from engine.core.config import EngineConfig
from engine.domain.signal import Mode
from engine.smc.detector import Detector
from engine.smc.params import DetectorParams
from models.heuristic import HeuristicScorer
from models.workers import Results, Serial
from tests.builders import instrument
from tests.engine.backtest.markets import wandering

PARAMS = DetectorParams()
SERIES = [wandering(seed=5, minutes=900, symbol=name) for name in ("AAAUSDT", "BBBUSDT")]
INSTRUMENTS = [instrument(one.symbol) for one in SERIES]


def plans(*multipliers: float, fast: bool = True) -> list[Plan]:
    """Return one plan a multiplier; its detector cannot be pickled, as in the product."""
    config = EngineConfig(
        detector=lambda symbol, frame, tick: Detector(symbol, frame, PARAMS, tick_size=tick),
        mode=Mode.PAPER,
        look_around=False,
    )
    one = Plan(config=config, params=PARAMS, warm_minutes=100, fast=fast)
    return [replace(one, assumptions=Assumptions(multiplier=factor)) for factor in multipliers]


def scored(plan: Plan) -> list[Scored]:
    """Detect and score once."""
    by_name = {one.symbol: one for one in INSTRUMENTS}
    config = core_config(plan)
    found = detect_all(SERIES, by_name, PARAMS, wanted_timeframes(config), compiled=False)
    bulk = score_one_by_one(HeuristicScorer(), PARAMS)
    return score_found(found, tick_sizes(by_name), config.costs, config.limits.max_cost_r, bulk)


def run(chosen: list[Plan], jobs: int | None, told: list[str]) -> list[BacktestResult]:
    """Run the plans on what was scored once, under the lowest costs."""
    found = scored(chosen[0]) if chosen[0].fast else None
    return run_plans(
        chosen, SERIES, INSTRUMENTS, HeuristicScorer(), found,
        lambda name, _at: told.append(name), jobs=jobs,
    )  # fmt: skip


def test_runs_when_done_here_are_in_the_order_of_the_plans() -> None:
    told: list[str] = []
    made = run(plans(0.5, 2.0), None, told)
    assert [one.assumptions.multiplier for one in made] == [0.5, 2.0]
    assert all(one.recorder.trades for one in made)
    assert list(dict.fromkeys(told)) == ["costs ×0.5", "costs ×2"]


def test_runs_when_slow_are_the_same() -> None:
    (fast,) = run(plans(1.0), None, [])
    (slow,) = run(plans(1.0, fast=False), None, [])
    assert fast.recorder == slow.recorder
    assert fast.equity == slow.equity


@pytest.mark.slow
def test_runs_when_done_by_processes_are_the_same_to_the_last_digit() -> None:
    told: list[str] = []
    chosen = plans(0.5, 1.0)
    here, beside = run(chosen, 1, []), run(chosen, 2, told)
    for one, other in zip(here, beside, strict=True):
        assert one.recorder == other.recorder
        assert one.equity == other.equity
        assert one.assumptions == other.assumptions
    assert sorted(told) == ["costs ×0.5", "costs ×1"]


class Far(Serial):
    """Workers on another machine: what they get has travelled, and no file is there."""

    shares_files = False

    def each(self, work: Any, items: Any) -> Results[Any]:
        for place, item in enumerate(items):
            item.columns.path.unlink(missing_ok=True)
            yield place, pickle.loads(pickle.dumps(work(pickle.loads(pickle.dumps(item)))))


def test_runs_when_done_by_a_cluster_take_their_candles_along(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[int | None, str | None]] = []

    @contextmanager
    def far(jobs: int | None, cluster: str | None) -> Iterator[Far]:
        asked.append((jobs, cluster))
        yield Far()

    monkeypatch.setattr("bot.backtest_runs.open_workers", far)
    chosen, found = plans(0.5, 1.0), scored(plans(0.5)[0])
    made = run_plans(
        chosen, SERIES, INSTRUMENTS, HeuristicScorer(), found, lambda *_: None, cluster="tcp://x:1"
    )
    assert asked == [(None, "tcp://x:1")]
    for one, here in zip(made, run(chosen, 1, []), strict=True):
        assert one.recorder == here.recorder
        assert one.equity == here.equity


def test_job_when_sent_away_carries_no_detector_and_does_the_same(tmp_path: Path) -> None:
    (plan,) = plans(1.0)
    (here,) = run([plan], 1, [])
    selection = look_ahead(SERIES, INSTRUMENTS, plan, HeuristicScorer(), scored(plan))
    bare = replace(plan, config=replace(plan.config, detector=_never))
    columns = write_columns(SERIES, tmp_path / "columns.npy")
    job = pickle.loads(pickle.dumps(RunJob(columns, tuple(INSTRUMENTS), bare, selection)))
    assert str(job) == "costs ×1"
    assert run_job(job).recorder == here.recorder


def _never(*_: object) -> Detector:
    raise AssertionError


def test_columns_when_written_and_read_are_the_series(tmp_path: Path) -> None:
    back = read_columns(write_columns(SERIES, tmp_path / "columns.npy"))
    for one, other in zip(SERIES, back, strict=True):
        assert one.symbol == other.symbol
        np.testing.assert_array_equal(one.open_ms, other.open_ms)
        for name in ("open", "high", "low", "close", "quote_volume"):
            np.testing.assert_array_equal(getattr(one.candles, name), getattr(other.candles, name))


def test_collector_when_calmed_is_itself_again_afterwards() -> None:
    before = gc.get_threshold()
    with calm_collector():
        assert gc.get_threshold() != before
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0
