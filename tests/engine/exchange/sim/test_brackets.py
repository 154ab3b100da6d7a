from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.exchange.sim.brackets import (
    bracket_for,
    build_brackets,
    default_brackets,
    maintenance_margin,
    max_leverage,
    max_notional,
)
from tests.engine.exchange.sim.shapes import assert_same_shape, official, sample

bases = st.sampled_from(["BTC", "SOL", "PEPE"])


@given(bases, st.integers(0, 2_000_000_000))
def test_maintenance_when_notional_grows_is_continuous_and_rising(base: str, notional: int) -> None:
    table = default_brackets(base)
    here = maintenance_margin(table, Decimal(notional))
    there = maintenance_margin(table, Decimal(notional + 1))
    assert 0 <= here < there <= here + 1


@given(bases)
def test_table_when_leverage_falls_allows_more(base: str) -> None:
    table = default_brackets(base)
    caps = [max_notional(table, leverage) for leverage in range(max_leverage(table), 0, -1)]
    assert caps == sorted(caps)
    assert caps[-1] == table[-1].notional_cap


def test_max_notional_when_leverage_is_beyond_the_table_is_zero() -> None:
    assert max_notional(default_brackets("PEPE"), 76) == 0


def test_bracket_when_notional_is_beyond_the_last_cap_is_the_last() -> None:
    table = default_brackets("PEPE")
    assert bracket_for(table, Decimal(10**12)) is table[-1]
    assert bracket_for(table, Decimal(5_000)) is table[0]
    assert bracket_for(table, Decimal("5000.01")) is table[1]


@pytest.mark.parametrize("symbol", ["BTCUSDT", "SOLUSDT", "1000PEPEUSDT"])
def test_deductions_when_rebuilt_from_a_real_table_equal_its_own(symbol: str) -> None:
    table = sample("../../data/meta/um_leverageBracket_2026.json")
    rows = next(row["brackets"] for row in table if row["symbol"] == symbol)
    steps = [
        (row["initialLeverage"], int(row["notionalCap"]), str(row["maintMarginRatio"]))
        for row in rows
    ]
    built = build_brackets(steps)
    assert [float(b.cum) for b in built] == [row["cum"] for row in rows]
    assert [float(b.notional_floor) for b in built] == [row["notionalFloor"] for row in rows]


def test_row_when_compared_with_the_official_example_has_its_shape() -> None:
    theirs = official("rest_leverageBracket")[0]["brackets"][0]
    assert_same_shape(default_brackets("BTC")[0].row(), theirs)
