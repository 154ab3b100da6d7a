"""Scores of found rows as one table."""

from pathlib import Path

import polars as pl
import pytest

from bot.bulk_scores import bulk_scorer, looks_around, table_of
from engine.backtest.detection import Found, detect_all
from engine.backtest.scoring import setups_of
from engine.backtest.surroundings import Surroundings
from engine.domain.candle import Timeframe
from engine.domain.setup import Setup
from engine.smc.params import DetectorParams
from models.artifacts import load_bundle, save_bundle
from models.heuristic import HeuristicScorer
from models.probe import probe_here
from models.scorer import LightGBMScorer
from tests.builders import instrument
from tests.engine.backtest.markets import wandering
from tests.engine.backtest.recording import FixedScorer
from tests.models.bundles import manifest, model_text, surrounded

PARAMS = DetectorParams()
SERIES = [wandering(seed=6, minutes=1_200, symbol=name) for name in ("AAAUSDT", "BBBUSDT")]


def made_of(part: Found) -> list[Setup]:
    """Return all Setups of a part."""
    return setups_of(part, PARAMS, range(len(part.rows)))


@pytest.fixture(scope="module")
def found() -> list[Found]:
    """Return what two symbols hold on two timeframes."""
    instruments = {one.symbol: instrument(one.symbol) for one in SERIES}
    frames = (Timeframe.M1, Timeframe.M5)
    return detect_all(SERIES, instruments, PARAMS, frames, compiled=False)


def test_values_when_in_bulk_are_the_scores_bit_for_bit(found: list[Found]) -> None:
    scorer = HeuristicScorer()
    values = bulk_scorer(scorer, PARAMS, None)(found)
    assert sum(map(len, values)) > 20
    for part, made in zip(found, values, strict=True):
        setups = made_of(part)
        assert made.tolist() == [one.value for one in scorer.score(setups)]


def test_values_when_the_scorer_knows_no_table_go_setup_by_setup(found: list[Found]) -> None:
    scorer = FixedScorer(value=0.4)
    values = bulk_scorer(scorer, PARAMS, None)(found)
    assert scorer.batches == [len(part.rows) for part in found if len(part.rows)]
    assert {value for made in values for value in made.tolist()} == {0.4}


def test_values_when_the_model_looks_around_are_the_scores_bit_for_bit(tmp_path: Path) -> None:
    path = tmp_path / "lgbm_smc.txt"
    save_bundle(path, *surrounded())
    scorer = LightGBMScorer(load_bundle(path, probe=probe_here))
    names = ("BTCUSDT", "AAAUSDT", "BBBUSDT", "CCCUSDT", "DDDUSDT")
    series = [wandering(seed=9, minutes=700, symbol=name) for name in names]
    instruments = {name: instrument(name) for name in names}
    found = detect_all(series, instruments, PARAMS, (Timeframe.M1, Timeframe.M5), compiled=False)
    around = Surroundings(series)
    assert looks_around(scorer)
    assert not looks_around(HeuristicScorer())
    values = bulk_scorer(scorer, PARAMS, around)(found)
    assert sum(map(len, values)) > 30
    for part, made in zip(found, values, strict=True):
        setups = setups_of(part, PARAMS, range(len(part.rows)), around)
        assert all(setup.market is not None for setup in setups)
        assert made.tolist() == [one.value for one in scorer.score(setups)]


def test_values_when_nothing_was_found_are_none(found: list[Found]) -> None:
    empty = [Found(one.symbol, one.timeframe, one.rows[:0], one.times[:0]) for one in found]
    assert [len(one) for one in bulk_scorer(HeuristicScorer(), PARAMS, None)(empty)] == [0] * 4


def test_table_when_made_names_symbol_timeframe_and_recipe(found: list[Found]) -> None:
    table = table_of(found)
    setups = [one for part in found for one in made_of(part)]
    assert table["symbol"].to_list() == [one.symbol for one in setups]
    assert table["timeframe"].to_list() == [one.timeframe.value for one in setups]
    assert table["recipe"].to_list() == [one.recipe.value for one in setups]
    assert table["proved_at_ms"].to_list() == [one.proved_at_ms for one in setups]
    assert table["gap_near_edge"].to_list() == [one.context.gap_near_edge for one in setups]
    assert table["direction"].dtype == pl.Int8


def test_values_when_a_model_scores_are_its_outputs_bit_for_bit(
    found: list[Found], tmp_path: Path
) -> None:
    path = tmp_path / "lgbm_smc.txt"
    save_bundle(path, model_text(), manifest())
    scorer = LightGBMScorer(load_bundle(path, probe=probe_here))
    assert not all(scorer.covers(one) for part in found for one in made_of(part))
    values = bulk_scorer(scorer, PARAMS, None)(found)
    for part, made in zip(found, values, strict=True):
        setups = made_of(part)
        assert made.tolist() == [one.value for one in scorer.score(setups)]
