"""Tests of engine/smc/detector.py."""

import math
import random

import numpy as np
import pytest

from engine.domain.candle import Timeframe
from engine.domain.errors import InvalidCandles
from engine.domain.setup import EvidenceKind, Recipe, Setup
from engine.smc.detector import NOTHING, Detector, Scratch
from engine.smc.frame import CandleArrays, can_compile, detect_frame
from engine.smc.params import DetectorParams
from engine.smc.setup_row import COLUMNS
from tests.oracle.smc_series import Row, arrays, real, walk

PARAMS = DetectorParams(recipes=tuple(Recipe))
MINUTE = 60_000


def run(detector: Detector, rows: list[Row], first_ms: int = 0) -> list[Setup]:
    setups: list[Setup] = []
    for t, row in enumerate(rows):
        setups += detector.step(first_ms + t * MINUTE, *row[:4], 0.0, row.quote).setups
    return setups


def test_step_when_nothing_happens_returns_the_shared_empty_step() -> None:
    detector = Detector("BTCUSDT", Timeframe.M1, PARAMS)
    assert detector.step(0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0) is NOTHING
    assert (detector.candles, detector.next_open_time_ms) == (1, MINUTE)


def test_step_when_before_the_first_candle_expects_nothing() -> None:
    detector = Detector("BTCUSDT", Timeframe.H1, PARAMS)
    assert detector.next_open_time_ms is None
    detector.step(7_200_000, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0)
    assert detector.next_open_time_ms == 10_800_000


@pytest.mark.parametrize("time_ms", [0, 59_999, 120_000])
def test_step_when_the_candle_does_not_follow_refuses_and_changes_nothing(time_ms: int) -> None:
    detector = Detector("BTCUSDT", Timeframe.M1, PARAMS)
    detector.step(0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0)
    with pytest.raises(InvalidCandles, match=f"candle at {time_ms} does not follow, expected 60"):
        detector.step(time_ms, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0)
    assert detector.candles == 1


@pytest.mark.parametrize(
    "prices",
    [
        (1.0, 0.9, 0.8, 0.9),
        (1.0, 1.0, 1.1, 1.0),
        (1.0, 2.0, 0.5, 2.1),
        (math.nan, 2.0, 0.5, 1.0),
        (1.0, math.inf, 0.5, 1.0),
        (1.0, 2.0, math.nan, 1.0),
    ],
)
def test_step_when_prices_are_no_candle_refuses(prices: tuple[float, float, float, float]) -> None:
    detector = Detector("BTCUSDT", Timeframe.M1, PARAMS)
    with pytest.raises(InvalidCandles, match="candle at 0 has open"):
        detector.step(0, *prices, 0.0, 0.0)
    assert detector.candles == 0


def test_setups_when_detected_live_equal_the_rows_of_research() -> None:
    rows = walk(9, 4_000)
    first_ms = 1_700_000_040_000
    setups = run(Detector("BTCUSDT", Timeframe.M1, PARAMS), rows, first_ms)
    found = detect_frame(arrays(rows), PARAMS, compiled=False)
    assert len(setups) == len(found.setups) > 50
    for setup, value in zip(setups, found.setups.tolist(), strict=True):
        column = dict(zip(COLUMNS, value, strict=True))
        proving_ms = first_ms + int(column["bar"]) * MINUTE
        assert setup.proved_at_ms == proving_ms + MINUTE
        assert setup.setup_id.endswith(f"-{proving_ms}")
        assert (setup.entry, setup.stop) == (column["entry"], column["stop"])
        assert setup.context.atr == column["atr"]


