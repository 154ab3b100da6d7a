"""Setups in bulk against the same detector stepped candle by candle."""

from math import inf

import numpy as np
import pytest

from engine.backtest.detection import (
    ReplayedScores,
    ReplayedSetups,
    choose,
    detect_all,
)
from engine.backtest.series import MINUTE_MS, SymbolSeries
from engine.domain.candle import Timeframe
from engine.domain.setup import Setup
from engine.risk.costs import CostModel, estimate_cost
from engine.smc.detector import Detector
from engine.smc.params import DetectorParams
from engine.smc.timeframes import TimeframeBuilder
from tests.builders import instrument
from tests.engine.backtest.markets import wandering
from tests.engine.backtest.recording import BEGIN_MS, FixedScorer

PARAMS = DetectorParams()
FRAMES = (Timeframe.M1, Timeframe.M5)
TICK = instrument("AAAUSDT")
COSTS = CostModel()


@pytest.fixture(scope="module")
def series() -> SymbolSeries:
    """Return a day and a half with a hole of ten minutes."""
    return wandering(seed=4, minutes=2_000, hole=range(900, 910))


def stepped(series: SymbolSeries) -> list[Setup]:
    """Return what detectors find that are stepped and begin anew after the hole."""
    found: list[Setup] = []
    for part in series.segments:
        detectors = {frame: Detector("AAAUSDT", frame, PARAMS, tick_size=0.01) for frame in FRAMES}
        builder = TimeframeBuilder(Timeframe.M5)
        for row in range(part.start, part.stop):
            one = series.candle(row)
            values = (
                one.open_time_ms, one.open, one.high, one.low, one.close, 0.0, one.quote_volume,
            )  # fmt: skip
            found += detectors[Timeframe.M1].step(*values).setups
            built = builder.add(*values)
            if built is not None:
                found += detectors[Timeframe.M5].step(*built).setups
    return sorted(found, key=lambda one: (one.proved_at_ms, one.timeframe.ms))


def test_detection_when_in_bulk_equals_the_stepped_detector(series: SymbolSeries) -> None:
    told: list[int] = []
    found = detect_all([series], {"AAAUSDT": TICK}, PARAMS, FRAMES, told.append, compiled=False)
    chosen = choose(found, PARAMS, {"AAAUSDT": TICK}, COSTS, inf, 0)
    expected = stepped(series)
    assert len(expected) > 20
    assert {one.timeframe for one in expected} == set(FRAMES)
    assert chosen.setups == expected
    assert chosen.too_costly == 0
    assert told == [len(series)]


def test_choice_when_costs_are_limited_drops_only_what_the_core_would(
    series: SymbolSeries,
) -> None:
    found = detect_all([series], {"AAAUSDT": TICK}, PARAMS, FRAMES, compiled=False)
    chosen = choose(found, PARAMS, {"AAAUSDT": TICK}, COSTS, 0.06, 0)
    cheap = [one for one in stepped(series) if _cost_r(one) <= 0.06]
    assert 0 < len(cheap) < len(stepped(series))
    assert chosen.setups == cheap
    assert chosen.too_costly == len(stepped(series)) - len(cheap)


def test_choice_when_warming_leaves_earlier_proofs_out(series: SymbolSeries) -> None:
    found = detect_all([series], {"AAAUSDT": TICK}, PARAMS, FRAMES, compiled=False)
    from_ms = BEGIN_MS + 700 * MINUTE_MS
    chosen = choose(found, PARAMS, {"AAAUSDT": TICK}, COSTS, 0.2, from_ms)
    assert min(one.proved_at_ms for one in chosen.setups) > from_ms
    everything = choose(found, PARAMS, {"AAAUSDT": TICK}, COSTS, inf, from_ms)
    assert chosen.too_costly == len(everything.setups) - len(chosen.setups)


def test_replay_when_asked_tells_setups_at_their_minute(series: SymbolSeries) -> None:
    setups = stepped(series)
    replay = ReplayedSetups(setups)
    assert list(replay.moments) == sorted({one.proved_at_ms for one in setups})
    told: list[Setup] = []
    for frame in FRAMES:
        detector = replay.detector("AAAUSDT", frame, 0.01)
        for at in series.open_ms.tolist():
            told += detector.step(at, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0).setups
    assert told == setups  # all on 1m, none twice on 5m
    assert replay.detector("BBBUSDT", Timeframe.M1, 0.01).step(
        setups[0].proved_at_ms - MINUTE_MS, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    ) == ((), ())


def test_scores_when_replayed_come_back_by_setup(series: SymbolSeries) -> None:
    setups = stepped(series)
    scorer = FixedScorer(value=0.7)
    replay = ReplayedScores(scorer, setups)
    assert replay.name == "fixed"
    asked = [setups[3], setups[1]]
    assert replay.score(asked) == FixedScorer(value=0.7).score(asked)
    assert scorer.batches == [len(setups)]


def test_detection_when_nothing_is_recorded_finds_nothing() -> None:
    few = wandering(seed=1, minutes=3)
    found = detect_all([few], {"AAAUSDT": TICK}, PARAMS, FRAMES, compiled=False)
    assert choose(found, PARAMS, {"AAAUSDT": TICK}, COSTS, inf, 0).setups == []
    assert all(np.isfinite(part.times).all() for part in found)


def _cost_r(one: Setup) -> float:
    return estimate_cost(
        entry=one.entry,
        stop=one.stop,
        taker_fee=COSTS.taker_fee,
        spread_ratio=max(COSTS.spread_ratio, 0.01 / one.entry),
        impact_ratio=COSTS.impact_ratio,
    ).cost_r
