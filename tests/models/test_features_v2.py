"""What `smc.v2` adds, against a plain reading of the definitions."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.candle import Timeframe
from engine.domain.setup import Direction, MarketContext, Recipe, Setup
from models.features import inputs_of, matrix_of, reads_market
from models.features_v2 import raw_v2
from models.schema import SMC12_V1, SMC_V2
from tests.models.strategies import QUARTERS, setups
from tests.storage import samples

COST = 0.0013
TWELVE = len(SMC12_V1.features)
EXTRA = SMC_V2.names[TWELVE:]
RANGES = {feature.name: feature for feature in SMC_V2.features}
NAN = float("nan")


def plain(setup: Setup) -> list[float]:
    """The definitions, read one by one in plain Python; NaN where something is unknown."""
    c, d, m = setup.context, setup.direction.value, setup.market

    def known(*values: float | None) -> bool:
        return all(value is not None for value in values)

    def relative(own: float | None, market: float | None) -> float:
        return d * (own - market) * c.close / c.atr if known(own, market) else NAN

    def since(before: float | None) -> float:
        return d * (c.close - before) / c.atr if before is not None else NAN

    ahead, behind = c.high_400, c.low_400
    if d < 0:
        ahead, behind = behind, ahead
    mean = c.mean_true_range_400
    stop = abs(setup.entry - setup.stop)
    raw = {
        "stop_atr": stop / c.atr,
        "log_atr_price": math.log(c.atr / c.close),
        "cost_to_risk": COST * setup.entry / stop,
        "volatility_regime": math.log(c.atr / mean) if mean is not None else NAN,
        "range_ahead_atr": d * (ahead - c.close) / c.atr if ahead is not None else NAN,
        "range_behind_atr": d * (c.close - behind) / c.atr if behind is not None else NAN,
        "return_15_atr": since(c.close_15_ago),
        "return_60_atr": since(c.close_60_ago),
        "relative_15m_atr": relative(m.symbol_return_15m, m.market_return_15m) if m else NAN,
        "relative_60m_atr": relative(m.symbol_return_60m, m.market_return_60m) if m else NAN,
        "btc_15m_pct": 100 * d * m.btc_return_15m if m and known(m.btc_return_15m) else NAN,
        "market_breadth": NAN,
        "recipe_id": list(Recipe).index(setup.recipe),
        "timeframe_id": list(Timeframe).index(setup.timeframe),
    }
    if m is not None and m.breadth_15m is not None:
        raw["market_breadth"] = m.breadth_15m if d > 0 else 1 - m.breadth_15m
    return [
        value if math.isnan(value) else min(max(value, RANGES[name].low), RANGES[name].high)
        for name, value in raw.items()
    ]


@given(st.lists(setups(of_all_kinds=True), max_size=6))
@settings(max_examples=60)
def test_features_when_setups_are_arbitrary_equal_the_definitions(found: list[Setup]) -> None:
    matrix = matrix_of(found, SMC_V2, COST)
    assert matrix.shape == (len(found), len(SMC_V2.features))
    assert matrix.dtype == np.float32
    assert np.array_equal(matrix[:, :TWELVE], matrix_of(found)), "the twelve are those of v1"
    for row, setup in zip(matrix[:, TWELVE:], found, strict=True):
        # Doubled prices far larger than the range cancel each other's digits.
        scale = max(1.0, abs(setup.context.close) / setup.context.atr)
        np.testing.assert_allclose(row, plain(setup), rtol=1e-5, atol=1e-6 + 1e-14 * scale)
    for column, feature in zip(matrix.T, SMC_V2.features, strict=True):
        inside = (column >= np.float32(feature.low)) & (column <= np.float32(feature.high))
        assert (inside | np.isnan(column)).all(), feature.name


@given(
    st.lists(setups(of_all_kinds=True), min_size=2, max_size=30), st.randoms(use_true_random=False)
)
@settings(max_examples=20)
def test_features_when_batch_differs_are_bit_for_bit_the_same(
    found: list[Setup], random: np.random.Generator
) -> None:
    whole = matrix_of(found, SMC_V2, COST)
    order = list(range(len(found)))
    random.shuffle(order)
    shuffled = matrix_of([found[n] for n in order], SMC_V2, COST)
    assert shuffled.tobytes() == whole[order].tobytes()
    assert matrix_of(found[:1], SMC_V2, COST).tobytes() == whole[:1].tobytes()


@given(setups(QUARTERS, of_all_kinds=True))
@settings(max_examples=40)
def test_features_when_market_is_mirrored_are_the_same(setup: Setup) -> None:
    c, m = setup.context, setup.market
    axis = 2 * c.close

    def mirror(price: float | None) -> float | None:
        return None if price is None else axis - price

    def against(value: float | None) -> float | None:
        return None if value is None else -value

    context = replace(
        c,
        high_400=mirror(c.low_400),
        low_400=mirror(c.high_400),
        close_15_ago=mirror(c.close_15_ago),
        close_60_ago=mirror(c.close_60_ago),
    )
    market = m and MarketContext(
        symbol_return_15m=against(m.symbol_return_15m),
        symbol_return_60m=against(m.symbol_return_60m),
        market_return_15m=against(m.market_return_15m),
        market_return_60m=against(m.market_return_60m),
        btc_return_15m=against(m.btc_return_15m),
        breadth_15m=None if m.breadth_15m is None else 1.0 - m.breadth_15m,
    )
    mirrored = replace(setup, direction=Direction(-setup.direction), context=context, market=market)
    one, other = matrix_of([setup, mirrored], SMC_V2, COST)[:, TWELVE:]
    np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-6)


def test_features_when_the_market_is_unknown_are_nan_and_no_others() -> None:
    (row,) = matrix_of([samples.setup(market=None)], SMC_V2, COST)
    named = dict(zip(SMC_V2.names, row.tolist(), strict=True))
    unknown = {name for name, value in named.items() if math.isnan(value)}
    # The sample was journalled before the history of 400 candles existed.
    assert unknown == set(EXTRA) - {
        "stop_atr",
        "log_atr_price",
        "cost_to_risk",
        "recipe_id",
        "timeframe_id",
    }


@pytest.mark.parametrize(
    ("changes", "feature", "expected"),
    [
        ({"high_400": 103.0, "low_400": 98.0}, "range_ahead_atr", 6.0),
        ({"high_400": 103.0, "low_400": 98.0}, "range_behind_atr", 4.0),
        ({"high_400": 100.0, "low_400": 98.0}, "range_ahead_atr", 0.0),
        ({"mean_true_range_400": 0.5}, "volatility_regime", 0.0),
        ({"mean_true_range_400": 0.0}, "volatility_regime", 3.0),
        ({"close_60_ago": None}, "return_60_atr", NAN),
        ({"close_60_ago": 98.0}, "return_60_atr", 4.0),
    ],
)
def test_feature_when_at_an_edge_case_is_as_specified(
    changes: dict[str, object], feature: str, expected: float
) -> None:
    setup = samples.setup(context=samples.context(**changes))
    (row,) = matrix_of([setup], SMC_V2, COST)
    assert row[SMC_V2.names.index(feature)] == pytest.approx(expected, nan_ok=True)


def test_formulas_when_worked_out_make_what_the_schema_adds() -> None:
    columns = {name: np.ones(3) for name in inputs_of(SMC_V2)}
    made = raw_v2(columns)
    assert tuple(made) == EXTRA
    assert {len(column) for column in made.values()} == {3}


def test_inputs_when_a_schema_needs_no_market_leave_it_out() -> None:
    assert reads_market(SMC_V2)
    assert not reads_market(SMC12_V1)
    assert {"cost_r", "breadth_15m", "timeframe"} <= set(inputs_of(SMC_V2))
    assert "cost_r" not in inputs_of(SMC12_V1)
    assert "range_position" not in inputs_of(SMC_V2), "no feature reads it"