def test_evidence_when_made_matches_events_told_before() -> None:
    detector = Detector("BTCUSDT", Timeframe.M1, PARAMS)
    told: set[tuple[EvidenceKind, int, int]] = set()
    checked = 0
    for t, row in enumerate(walk(10, 3_000)):
        step = detector.step(t * MINUTE, *row[:4], 0.0, row.quote)
        for event in step.events:
            on_bar = event.kind in {EvidenceKind.SWING, EvidenceKind.OB, EvidenceKind.FVG}
            bar = event.bar if on_bar else event.known_at
            told.add((event.kind, bar, event.direction))
        for setup in step.setups:
            for item in setup.evidence:
                checked += 1
                assert (item.kind, item.open_time_ms // MINUTE, int(item.direction)) in told
    assert checked > 100


def test_detectors_when_they_share_scratch_do_not_disturb_each_other() -> None:
    scratch = Scratch(PARAMS)
    series = [walk(seed, 1_500) for seed in (1, 2)]
    shared = [Detector(f"S{n}USDT", Timeframe.M1, PARAMS, scratch=scratch) for n in (0, 1)]
    together: list[list[Setup]] = [[], []]
    for t in range(1_500):
        for n, detector in enumerate(shared):
            row = series[n][t]
            together[n] += detector.step(t * MINUTE, *row[:4], 0.0, row.quote).setups
    for n, rows in enumerate(series):
        assert together[n] == run(Detector(f"S{n}USDT", Timeframe.M1, PARAMS), rows)
        assert together[n]


def test_evictions_when_asked_start_at_zero() -> None:
    assert sum(Detector("BTCUSDT", Timeframe.M1, PARAMS).evictions) == 0


# A detector started 499 candles ago against one that has seen everything.

Proof = tuple[float, ...]
BARS = {name for name in COLUMNS if name == "bar" or name.endswith(("_bar", "_pivot"))}


def setups_by_key(candles: CandleArrays, shift: int, params: DetectorParams) -> dict[Proof, Proof]:
    found = detect_frame(candles, params, compiled=can_compile())
    table = {}
    for value in found.setups.tolist():
        moved = tuple(
            x + shift if name in BARS and x >= 0 else x
            for name, x in zip(COLUMNS, value, strict=True)
        )
        table[moved[:3]] = moved
    return table


def differing(mine: Proof, theirs: Proof) -> set[str]:
    """Return the columns that differ by more than the forgetting of Wilder's first mean."""
    return {
        name
        for name, x, y in zip(COLUMNS, mine, theirs, strict=True)
        if not (math.isnan(x) and math.isnan(y)) and not math.isclose(x, y, rel_tol=1e-9)
    }


def compare_late_starts(rows: list[Row], starts: int, params: DetectorParams) -> tuple[int, int]:
    """Return how many Setups were compared and how many fields differ, from candle 401 on."""
    candles = arrays(rows)
    whole = setups_by_key(candles, 0, params)
    compared = differences = 0
    for first in random.Random(17).sample(range(len(rows) - 900), starts):
        window = slice(first, first + 900)
        part = CandleArrays(
            open=candles.open[window],
            high=candles.high[window],
            low=candles.low[window],
            close=candles.close[window],
            quote_volume=candles.quote_volume[window],
        )
        since = first + 400
        late = {k: v for k, v in setups_by_key(part, first, params).items() if k[0] >= since}
        early = {k: v for k, v in whole.items() if since <= k[0] < first + 900}
        assert late.keys() == early.keys()
        compared += len(late)
        differences += sum(len(differing(late[key], early[key])) for key in late)
    return compared, differences


def test_detector_when_started_late_on_synthetic_candles_sees_the_same_setups() -> None:
    compared, differences = compare_late_starts(walk(55, 12_000), 40, DetectorParams())
    assert compared > 200
    assert differences == 0


@pytest.mark.parametrize(
    ("file", "symbol"),
    [
        ("um_2025-05", "ADAUSDT"),
        ("um_2025-05", "BTCUSDT"),
        ("um_2023-07", "EOSUSDT"),
        ("spot_2020-05", "MCOUSDT"),
    ],
)
def test_detector_when_started_late_on_real_candles_sees_the_same_setups(
    file: str, symbol: str
) -> None:
    compared, differences = compare_late_starts(real(file, symbol, 0, 30_000), 50, DetectorParams())
    assert compared > 200
    assert differences == 0


@pytest.mark.prove
def test_detector_when_started_late_with_every_recipe_differs_only_in_a_long_gone_sweep() -> None:
    """The latest sweep may be 400 candles old and its pool as much older: it weighs e^-40."""
    rows = real("um_2025-05", "ADAUSDT", 0, 40_000)
    compared, differences = compare_late_starts(rows, 200, PARAMS)
    assert compared > 2_000
    assert differences <= compared // 100


def test_resampled_step_when_numpy_floats_come_in_gives_equal_setups() -> None:
    rows = walk(12, 800)
    numpy_rows = [Row(*np.array(row)) for row in rows]
    plain = run(Detector("BTCUSDT", Timeframe.M1, PARAMS), rows)
    assert plain == run(Detector("BTCUSDT", Timeframe.M1, PARAMS), numpy_rows)
    assert plain
