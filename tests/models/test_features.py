"""The twelve features against a plain reading of their definitions."""

import math
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.candle import Timeframe
from engine.domain.setup import Direction, Setup, SmcContext
from engine.smc.detector import Detector
from engine.smc.params import DetectorParams
from models.confidence import INTERCEPT, NEUTRAL, WEIGHTS
from models.feature_table import features, frame_of
from models.features import CONTEXT, costs, features_of, inputs_of, matrix_of
from models.schema import SMC12_V1
from tests.models.strategies import QUARTERS, setups
from tests.shared import shared_path
from tests.storage import samples

RANGES = {feature.name: feature for feature in SMC12_V1.features}


def _ratio_log(c: SmcContext) -> float:
    effort = c.quote_volume / c.mean_quote_volume_20 if c.mean_quote_volume_20 > 0 else 1.0
    result = c.true_range / c.atr
    if effort <= 0:
        return -3.0
    if result <= 0:
        return 3.0
    quotient = effort / result
    return math.log(quotient) if quotient > 0 else -3.0


def _plain(setup: Setup) -> list[float]:
    """The definitions, read one by one in plain Python."""
    c, d = setup.context, setup.direction.value
    trend, against = c.breaks_with_trend, c.breaks_against_trend
    pool = c.nearest_opposing_pool
    candles = 120.0
    if pool is not None and c.mean_abs_change_20 > 0:
        candles = abs(pool - c.close) / c.mean_abs_change_20
    gap, far, block = c.gap_near_edge, c.gap_far_edge, c.block_near_edge
    raw = {
        "market_structure": min(trend, 3) / 3 if trend else -min(against, 3) / 3,
        "order_blocks_count": min(c.live_order_blocks_near, 5) / 5,
        "institutional_candle": c.best_body_5 / c.atr,
        "liquidity_grab": c.sweep_depth / c.atr * math.exp(-c.sweep_age_candles / 10),
        "fvg_size_atr": 0.0 if gap is None or far is None else abs(gap - far) / c.atr,
        "fvg_proximity": 5.0 if gap is None else d * (c.close - gap) / c.atr,
        "ob_proximity": 5.0 if block is None else d * (c.close - block) / c.atr,
        "atr_normalized_volume": _ratio_log(c),
        "rsi_14": c.rsi / 100 if d > 0 else 1 - c.rsi / 100,
        "momentum_atr": d * (c.close - c.close_10_ago) / c.atr,
        "time_to_next_level": candles / 120,
    }
    clipped = {n: min(max(v, RANGES[n].low), RANGES[n].high) for n, v in raw.items()}
    total = INTERCEPT + sum(WEIGHTS[n] * (v - NEUTRAL[n]) for n, v in clipped.items())
    return [*clipped.values(), 1 / (1 + math.exp(-total))]


@given(st.lists(setups(), max_size=6))
@settings(max_examples=50)
def test_features_when_setups_are_arbitrary_equal_the_definitions(found: list[Setup]) -> None:
    matrix = matrix_of(found)
    assert matrix.shape == (len(found), 12)
    assert matrix.dtype == np.float32
    assert np.isfinite(matrix).all()
    for row, setup in zip(matrix, found, strict=True):
        np.testing.assert_allclose(row, _plain(setup), rtol=1e-5, atol=1e-6)
    for column, feature in zip(matrix.T, SMC12_V1.features, strict=True):
        assert ((column >= np.float32(feature.low)) & (column <= np.float32(feature.high))).all()


@given(st.lists(setups(), min_size=2, max_size=40), st.randoms(use_true_random=False))
@settings(max_examples=25)
def test_features_when_batch_differs_are_bit_for_bit_the_same(
    found: list[Setup], random: np.random.Generator
) -> None:
    whole = matrix_of(found)
    order = list(range(len(found)))
    random.shuffle(order)
    shuffled = matrix_of([found[n] for n in order])
    assert shuffled.tobytes() == whole[order].tobytes()
    assert matrix_of(found[:1]).tobytes() == whole[:1].tobytes()


