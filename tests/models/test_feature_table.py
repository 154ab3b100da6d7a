"""Tables of setups: their columns, and features that are those of the live process bit for bit."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.candle import Timeframe
from engine.domain.setup import Direction, MarketContext, Recipe, Setup
from models import feature_table
from models.feature_table import (
    COLUMNS,
    MARKET_COLUMNS,
    features,
    frame_of,
    is_among,
    table_matrix,
)
from models.features import matrix_of
from models.schema import SMC12_V1, SMC_V2
from tests.models.strategies import setups
from tests.storage import samples

COST = 0.0013


@given(st.lists(setups(of_all_kinds=True), max_size=12))
@settings(max_examples=40)
def test_table_matrix_when_setups_are_arbitrary_is_bit_for_bit_the_live_one(
    found: list[Setup],
) -> None:
    frame = frame_of(found)
    assert table_matrix(frame).tobytes() == matrix_of(found).tobytes()
    live = matrix_of(found, SMC_V2, COST)
    assert table_matrix(frame, SMC_V2, COST).tobytes() == live.tobytes()


def many(count: int) -> list[Setup]:
    return [
        samples.setup(
            f"S{n}USDT",
            direction=Direction.LONG if n % 3 else Direction.SHORT,
            context=samples.context(
                rsi=float(n % 101),
                atr=0.1 + n / 999,
                gap_near_edge=None if n % 5 == 0 else 99.5 + n / 500,
                quote_volume=float(n),
            ),
        )
        for n in range(count)
    ]


def test_features_when_read_from_parquet_in_slices_are_bit_for_bit_the_live_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feature_table, "_AT_ONCE", 128)
    found = many(1000)
    path = tmp_path / "setups.parquet"
    frame_of(found).write_parquet(path, row_group_size=100)
    kept = features(pl.read_parquet(path))
    assert kept.columns == list(SMC12_V1.names)
    assert set(kept.dtypes) == {pl.Float32()}
    assert np.ascontiguousarray(kept.to_numpy()).tobytes() == matrix_of(found).tobytes()


def test_features_when_the_table_has_costs_and_none_are_given_read_them() -> None:
    frame = frame_of(many(3)).with_columns(cost_r=pl.lit(0.25))
    assert features(frame, SMC_V2)["cost_to_risk"].to_list() == [0.25] * 3
    assert features(frame, SMC_V2, COST)["cost_to_risk"].to_list() != [0.25] * 3


def test_features_when_a_quantity_is_unknown_are_null_and_not_nan() -> None:
    made = features(frame_of([samples.setup(market=None)]), SMC_V2, COST)
    assert made["market_breadth"].null_count() == 1
    assert not made["market_breadth"].is_nan().any()


def test_frame_when_empty_keeps_columns_and_types() -> None:
    assert frame_of([]).schema == pl.Schema({**COLUMNS, **MARKET_COLUMNS})
    assert features(frame_of([])).shape == (0, 12)


def test_frame_when_built_carries_identity_and_geometry() -> None:
    row = frame_of([samples.setup(direction=Direction.SHORT, timeframe=Timeframe.M5)]).row(
        0, named=True
    )
    assert (row["direction"], row["timeframe"], row["recipe"]) == (-1, "5m", "sweep_bos_retest")
    assert (row["entry"], row["stop"], row["target"]) == (100.0, 101.0, 98.0)


def test_frame_when_built_carries_the_market() -> None:
    market = MarketContext(
        symbol_return_15m=0.01,
        symbol_return_60m=None,
        market_return_15m=0.0,
        market_return_60m=0.0,
        btc_return_15m=-0.002,
        breadth_15m=0.6,
    )
    row = frame_of([samples.setup(market=market), samples.setup()]).rows(named=True)
    assert (row[0]["symbol_return_15m"], row[0]["breadth_15m"]) == (0.01, 0.6)
    assert row[0]["symbol_return_60m"] is row[1]["breadth_15m"] is None


def test_is_among_when_recipe_and_timeframe_differ_needs_both() -> None:
    frame = frame_of(
        [
            samples.setup(timeframe=Timeframe.M1),
            samples.setup(timeframe=Timeframe.M5),
            samples.setup(recipe=Recipe.OB_RETEST),
        ]
    )
    assert is_among(frame, {"sweep_bos_retest"}, {"1m"}).tolist() == [True, False, False]
    assert is_among(frame, (), ("1m",)).tolist() == [False] * 3
