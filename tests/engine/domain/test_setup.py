"""Tests of engine/domain/setup.py."""

import dataclasses

import pytest

from engine.domain.candle import Timeframe
from engine.domain.setup import (
    Direction,
    EntryRule,
    Evidence,
    EvidenceKind,
    Recipe,
    Setup,
    SmcContext,
    setup_id,
)


def context(**changes: object) -> SmcContext:
    values: dict[str, object] = {
        "close": 101.0,
        "atr": 0.5,
        "breaks_with_trend": 2,
        "breaks_against_trend": 0,
        "live_order_blocks_near": 1,
        "best_body_5": 0.7,
        "sweep_depth": 0.2,
        "sweep_age_candles": 4,
        "gap_near_edge": None,
        "gap_far_edge": None,
        "block_near_edge": 100.5,
        "block_far_edge": 100.0,
        "quote_volume": 10.0,
        "mean_quote_volume_20": 8.0,
        "true_range": 0.9,
        "rsi": 60.0,
        "close_10_ago": 100.2,
        "nearest_opposing_pool": 103.0,
        "mean_abs_change_20": 0.3,
        "range_position": 0.8,
    }
    return SmcContext(**{**values, **changes})  # type: ignore[arg-type]


def setup(**changes: object) -> Setup:
    values: dict[str, object] = {
        "setup_id": "BTCUSDT-1m-sweep_bos_retest-L-60000",
        "symbol": "BTCUSDT",
        "timeframe": Timeframe.M1,
        "recipe": Recipe.SWEEP_BOS_RETEST,
        "direction": Direction.LONG,
        "entry": 101.0,
        "stop": 99.0,
        "target": 105.0,
        "zone_top": 100.5,
        "zone_bottom": 100.0,
        "proved_at_ms": 120_000,
        "expires_at_ms": 1_020_000,
        "evidence": (
            Evidence(
                kind=EvidenceKind.OB,
                open_time_ms=60_000,
                direction=Direction.LONG,
                top=100.5,
                bottom=100.0,
            ),
        ),
        "context": context(),
    }
    return Setup(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(("entry", "stop"), [(101.0, 99.0), (99.0, 101.0)])
def test_risk_when_either_direction_is_the_positive_distance(entry: float, stop: float) -> None:
    assert setup(entry=entry, stop=stop).risk == 2.0


def test_setup_id_when_built_names_everything_that_makes_it_unique() -> None:
    built = setup_id("BTCUSDT", Timeframe.M15, Recipe.OB_RETEST, Direction.SHORT, 900_000)
    assert built == "BTCUSDT-15m-ob_retest-S-900000"


@pytest.mark.parametrize(
    "other",
    [
        ("ETHUSDT", Timeframe.M1, Recipe.OB_RETEST, Direction.LONG, 60_000),
        ("BTCUSDT", Timeframe.M5, Recipe.OB_RETEST, Direction.LONG, 60_000),
        ("BTCUSDT", Timeframe.M1, Recipe.FVG_CONTINUATION, Direction.LONG, 60_000),
        ("BTCUSDT", Timeframe.M1, Recipe.OB_RETEST, Direction.SHORT, 60_000),
        ("BTCUSDT", Timeframe.M1, Recipe.OB_RETEST, Direction.LONG, 120_000),
    ],
)
def test_setup_id_when_any_part_differs_differs(
    other: tuple[str, Timeframe, Recipe, Direction, int],
) -> None:
    first = setup_id("BTCUSDT", Timeframe.M1, Recipe.OB_RETEST, Direction.LONG, 60_000)
    assert setup_id(*other) != first


def test_direction_when_used_as_a_number_is_the_sign_of_the_price_change() -> None:
    assert Direction.LONG * 2.5 == 2.5
    assert Direction.SHORT * 2.5 == -2.5
    assert (Direction.LONG.letter, Direction.SHORT.letter) == ("L", "S")


def test_setup_when_changed_refuses() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        setup().stop = 1.0  # type: ignore[misc]


def test_setup_when_entry_rule_is_not_given_enters_at_the_close() -> None:
    assert setup().entry_rule is EntryRule.CLOSE


def test_evidence_kind_when_listed_spells_the_event_table() -> None:
    assert [kind.value for kind in EvidenceKind] == [kind.name for kind in EvidenceKind]