@given(setups(QUARTERS))
@settings(max_examples=30)
def test_features_when_market_is_mirrored_are_the_same(setup: Setup) -> None:
    c = setup.context
    axis = 2 * c.close

    def mirror(price: float | None) -> float | None:
        return None if price is None else axis - price

    mirrored = replace(
        setup,
        direction=Direction(-setup.direction),
        context=replace(
            c,
            gap_near_edge=mirror(c.gap_near_edge),
            gap_far_edge=mirror(c.gap_far_edge),
            block_near_edge=mirror(c.block_near_edge),
            block_far_edge=mirror(c.block_far_edge),
            nearest_opposing_pool=mirror(c.nearest_opposing_pool),
            close_10_ago=axis - c.close_10_ago,
            rsi=100.0 - c.rsi,
        ),
    )
    one, other = matrix_of([setup, mirrored])
    np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("changes", "feature", "expected"),
    [
        ({"mean_quote_volume_20": 0.0, "true_range": 0.5}, "atr_normalized_volume", 0.0),
        ({"quote_volume": 0.0}, "atr_normalized_volume", -3.0),
        ({"true_range": 0.0}, "atr_normalized_volume", 3.0),
        ({"quote_volume": 0.0, "true_range": 0.0}, "atr_normalized_volume", -3.0),
        ({"nearest_opposing_pool": None}, "time_to_next_level", 1.0),
        ({"mean_abs_change_20": 0.0}, "time_to_next_level", 1.0),
        ({"gap_near_edge": None, "gap_far_edge": None}, "fvg_size_atr", 0.0),
        ({"gap_near_edge": None, "gap_far_edge": None}, "fvg_proximity", 5.0),
        ({"block_near_edge": None, "block_far_edge": None}, "ob_proximity", 5.0),
        ({"sweep_depth": 0.0, "sweep_age_candles": 0}, "liquidity_grab", 0.0),
        ({"best_body_5": -0.3}, "institutional_candle", 0.0),
        ({"breaks_with_trend": 0, "breaks_against_trend": 7}, "market_structure", -1.0),
    ],
)
def test_feature_when_at_an_edge_case_is_as_specified(
    changes: dict[str, object], feature: str, expected: float
) -> None:
    (row,) = matrix_of([samples.setup(context=samples.context(**changes))])
    assert row[SMC12_V1.names.index(feature)] == pytest.approx(expected)


def test_matrix_when_there_are_no_setups_has_no_rows() -> None:
    assert matrix_of([]).shape == (0, 12)
    assert matrix_of([]).dtype == np.float32


def test_inputs_when_asked_are_numbers_of_the_setup_alone() -> None:
    assert set(inputs_of(SMC12_V1)) <= {"direction", *CONTEXT}
    assert "range_position" not in inputs_of(SMC12_V1), "no feature reads it"


def test_features_when_a_column_is_missing_fail_by_its_name() -> None:
    with pytest.raises(KeyError, match="atr"):
        features_of({"direction": np.ones(1)})


def test_costs_when_the_stop_is_near_are_a_large_part_of_the_risk() -> None:
    near = costs(np.array([100.0, 100.0]), np.array([99.0, 101.0]), 0.001)
    assert near.tolist() == pytest.approx([0.1, 0.1])


def test_features_when_values_are_zero_carry_no_sign() -> None:
    short = samples.setup(direction=Direction.SHORT)
    level = replace(short, context=replace(short.context, close_10_ago=short.context.close))
    (row,) = matrix_of([level])
    at = SMC12_V1.names.index("momentum_atr")
    assert row[at] == 0.0
    assert not np.signbit(row[at])


def test_features_when_setups_are_real_are_equal_live_and_on_disk(tmp_path: Path) -> None:
    path = shared_path("data/klines_1m/um_2025-01.parquet")
    candles = (
        pl.scan_parquet(path)
        .filter(pl.col("symbol") == "BTCUSDT")
        .select(
            pl.col("open_time").dt.epoch("ms"),
            "open",
            "high",
            "low",
            "close",
            "volume",
            quote=pl.col("volume") * pl.col("close"),
        )
        .head(12_000)
        .collect()
        .rows()
    )
    assert all(b[0] - a[0] == 60_000 for a, b in pairwise(candles))
    detector = Detector("BTCUSDT", Timeframe.M1, DetectorParams())
    found = [setup for candle in candles for setup in detector.step(*candle).setups]
    assert len(found) > 20
    live = np.vstack([matrix_of([setup]) for setup in found])
    stored = tmp_path / "setups.parquet"
    frame_of(found).write_parquet(stored)
    kept = features(pl.read_parquet(stored)).to_numpy()
    assert np.ascontiguousarray(kept).tobytes() == live.tobytes()
    for row, setup in zip(live, found, strict=True):
        np.testing.assert_allclose(row, _plain(setup), rtol=1e-5, atol=1e-6)
