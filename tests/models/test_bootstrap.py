"""Tests of models/bootstrap.py."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from engine.domain.candle import Timeframe
from models.bootstrap import BootstrappedSource, bootstrapped
from models.dataset import build
from models.dataset_rules import DatasetRules
from tests.models.sources import MINUTE_MS, T0, RandomSource, market

PRICES = ["open", "high", "low", "close"]


def test_copy_when_made_has_whole_days_that_join() -> None:
    real = market(1, 5 * 1440 + 100)
    copy = bootstrapped(real, np.random.default_rng(1))
    assert len(copy) == 5 * 1440
    times = copy["open_time"].dt.epoch("ms").to_numpy()
    assert times[0] == T0
    assert set(np.diff(times)) == {MINUTE_MS}
    opens, closes = copy["open"].to_numpy(), copy["close"].to_numpy()
    assert opens[1440::1440] == pytest.approx(closes[1439:-1:1440])
    assert (copy["low"] <= copy.select(pl.min_horizontal(PRICES)).to_series()).all()
    assert copy.columns == real.columns


def test_copy_when_days_are_compared_keeps_their_returns() -> None:
    real = market(1, 4 * 1440)
    copy = bootstrapped(real, np.random.default_rng(2))
    days = {
        tuple(np.round(day["close"] / day["open"], 9)) for day in (real[:1440], real[1440:2880])
    } | {tuple(np.round(day["close"] / day["open"], 9)) for day in (real[2880:4320], real[4320:])}
    for start in range(0, len(copy), 1440):
        day = copy[start : start + 1440]
        assert tuple(np.round(day["close"] / day["open"], 9)) in days


def test_copy_when_there_is_no_whole_day_is_empty() -> None:
    assert bootstrapped(market(1, 700), np.random.default_rng(1)).height == 0


def test_source_when_copied_says_what_it_is_and_can_be_built(tmp_path: Path) -> None:
    original = RandomSource(size=3 * 1440)
    copies = [BootstrappedSource(original, number) for number in (1, 2)]  # type: ignore[arg-type]
    assert copies[0].name == "random~bootstrapped1"
    assert copies[0].symbols() == ("AUSDT~1", "BUSDT~1")
    assert copies[0].digest() != copies[1].digest()
    one, two = (copy.candles(f"AUSDT~{copy.number}") for copy in copies)
    assert not one.equals(two)
    assert one.equals(copies[0].candles("AUSDT~1"))
    built = build(copies, tmp_path, DatasetRules(timeframes=(Timeframe.M1,), warm_up=50))
    assert built.counts.candles == 4 * 3 * 1440
    assert built.counts.holes == 0
