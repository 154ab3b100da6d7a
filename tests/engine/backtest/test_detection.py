"""Setups in bulk against the same detector stepped candle by candle."""

import numpy as np
import pytest

from engine.backtest.detection import detect_all, load_machine_code
from engine.backtest.scoring import setups_of
from engine.backtest.series import SymbolSeries
from engine.domain.candle import Timeframe
from engine.domain.setup import Setup
from engine.smc.detector import Detector
from engine.smc.frame import can_compile
from engine.smc.params import DetectorParams
from engine.smc.timeframes import TimeframeBuilder
from tests.builders import instrument
from tests.engine.backtest.markets import wandering

PARAMS = DetectorParams()
FRAMES = (Timeframe.M1, Timeframe.M5)
TICK = instrument("AAAUSDT")


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
    made = [one for part in found for one in setups_of(part, PARAMS, range(len(part.rows)))]
    expected = stepped(series)
    assert len(expected) > 20
    assert {one.timeframe for one in expected} == set(FRAMES)
    assert sorted(made, key=lambda one: (one.proved_at_ms, one.timeframe.ms)) == expected
    assert told == [len(series)]


def test_detection_when_nothing_is_recorded_finds_nothing() -> None:
    few = wandering(seed=1, minutes=3)
    found = detect_all([few], {"AAAUSDT": TICK}, PARAMS, FRAMES, compiled=False)
    assert [len(part.rows) for part in found] == [0] * len(found)
    assert found


def test_detection_when_threads_share_it_finds_the_same_in_the_same_order(
    series: SymbolSeries,
) -> None:
    many = [wandering(seed=4, minutes=1_500, symbol=name) for name in ("AAAUSDT", "BBBUSDT")]
    instruments = {one.symbol: instrument(one.symbol) for one in many}
    one, two = (
        detect_all(many, instruments, PARAMS, FRAMES, compiled=can_compile(), threads=threads)
        for threads in (1, 2)
    )
    assert [(part.symbol, part.timeframe) for part in one] == [
        (part.symbol, part.timeframe) for part in two
    ]
    for first, second in zip(one, two, strict=True):
        np.testing.assert_array_equal(first.rows, second.rows)
        np.testing.assert_array_equal(first.times, second.times)


def test_machine_code_when_loaded_before_changes_nothing(series: SymbolSeries) -> None:
    load_machine_code(PARAMS)
    compiled, plain = (
        detect_all([series], {"AAAUSDT": TICK}, PARAMS, FRAMES, compiled=how)
        for how in (can_compile(), False)
    )
    for one, other in zip(compiled, plain, strict=True):
        np.testing.assert_array_equal(one.rows, other.rows)
