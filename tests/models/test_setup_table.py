"""Tests of models/setup_table.py."""

import numpy as np
import polars as pl

from engine.domain.candle import Timeframe
from engine.domain.setup import Recipe
from engine.smc.detector import Detector
from engine.smc.frame import CandleArrays, detect_frame
from engine.smc.params import DetectorParams
from models.feature_table import COLUMNS, frame_of
from models.setup_table import known_recipes, known_timeframes, setup_table
from tests.models.sources import market

PARAMS = DetectorParams(recipes=tuple(Recipe))
NAMES = ("open", "high", "low", "close", "quote_volume")


def test_table_when_compared_with_live_setups_is_equal() -> None:
    candles = market(3, 4_000)
    detector = Detector("AUSDT", Timeframe.M1, PARAMS)
    times = candles["open_time"].dt.epoch("ms")
    live = []
    for time_ms, o, h, low, c, q in zip(times, *(candles[n] for n in NAMES), strict=True):
        live += detector.step(time_ms, o, h, low, c, 0.0, q).setups
    arrays = CandleArrays(**{name: candles[name].to_numpy() for name in NAMES})
    found = detect_frame(arrays, PARAMS, compiled=False)
    table = setup_table(found, "AUSDT", Timeframe.M1, times.to_numpy())
    assert len(table) > 100
    assert table.equals(frame_of(live).select(list(COLUMNS)))
    assert known_recipes(table) == tuple(recipe.value for recipe in Recipe)
    assert table["gap_near_edge"].null_count() > 0


def test_table_when_nothing_was_found_has_its_columns() -> None:
    flat = np.full(30, 1.0)
    found = detect_frame(CandleArrays(**dict.fromkeys(NAMES, flat)), PARAMS)
    table = setup_table(found, "AUSDT", Timeframe.M5, np.arange(30))
    assert dict(table.schema) == COLUMNS
    assert table.height == 0


def test_known_when_rows_are_mixed_are_in_the_order_of_the_domain() -> None:
    rows = pl.DataFrame(
        {"timeframe": ["15m", "1m", "15m"], "recipe": ["ob_retest", "sweep_bos_retest", "x"]}
    )
    assert known_timeframes(rows) == ("1m", "15m")
    assert known_recipes(rows) == ("sweep_bos_retest", "ob_retest")
