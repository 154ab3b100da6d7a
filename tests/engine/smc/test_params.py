"""Tests of engine/smc/params.py."""

import pytest

from engine.domain.setup import EntryRule, Recipe
from engine.smc.params import (
    NEVER,
    UNKNOWN_TICK,
    DetectorParams,
    OrderBlockAnchor,
    TargetRule,
    rules_of,
)


def test_params_when_default_are_the_published_ones() -> None:
    params = DetectorParams()
    assert (params.left, params.right, params.max_age) == (4, 5, 400)
    assert params.recipes == (Recipe.SWEEP_BOS_RETEST,)
    assert params.sweep_required
    assert not params.equal_levels


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("left", 0),
        ("right", 61),
        ("min_gap_atr", -0.1),
        ("min_gap_atr", float("nan")),
        ("max_age", -1),
        ("expiry", 0),
        ("target_r", 0.0),
        ("max_gaps", 8),
        ("max_pools", 15),
    ],
)
def test_params_when_out_of_range_name_the_field_and_what_is_allowed(
    name: str, value: float
) -> None:
    with pytest.raises(ValueError, match=rf"^{name} is .*, allowed is .* to "):
        DetectorParams(**{name: value})  # type: ignore[arg-type]


def test_rules_when_forgetting_is_off_never_reach_the_age() -> None:
    assert rules_of(DetectorParams(max_age=0)).max_age == NEVER
    assert rules_of(DetectorParams(max_age=7)).max_age == 7


@pytest.mark.parametrize(("tick", "least"), [(0.0, UNKNOWN_TICK), (0.25, 0.25)])
def test_rules_when_tick_is_given_or_not_floor_the_atr(tick: float, least: float) -> None:
    assert rules_of(DetectorParams(), tick).least_atr == least


def test_rules_when_options_are_set_carry_them_as_flags() -> None:
    rules = rules_of(
        DetectorParams(
            ob_anchor=OrderBlockAnchor.EXTREME,
            entry_rule=EntryRule.RETEST,
            target_rule=TargetRule.POOL,
            recipes=(Recipe.OB_RETEST,),
        )
    )
    assert rules.anchor_extreme
    assert rules.enter_on_retest
    assert rules.target_pool
    assert (rules.sweep_bos_retest, rules.fvg_continuation, rules.ob_retest) == (0, 0, 1)
