"""A Setup's features are the same whether the live core met it or a data set was made of files.

Many symbols run through the whole core, minute by minute, their closes in any order; the same
candles go through the bulk way: detection over arrays, files, the cross-section added up at load.
"""

import random
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import polars as pl

from bot.engine_config import engine_config
from bot.settings import Settings
from engine.core.engine import Engine
from engine.domain.candle import Timeframe
from engine.domain.effects import ScoreSetups
from engine.domain.events import CandleClosed, Instant, Origin, UniverseChanged
from engine.domain.order import Book
from engine.domain.setup import Recipe, Setup
from engine.risk.exits import ExitPolicy
from engine.risk.threshold import ThresholdSeed
from engine.smc.params import DetectorParams
from models.dataset import build, load_rows
from models.dataset_rules import DatasetRules
from models.features import matrix_of
from models.label_rules import LabelRules
from models.schema import SMC12_V1, SMC_V2
from storage.candle_sources import open_sources
from tests.builders import candle, d, instrument
from tests.models.sources import RandomSource
from tests.shared import shared_path

ALL = tuple(Timeframe)
NAMES = ("BTCUSDT", "AUSDT", "BUSDT", "CUSDT", "DUSDT", "EUSDT")
PARAMS = DetectorParams(recipes=tuple(Recipe))
# Short trades, so that those on 1h candles end before the candles do.
LABELS = LabelRules(exits=ExitPolicy(time_candles=3, stagnation_candles=2))
RULES = DatasetRules(timeframes=ALL, params=PARAMS, labels=LABELS, warm_up=20)
Candles = Mapping[str, pl.DataFrame]


def live_setups(candles: Candles) -> dict[str, Setup]:
    """Return by id what the core asks scores for; the order within each minute is drawn."""
    names = ",".join(timeframe.value for timeframe in ALL)
    recipes = ",".join(recipe.value for recipe in PARAMS.recipes)
    settings = Settings.load(
        _env_file=None, alert_timeframes=names, trade_timeframes=names, recipes=recipes
    )
    config = engine_config(
        settings,
        books=(Book.PAPER,),
        epoch=1,
        speed=1.0,
        mode=None,
        allow_negative_edge=False,
        scorer="",
        seed=ThresholdSeed(),
    )
    engine = Engine(config)
    # Research does not know the ticks of its symbols; here the core must not know them either.
    listed = tuple(instrument(symbol, tick_size=d("0.00000001")) for symbol in candles)
    engine.process(UniverseChanged(listed, {}, {}), Instant(0, 0.0))
    found: dict[str, Setup] = {}
    for event in closes(candles):
        now = Instant(event.candle.close_time_ms, 0.0)
        for effect in engine.process(event, now):
            if isinstance(effect, ScoreSetups):
                found |= {setup.setup_id: setup for setup in effect.setups}
    return found


def closes(candles: Candles) -> Iterator[CandleClosed]:
    """Yield every candle by minute, the symbols of a minute in a drawn order."""
    columns = ("open", "high", "low", "close", "quote_volume")
    drawn = random.Random(5)
    by_minute: dict[int, list[tuple[str, tuple[float, ...]]]] = {}
    for symbol, frame in candles.items():
        times = frame["open_time"].dt.epoch("ms").to_list()
        for at_ms, row in zip(times, frame.select(columns).rows(), strict=True):
            by_minute.setdefault(at_ms, []).append((symbol, row))
    for at_ms in sorted(by_minute):
        for symbol, row in drawn.sample(by_minute[at_ms], len(by_minute[at_ms])):
            values = dict(zip(columns, row, strict=True))
            one = candle(symbol=symbol, open_time_ms=at_ms, volume=0.0, **values)
            yield CandleClosed(one, Origin.LIVE, 0.0)


def assert_equal(rows: pl.DataFrame, found: dict[str, Setup], rules: DatasetRules) -> None:
    """Compare both schemas; the live core meets more: unlabelled ones, and those of warm-up."""
    setups = [found[setup_id] for setup_id in rows["setup_id"]]
    live = matrix_of(setups, SMC_V2, rules.labels.round_trip_cost_ratio)
    bulk = rows.select(SMC_V2.names).to_numpy()
    assert bulk.dtype == live.dtype == np.float32
    np.testing.assert_allclose(live, bulk, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(np.isnan(live), np.isnan(bulk))
    np.testing.assert_array_equal(live[:, : len(SMC12_V1.names)], matrix_of(setups))


def built(sources: list[RandomSource], folder: Path, rules: DatasetRules) -> pl.DataFrame:
    return load_rows(build(sources, folder, rules).parts, SMC_V2)


def test_features_when_made_live_equal_those_of_the_data_set(tmp_path: Path) -> None:
    source = RandomSource(names=NAMES, size=3_500)
    rows = built([source], tmp_path, RULES)
    found = live_setups({symbol: source.candles(symbol) for symbol in NAMES})
    assert_equal(rows, found, RULES)
    assert set(rows["timeframe"]) == {"1m", "5m", "15m", "1h"}
    assert set(rows["recipe"]) == {recipe.value for recipe in Recipe}
    # All but the first hour's know everything.
    assert rows.drop_nulls().height > 0.9 * rows.height > 200
    assert rows["market_breadth"].n_unique() > 5


def test_features_when_a_series_has_a_hole_equal_those_of_the_data_set(tmp_path: Path) -> None:
    holed = Holed(names=NAMES, size=2_000)
    rows = built([holed], tmp_path, RULES)
    found = live_setups({symbol: holed.candles(symbol) for symbol in NAMES})
    assert_equal(rows, found, RULES)
    assert rows["relative_60m_atr"].null_count() > 0
    assert rows["market_breadth"].null_count() > 0


class Holed(RandomSource):
    """Two of six symbols lack an hour, so fewer than five are known there; BTC lacks another."""

    def candles(self, symbol: str) -> pl.DataFrame:
        frame = super().candles(symbol)
        first = {"AUSDT": 1_000, "BUSDT": 1_010, "BTCUSDT": 1_500}.get(symbol)
        if first is None:
            return frame
        return pl.concat([frame.head(first), frame.tail(len(frame) - first - 60)])


def test_features_when_candles_are_real_equal_those_of_the_data_set(tmp_path: Path) -> None:
    path = shared_path("data/klines_1m/um_2025-05.parquet")
    chosen = ("BTCUSDT", "ETHUSDT", "XRPUSDT", "SOLUSDT", "DOGEUSDT", "ADAUSDT")
    begin = pl.datetime(2025, 5, 12, time_zone="UTC")
    part = pl.scan_parquet(path).filter(
        pl.col("symbol").is_in(chosen),
        pl.col("open_time").is_between(begin, begin + pl.duration(minutes=1_500)),
    )
    part.collect().write_parquet(tmp_path / "um_part.parquet")
    (source,) = open_sources([tmp_path / "um_part.parquet"])
    assert len(source.symbols()) >= 5
    dataset = build([source], tmp_path / "parts", RULES)
    rows = load_rows(dataset.parts, SMC_V2)
    found = live_setups({symbol: source.candles(symbol) for symbol in source.symbols()})
    assert_equal(rows, found, RULES)
    assert len(rows) > 100
