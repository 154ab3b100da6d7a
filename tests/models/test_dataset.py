"""Tests of models/dataset.py."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from engine.domain.candle import Timeframe
from engine.domain.errors import InvalidCandles
from engine.domain.setup import Setup
from engine.smc.detector import Detector
from engine.smc.params import DetectorParams
from engine.smc.timeframes import TimeframeBuilder
from models.dataset import (
    Counts,
    DatasetRules,
    build,
    load_rows,
    rows_of,
)
from models.features import matrix_of
from models.label_rules import LabelRules
from models.labels import FundingHistory
from models.schema import SMC12_V1
from models.trade_paths import NOT_ENTERED
from storage.candle_sources import open_sources
from tests.models.sources import MINUTE_MS, T0, RandomSource, market
from tests.shared import shared_path

RULES = DatasetRules(timeframes=(Timeframe.M1, Timeframe.M5), warm_up=50)


def live_setups(candles: pl.DataFrame, symbol: str, params: DetectorParams) -> list[Setup]:
    """Step the live detectors over the minutes and return every setup of 1m and 5m."""
    minute = Detector(symbol, Timeframe.M1, params)
    five = Detector(symbol, Timeframe.M5, params)
    builder = TimeframeBuilder(Timeframe.M5)
    found: list[Setup] = []
    names = ("open", "high", "low", "close", "quote_volume")
    times = candles["open_time"].dt.epoch("ms").to_list()
    for time_ms, o, h, low, c, q in zip(times, *(candles[n].to_list() for n in names), strict=True):
        found += minute.step(time_ms, o, h, low, c, 0.0, q).setups
        built = builder.add(time_ms, o, h, low, c, 0.0, q)
        if built is not None:
            found += five.step(*built).setups
    return found


def assert_equal_to_live(candles: pl.DataFrame, symbol: str, tmp_path: Path) -> None:
    rows_of(candles, symbol, "live", RULES, Counts()).write_parquet(tmp_path / "part-0.parquet")
    rows = load_rows(tmp_path)
    by_id = {setup.setup_id: setup for setup in live_setups(candles, symbol, RULES.params)}
    setups = [by_id[setup_id] for setup_id in rows["setup_id"]]
    difference = rows.select(SMC12_V1.names).to_numpy() - matrix_of(setups)
    assert np.abs(difference).max() <= 1e-6
    for column in ("entry", "stop", "target", "proved_at_ms"):
        assert rows[column].to_list() == [getattr(setup, column) for setup in setups]
    assert set(rows["timeframe"]) == {"1m", "5m"}


def test_rows_when_compared_with_the_live_path_have_equal_features(tmp_path: Path) -> None:
    assert_equal_to_live(market(1, 6_000), "AUSDT", tmp_path)


def test_rows_when_made_of_real_candles_have_the_live_features(tmp_path: Path) -> None:
    (source,) = open_sources([shared_path("data/klines_1m/um_2025-05.parquet")])
    candles = source.candles(source.symbols()[0]).slice(10_000, 7_000)
    assert_equal_to_live(candles, "REALUSDT", tmp_path)


def test_build_when_done_writes_a_row_for_each_resolved_setup(tmp_path: Path) -> None:
    seen: list[tuple[int, int, str]] = []
    counts = build(
        [RandomSource()], tmp_path / "set", RULES, progress=lambda *told: seen.append(told)
    )
    rows = load_rows(tmp_path / "set")
    assert counts.candles == 12_000
    assert counts.rows == len(rows) > 50
    assert counts.setups == counts.rows + counts.narrow + counts.not_entered + counts.unresolved
    assert counts.unresolved > 0
    assert rows["outcome"].max() < NOT_ENTERED  # type: ignore[operator]
    assert rows.null_count().sum_horizontal()[0] == 0
    assert rows["proved_at_ms"].is_sorted()
    assert seen[0] == (0, 2, "random AUSDT")
    assert seen[-1][:2] == (2, 2)


def test_build_when_repeated_is_equal(tmp_path: Path) -> None:
    for name in ("a", "b"):
        build([RandomSource(size=3_000)], tmp_path / name, RULES)
    assert load_rows(tmp_path / "a").equals(load_rows(tmp_path / "b"))


def test_labels_when_known_are_later_than_the_setup() -> None:
    rows = rows_of(market(1, 6_000), "AUSDT", "s", RULES, Counts())
    assert (rows["known_at_ms"] > rows["proved_at_ms"]).all()
    life = rows["known_at_ms"] - rows["proved_at_ms"]
    assert life.max() <= Timeframe.M5.ms * 120 + MINUTE_MS  # type: ignore[operator]
    assert (rows["net_r"] < rows["gross_r"]).all()


def test_rows_when_the_future_changes_stay_as_they_were() -> None:
    whole = market(1, 6_000)
    cut = rows_of(whole.head(4_000), "A", "s", RULES, Counts())
    wild = pl.concat([whole.head(4_000), market(9, 2_000, T0 + 4_000 * MINUTE_MS)])
    later = rows_of(wild, "A", "s", RULES, Counts())
    columns = [name for name in cut.columns if not name.startswith("null_")]
    common = later.filter(pl.col("setup_id").is_in(cut["setup_id"].to_list()))
    assert len(cut) > 20
    assert common.select(columns).equals(cut.select(columns))


def test_rows_when_there_is_a_hole_begin_anew_after_it() -> None:
    whole = market(1, 6_000)
    holed = pl.concat([whole.head(3_000), whole.tail(2_990)])
    counts = Counts()
    rows = rows_of(holed, "A", "s", RULES, counts)
    assert counts.holes == 1
    resume = T0 + 3_010 * MINUTE_MS
    assert not rows.filter(
        pl.col("proved_at_ms").is_between(resume, resume + RULES.warm_up * MINUTE_MS)
    ).height
    assert (rows.filter(pl.col("proved_at_ms") < resume)["known_at_ms"] < resume).all()


def test_rows_when_the_symbol_is_tiny_are_none() -> None:
    assert rows_of(market(1, 20), "A", "s", RULES, Counts()).height == 0
    assert rows_of(market(1, 20).head(0), "A", "s", RULES, Counts()).height == 0


def test_rows_when_funding_is_dear_lose_more() -> None:
    funding = FundingHistory(time_ms=T0 + 480 * MINUTE_MS * np.arange(13), rate=np.full(13, 0.001))
    free = rows_of(market(1, 6_000), "A", "s", RULES, Counts())
    paid = rows_of(market(1, 6_000), "A", "s", RULES, Counts(), funding=funding)
    difference = free["net_bps"] - paid["net_bps"]
    assert set(difference.round(6).unique()) >= {10.0, 0.0, -10.0}
    assert free["gross_r"].equals(paid["gross_r"])


def test_rows_when_stops_are_narrow_are_left_out_and_counted() -> None:
    counts = Counts()
    rules = DatasetRules(timeframes=(Timeframe.M1,), warm_up=50, least_stop_ratio=0.004)
    rows = rows_of(market(1, 6_000), "A", "s", rules, counts)
    assert counts.narrow > 0
    assert ((rows["entry"] - rows["stop"]).abs() / rows["entry"]).min() >= 0.004  # type: ignore[operator]


def test_embargo_when_timeframes_are_mixed_covers_the_longest() -> None:
    rules = DatasetRules(timeframes=(Timeframe.M1, Timeframe.M15), labels=LabelRules())
    assert rules.embargo_ms == (120 + 400) * Timeframe.M15.ms


def test_build_when_prices_are_broken_names_the_row(tmp_path: Path) -> None:
    broken = market(1, 100).with_columns(high=pl.lit(1.0))
    with pytest.raises(InvalidCandles, match="row 0 is no candle"):
        rows_of(broken, "A", "s", RULES, Counts())
