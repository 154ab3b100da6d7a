"""Tests of models/dataset.py."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from engine.domain.candle import Timeframe
from engine.domain.setup import Setup
from engine.smc.detector import Detector
from engine.smc.params import DetectorParams
from engine.smc.timeframes import TimeframeBuilder
from models.dataset import Dataset, build, load_rows
from models.dataset_rules import DatasetRules
from models.errors import WorkerLost
from models.features import matrix_of
from models.labels import FundingHistory
from models.schema import SMC12_V1
from models.trade_paths import NOT_ENTERED
from models.workers import ProcessWorkers, Results, Serial
from storage.candle_sources import open_sources
from tests.models.sources import T0, RandomSource, market
from tests.shared import shared_path


@dataclass(frozen=True)
class Given(RandomSource):
    """A source of given candles."""

    frame: pl.DataFrame = field(default_factory=pl.DataFrame)

    def candles(self, symbol: str) -> pl.DataFrame:
        return self.frame


class Away(Serial):
    """This process, with its candles sent along as if it were far away."""

    shares_files = False


class Killed(Serial):
    """Workers that are lost after some pieces."""

    def __init__(self, after: int) -> None:
        self.after = after

    def each(self, work: Callable[[Any], Any], items: Iterable[Any]) -> Results[Any]:
        with closing(super().each(work, items)) as results:
            for place, result in results:
                if place == self.after:
                    raise WorkerLost("random BUSDT: the process doing it ended 3 times")
                yield place, result


RULES = DatasetRules(timeframes=(Timeframe.M1, Timeframe.M5), warm_up=50)


def live_setups(candles: pl.DataFrame, symbol: str, params: DetectorParams) -> list[Setup]:
    """Step the live detectors over the minutes and return every setup of 1m and 5m."""
    minute = Detector(symbol, Timeframe.M1, params)
    five = Detector(symbol, Timeframe.M5, params)
    builder = TimeframeBuilder(Timeframe.M5)
    found: list[Setup] = []
    names = ("open", "high", "low", "close", "quote_volume")
    times = candles["open_time"].dt.epoch("ms").to_list()
    for time_ms, o, h, low, c, q in zip(times, *(candles[n].to_list() for n in names), strict=True):
        found += minute.step(time_ms, o, h, low, c, 0.0, q).setups
        built = builder.add(time_ms, o, h, low, c, 0.0, q)
        if built is not None:
            found += five.step(*built).setups
    return found


def assert_equal_to_live(candles: pl.DataFrame, symbol: str, tmp_path: Path) -> None:
    built = build([Given(names=(symbol,), frame=candles)], tmp_path, RULES)
    rows = load_rows(built.parts)
    by_id = {setup.setup_id: setup for setup in live_setups(candles, symbol, RULES.params)}
    setups = [by_id[setup_id] for setup_id in rows["setup_id"]]
    difference = rows.select(SMC12_V1.names).to_numpy() - matrix_of(setups)
    assert np.abs(difference).max() <= 1e-6
    for column in ("entry", "stop", "target", "proved_at_ms"):
        assert rows[column].to_list() == [getattr(setup, column) for setup in setups]
    assert set(rows["timeframe"]) == {"1m", "5m"}


def test_rows_when_compared_with_the_live_path_have_equal_features(tmp_path: Path) -> None:
    assert_equal_to_live(market(1, 6_000), "AUSDT", tmp_path)


def test_rows_when_made_of_real_candles_have_the_live_features(tmp_path: Path) -> None:
    (source,) = open_sources([shared_path("data/klines_1m/um_2025-05.parquet")])
    candles = source.candles(source.symbols()[0]).slice(10_000, 7_000)
    assert_equal_to_live(candles, "REALUSDT", tmp_path)


def test_build_when_done_writes_a_row_for_each_resolved_setup(tmp_path: Path) -> None:
    seen: list[tuple[int, int, str]] = []
    built = build(
        [RandomSource()], tmp_path / "set", RULES, progress=lambda *told: seen.append(told)
    )
    rows, counts = load_rows(built.parts), built.counts
    assert counts.candles == 12_000
    assert counts.rows == len(rows) > 50
    assert counts.setups == counts.rows + counts.narrow + counts.not_entered + counts.unresolved
    assert counts.unresolved > 0
    assert rows["outcome"].max() < NOT_ENTERED  # type: ignore[operator]
    assert rows.null_count().sum_horizontal()[0] == 0
    assert rows["proved_at_ms"].is_sorted()
    assert seen == [(0, 2, ""), (1, 2, "random AUSDT"), (2, 2, "random BUSDT")]
    assert built.kept == 0


def test_build_when_repeated_is_equal(tmp_path: Path) -> None:
    made = [build([RandomSource(size=3_000)], tmp_path / name, RULES) for name in ("a", "b")]
    assert load_rows(made[0].parts).equals(load_rows(made[1].parts))
    assert [part.rows.read_bytes() for part in made[0].parts] == [
        part.rows.read_bytes() for part in made[1].parts
    ]


def test_build_when_others_do_it_is_the_same_to_the_byte(tmp_path: Path) -> None:
    def content(name: str, workers: Any) -> list[bytes]:
        made = build([RandomSource(size=3_000)], tmp_path / name, RULES, workers=workers)
        return [part.rows.read_bytes() for part in made.parts]

    alone = content("alone", Serial())
    assert content("away", Away()) == alone
    with closing(ProcessWorkers(2)) as processes:
        assert content("processes", processes) == alone


def test_build_when_run_again_makes_nothing_twice(tmp_path: Path) -> None:
    first = build([RandomSource(size=3_000)], tmp_path, RULES)
    told: list[Any] = []
    again = build(
        [RandomSource(size=3_000)], tmp_path, RULES, progress=lambda *seen: told.append(seen)
    )
    assert again == Dataset(first.parts, first.counts, kept=2)
    assert told == [(2, 2, "parts kept from before")]


def changes() -> Iterator[Any]:
    source = RandomSource(size=3_000)
    funding = FundingHistory(time_ms=np.array([T0]), rate=np.array([0.01]))
    yield pytest.param(source, replace(RULES, seed=2), {}, id="seed")
    yield pytest.param(source, replace(RULES, warm_up=51), {}, id="rules")
    yield pytest.param(replace(source, seed=9), RULES, {}, id="candles")
    yield pytest.param(replace(source, name="other"), RULES, {}, id="name")
    yield pytest.param(source, RULES, {"AUSDT": funding, "BUSDT": funding}, id="funding")


@pytest.mark.parametrize(("source", "rules", "funding"), list(changes()))
def test_build_when_anything_differs_finds_no_old_part(
    source: RandomSource, rules: DatasetRules, funding: dict[str, FundingHistory], tmp_path: Path
) -> None:
    build([RandomSource(size=3_000)], tmp_path, RULES)
    assert build([source], tmp_path, rules, funding=funding).kept == 0


def test_build_when_the_code_differs_finds_no_old_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build([RandomSource(size=3_000)], tmp_path, RULES)
    monkeypatch.setattr("models.dataset.code_digest", lambda: "newer")
    assert build([RandomSource(size=3_000)], tmp_path, RULES).kept == 0


def test_build_when_a_kept_part_is_broken_makes_it_again(tmp_path: Path) -> None:
    first = build([RandomSource(size=3_000)], tmp_path, RULES)
    whole = first.parts[0].rows.read_bytes()
    first.parts[0].rows.write_bytes(whole[: len(whole) // 2])
    again = build([RandomSource(size=3_000)], tmp_path, RULES)
    assert again.kept == 1
    assert again.parts[0].rows.read_bytes() == whole


def test_build_when_workers_are_lost_says_what_is_done_and_goes_on(tmp_path: Path) -> None:
    with pytest.raises(WorkerLost, match=r"BUSDT: .*; 1 of 2 parts are done and kept in .*, the"):
        build([RandomSource(size=3_000)], tmp_path, RULES, workers=Killed(after=1))
    rest = build([RandomSource(size=3_000)], tmp_path, RULES)
    assert rest.kept == 1
    fresh = build([RandomSource(size=3_000)], tmp_path / "fresh", RULES)
    assert load_rows(rest.parts).equals(load_rows(fresh.parts))


def test_build_when_everybody_stands_still_masks_those_minutes(tmp_path: Path) -> None:
    names = tuple(f"{letter}USDT" for letter in "ABCDE")
    still = Stopped(names=names, size=3_000)
    built = build([still], tmp_path, RULES)
    assert built.counts.masked == 5 * 10
    assert built.counts.candles == 5 * 2_990
    assert built.counts.holes == 5


@dataclass(frozen=True)
class Stopped(RandomSource):
    """All symbols are silent for ten minutes."""

    def silence(self) -> pl.DataFrame:
        silent = pl.int_range(pl.len()).is_between(1_500, 1_509) * len(self.names)
        return super().silence().with_columns(silent=silent)


def test_real_outage_when_read_is_found(tmp_path: Path) -> None:
    (source,) = open_sources([shared_path("data/klines_1m/um_2025-01.parquet")])
    silent = source.silence().filter(pl.col("silent") >= 8)["open_time"]
    assert str(silent.min()) == "2025-01-29 01:23:00+00:00"
    assert len(silent) == 17
