"""Found rows with costs and scores, before any Setup is made of them."""

from math import inf

import numpy as np
import pytest

from engine.backtest.detection import Found, detect_all
from engine.backtest.scoring import (
    cost_r,
    score_found,
    score_one_by_one,
    score_setups,
    setups_of,
)
from engine.backtest.series import MINUTE_MS
from engine.backtest.surroundings import Surroundings
from engine.domain.candle import Timeframe
from engine.domain.setup import Setup
from engine.risk.costs import CostModel, estimate_cost
from engine.smc.params import DetectorParams
from engine.smc.setup_row import ENTRY, STOP
from models.heuristic import HeuristicScorer
from tests.builders import instrument
from tests.engine.backtest.markets import wandering
from tests.engine.backtest.recording import FixedScorer

PARAMS = DetectorParams()
COSTS = CostModel()
TICKS = {"AAAUSDT": 0.01}
FRAMES = (Timeframe.M1, Timeframe.M5)
SERIES = wandering(seed=4, minutes=1_500)


@pytest.fixture(scope="module")
def found() -> list[Found]:
    """Return what a day holds on two timeframes."""
    return detect_all([SERIES], {"AAAUSDT": instrument("AAAUSDT")}, PARAMS, FRAMES, compiled=False)


def made(part: Found) -> list[Setup]:
    """Return all Setups of a part."""
    return setups_of(part, PARAMS, range(len(part.rows)))


def cores(one: Setup, costs: CostModel = COSTS) -> float:
    """Return the cost as the core reckons it."""
    return estimate_cost(
        entry=one.entry,
        stop=one.stop,
        taker_fee=costs.taker_fee,
        spread_ratio=max(costs.spread_ratio, 0.01 / one.entry),
        impact_ratio=costs.impact_ratio,
    ).cost_r


@pytest.mark.parametrize("costs", [COSTS, CostModel(spread_ratio=0.0, impact_ratio=0.0003)])
def test_cost_when_reckoned_in_bulk_is_the_cores_to_the_last_digit(
    found: list[Found], costs: CostModel
) -> None:
    for part in found:
        assert cost_r(part, 0.01, costs).tolist() == [cores(one, costs) for one in made(part)]


def test_cost_when_entry_and_stop_coincide_is_infinite(found: list[Found]) -> None:
    rows = found[0].rows[:1].copy()
    rows[0, STOP] = rows[0, ENTRY]
    part = Found("AAAUSDT", Timeframe.M1, rows, found[0].times[:1])
    assert cost_r(part, 0.01, COSTS).tolist() == [inf]


def test_scores_when_costs_are_limited_are_given_to_what_may_pass(found: list[Found]) -> None:
    scorer = FixedScorer(value=0.7)
    scored = score_found(found, TICKS, COSTS, 0.06, score_one_by_one(scorer, PARAMS))
    everything = [one for part in found for one in made(part)]
    cheap = [one for one in everything if cores(one) <= 0.06]
    assert 0 < len(cheap) < len(everything)
    assert [one for part in scored for one in made(part.found)] == cheap
    assert sum(scorer.batches) == len(cheap)
    assert all((part.values == 0.7).all() for part in scored)
    costly = sorted(at for part in scored for at in part.costly.tolist())
    assert costly == sorted(one.proved_at_ms for one in everything if cores(one) > 0.06)


def test_setups_when_some_rows_are_asked_for_are_these(found: list[Found]) -> None:
    part = found[0]
    assert setups_of(part, PARAMS, (2, 0)) == [made(part)[2], made(part)[0]]
    assert made(part)[0].proved_at_ms == part.times[0] + MINUTE_MS


def test_setups_when_the_market_is_wanted_carry_it(found: list[Found]) -> None:
    plain = made(found[0])
    around = setups_of(found[0], PARAMS, range(len(plain)), Surroundings([SERIES]))
    assert all(one.market is None for one in plain)
    assert all(one.market is not None for one in around)
    assert len(around) == len(plain)


def test_scores_when_many_do_not_depend_on_the_batch(
    found: list[Found], monkeypatch: pytest.MonkeyPatch
) -> None:
    setups = made(found[0])
    whole = score_setups(HeuristicScorer(), setups)
    monkeypatch.setattr("engine.backtest.scoring.SCORE_CHUNK", 3)
    assert score_setups(HeuristicScorer(), setups) == whole
    values = score_one_by_one(HeuristicScorer(), PARAMS)(found)
    np.testing.assert_array_equal(values[0], [score.value for score in whole])
