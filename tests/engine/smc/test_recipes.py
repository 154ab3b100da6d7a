"""Tests of engine/smc/recipes.py on series in which Setups are looked up one by one."""

import itertools

import pytest

from engine.domain.candle import Timeframe
from engine.domain.setup import Direction, EntryRule, EvidenceKind, Recipe, Setup
from engine.smc.arrays import LISTS
from engine.smc.detector import Detector
from engine.smc.events import Event
from engine.smc.params import DetectorParams, TargetRule, rules_of
from engine.smc.recipes import expire, plan_of
from engine.smc.setup_row import MOST_A_CANDLE
from engine.smc.state import Alive, new_state
from tests.oracle.smc_series import Row, walk

MINUTE = 60_000


def setups_of(
    rows: list[Row], params: DetectorParams, tick_size: float = 0.0
) -> tuple[list[Setup], list[Event]]:
    detector = Detector("BTCUSDT", Timeframe.M1, params, tick_size=tick_size)
    setups: list[Setup] = []
    events: list[Event] = []
    for t, row in enumerate(rows):
        step = detector.step(t * MINUTE, *row[:4], 0.0, row.quote)
        setups += step.setups
        events += step.events
    return setups, events


def params_for(recipe: Recipe, **options: object) -> DetectorParams:
    return DetectorParams(recipes=(recipe,), **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return walk(77, 6_000)


def test_recipes_when_none_is_enabled_propose_nothing(rows: list[Row]) -> None:
    assert setups_of(rows[:2_000], DetectorParams(recipes=()))[0] == []


@pytest.mark.parametrize("recipe", list(Recipe))
def test_setups_when_proposed_are_priced_in_order_and_at_twice_the_risk(
    rows: list[Row], recipe: Recipe
) -> None:
    setups, _ = setups_of(rows, params_for(recipe))
    assert {setup.direction for setup in setups} == set(Direction)
    for setup in setups:
        d = setup.direction
        assert d * setup.stop < d * setup.entry < d * setup.target
        assert (setup.target - setup.entry) * d == pytest.approx(2 * setup.risk)
        beyond = setup.zone_bottom if d > 0 else setup.zone_top
        assert d * setup.stop < d * beyond, "the stop lies beyond the zone"
        assert setup.entry == setup.context.close
        assert setup.recipe is recipe


def test_sweep_bos_retest_when_proposed_rests_on_a_recent_sweep_and_a_break(
    rows: list[Row],
) -> None:
    setups, events = setups_of(rows, params_for(Recipe.SWEEP_BOS_RETEST))
    breaks = {(e.known_at, e.direction): e.kind for e in events if e.kind.value in {"BOS", "CHOCH"}}
    sweeps = {(e.known_at, e.direction) for e in events if e.kind is EvidenceKind.SWEEP}
    assert len(setups) > 30
    for setup in setups:
        bar = setup.proved_at_ms // MINUTE - 1
        proof = {evidence.kind: evidence for evidence in setup.evidence}
        sweep = proof[EvidenceKind.SWEEP]
        assert breaks[bar, setup.direction] in proof
        assert (sweep.open_time_ms // MINUTE, setup.direction) in sweeps
        assert 0 <= bar - sweep.open_time_ms // MINUTE <= 30
        extreme = sweep.bottom if setup.direction > 0 else sweep.top
        assert setup.direction * setup.stop < setup.direction * extreme
        assert setup.context.sweep_depth == pytest.approx(sweep.top - sweep.bottom)


def test_sweep_bos_retest_when_a_choch_will_do_too_finds_more(rows: list[Row]) -> None:
    strict, _ = setups_of(rows, params_for(Recipe.SWEEP_BOS_RETEST))
    wide, _ = setups_of(rows, params_for(Recipe.SWEEP_BOS_RETEST, sweep_required=False))
    without = [s for s in wide if EvidenceKind.SWEEP not in {e.kind for e in s.evidence}]
    assert len(wide) > len(strict)
    assert without


def test_fvg_continuation_when_proposed_rests_on_an_untouched_gap(rows: list[Row]) -> None:
    setups, events = setups_of(rows, params_for(Recipe.FVG_CONTINUATION))
    touched = {(e.bar, e.known_at) for e in events if e.kind is EvidenceKind.FVG_TOUCHED}
    for setup in setups:
        (gap,) = [e for e in setup.evidence if e.kind is EvidenceKind.FVG]
        bar, now = gap.open_time_ms // MINUTE, setup.proved_at_ms // MINUTE - 1
        assert not any(b == bar and t <= now for b, t in touched)
        assert any(e.kind is EvidenceKind.BOS for e in setup.evidence)
        assert setup.context.breaks_with_trend > 0


def test_ob_retest_when_proposed_rests_on_the_first_touch_of_that_candle(rows: list[Row]) -> None:
    setups, events = setups_of(rows, params_for(Recipe.OB_RETEST))
    touches = {(e.bar, e.known_at) for e in events if e.kind is EvidenceKind.OB_TOUCHED}
    for setup in setups:
        (block,) = [e for e in setup.evidence if e.kind is EvidenceKind.OB]
        now = setup.proved_at_ms // MINUTE - 1
        assert (block.open_time_ms // MINUTE, now) in touches
        far = block.bottom if setup.direction > 0 else block.top
        assert setup.direction * setup.context.close >= setup.direction * far


@pytest.mark.parametrize("recipe", list(Recipe))
def test_setups_when_one_is_alive_another_of_its_kind_waits(
    rows: list[Row], recipe: Recipe
) -> None:
    setups, _ = setups_of(rows, params_for(recipe))
    early = 0
    for direction in Direction:
        ours = [s for s in setups if s.direction is direction]
        for before, after in itertools.pairwise(ours):
            first, last = before.proved_at_ms // MINUTE, after.proved_at_ms // MINUTE
            if after.proved_at_ms < before.expires_at_ms:
                early += 1
                lived = rows[first:last]
                worst = min(r.low for r in lived) if direction > 0 else max(r.high for r in lived)
                assert direction * worst <= direction * before.stop, "only its stop ends it early"
    assert early or recipe is Recipe.SWEEP_BOS_RETEST


def test_setups_when_entered_on_retest_enter_at_the_near_edge(rows: list[Row]) -> None:
    options = params_for(Recipe.SWEEP_BOS_RETEST, entry_rule=EntryRule.RETEST)
    for setup in setups_of(rows, options)[0]:
        near = setup.zone_top if setup.direction > 0 else setup.zone_bottom
        close = setup.context.close
        assert setup.entry == (min(near, close) if setup.direction > 0 else max(near, close))
        assert setup.entry_rule is EntryRule.RETEST


def test_setups_when_aiming_at_pools_end_at_the_nearest_one(rows: list[Row]) -> None:
    options = params_for(Recipe.SWEEP_BOS_RETEST, target_rule=TargetRule.POOL)
    aimed = 0
    for setup in setups_of(rows, options)[0]:
        if setup.context.nearest_opposing_pool is not None:
            aimed += 1
            assert setup.target == setup.context.nearest_opposing_pool
        else:
            expected = setup.entry + setup.direction * 2 * setup.risk
            assert setup.target == pytest.approx(expected)
    assert aimed


def test_setups_when_a_tick_is_known_floor_the_atr_at_it(rows: list[Row]) -> None:
    setups, _ = setups_of(rows[:2_000], params_for(Recipe.SWEEP_BOS_RETEST), tick_size=50.0)
    assert {setup.context.atr for setup in setups} == {50.0}
    plain, _ = setups_of(rows[:2_000], params_for(Recipe.SWEEP_BOS_RETEST))
    assert all(setup.context.atr < 50.0 for setup in plain)


def test_plan_when_a_short_would_aim_below_zero_is_not_proposed() -> None:
    cheap = [
        Row(row.open / 100, row.high / 100, row.low / 100, row.close / 100, row.quote)
        for row in walk(77, 3_000)
    ]
    options = params_for(Recipe.SWEEP_BOS_RETEST, target_r=100.0)
    setups, _ = setups_of(cheap, options)
    assert all(setup.target > 0 for setup in setups)
    normal, _ = setups_of(cheap, params_for(Recipe.SWEEP_BOS_RETEST))
    assert len([s for s in setups if s.direction < 0]) < len([s for s in normal if s.direction < 0])


def test_plan_when_pool_is_absent_falls_back_to_the_multiple() -> None:
    rules = rules_of(DetectorParams(target_rule=TargetRule.POOL))
    side = new_state(DetectorParams()).up
    plan = plan_of(rules, side, 100.0, 99.0, 98.0, 1.0)
    assert plan.entry == 100.0
    assert plan.stop == pytest.approx(97.9)
    assert plan.target == pytest.approx(104.2)


@pytest.mark.parametrize(
    ("t", "low", "high", "left"),
    [(10, 95.0, 101.0, 0), (10, 95.1, 101.0, 12), (12, 90.0, 110.0, 12)],
)
def test_expire_when_the_stop_is_reached_in_time_ends_the_setup(
    t: int, low: float, high: float, left: int
) -> None:
    alive = Alive(LISTS.ints(MOST_A_CANDLE + 1, 0), LISTS.floats(MOST_A_CANDLE, 0.0))
    alive.until[0] = alive.until[MOST_A_CANDLE] = 12
    alive.stop[0] = 95.0
    expire(alive, t, low, high)
    assert alive.until[0] == left


def test_expire_when_a_short_is_stopped_by_a_high_ends_it() -> None:
    alive = Alive(LISTS.ints(MOST_A_CANDLE + 1, 0), LISTS.floats(MOST_A_CANDLE, 0.0))
    alive.until[1] = alive.until[MOST_A_CANDLE] = 12
    alive.stop[1] = -105.0
    expire(alive, 5, 90.0, 104.9)
    assert alive.until[1] == 12
    expire(alive, 6, 90.0, 105.0)
    assert alive.until[1] == 0


def test_setups_when_fewer_than_20_candles_exist_are_not_proposed() -> None:
    params = DetectorParams(recipes=tuple(Recipe), left=1, right=1, sweep_required=False)
    earliest = min(
        setup.proved_at_ms // MINUTE
        for seed in range(60)
        for setup in setups_of(walk(seed, 40), params)[0]
    )
    assert earliest == 20
