"""A model that reads the other symbols scores the same on the backtest's fast and slow path."""

from dataclasses import replace

import pytest

from engine.backtest.runner import run_backtest
from engine.ports import Scorer
from models.artifacts import load_bundle, save_bundle
from models.probe import probe_here
from models.scorer import LightGBMScorer
from tests.builders import instrument
from tests.engine.backtest.markets import wandering
from tests.models.bundles import surrounded
from tests.properties.test_backtest_paths_agree import plan

NAMES = ("BTCUSDT", "AAAUSDT", "BBBUSDT", "CCCUSDT", "DDDUSDT", "EEEUSDT")


@pytest.fixture(scope="module")
def scorer(tmp_path_factory: pytest.TempPathFactory) -> Scorer:
    path = tmp_path_factory.mktemp("surrounded") / "lgbm_smc.txt"
    save_bundle(path, *surrounded())
    return LightGBMScorer(load_bundle(path, probe=probe_here))


@pytest.mark.parametrize("hole", [range(0), range(420, 440)])
def test_paths_when_the_model_looks_around_agree_to_the_last_digit(
    scorer: Scorer, hole: range
) -> None:
    series = [
        wandering(
            seed=20 + number, minutes=800, symbol=name, hole=hole if number == 2 else range(0)
        )
        for number, name in enumerate(NAMES)
    ]
    contracts = [instrument(one.symbol) for one in series]
    slow, fast = (
        run_backtest(series, contracts, replace(plan(), fast=quick), scorer)
        for quick in (False, True)
    )
    assert fast.recorder.trades == slow.recorder.trades
    assert fast.recorder == slow.recorder
    assert fast.equity == slow.equity
    assert len(fast.recorder.trades) >= 3
