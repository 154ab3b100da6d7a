"""Tests of models/symbol_rows.py."""

import numpy as np
import polars as pl
import pytest

from engine.domain.candle import Timeframe
from engine.domain.errors import InvalidCandles
from models.dataset_rules import Counts, DatasetRules
from models.labels import FundingHistory
from models.symbol_rows import rows_of
from tests.models.sources import MINUTE_MS, T0, market

RULES = DatasetRules(timeframes=(Timeframe.M1, Timeframe.M5), warm_up=50)


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


def test_rows_when_prices_are_broken_name_the_row() -> None:
    broken = market(1, 100).with_columns(high=pl.lit(1.0))
    with pytest.raises(InvalidCandles, match="row 0 is no candle"):
        rows_of(broken, "A", "s", RULES, Counts())
