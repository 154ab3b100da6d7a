from pathlib import Path

import numpy as np
import pytest

from bot.tools.peers.market import (
    PeerMarket,
    candles_in,
    entries_of,
    recorded,
    synthetic,
    walk,
    write_for_peers,
    write_for_us,
)
from engine.backtest.series import MINUTE_MS
from engine.domain.errors import InvalidCandles
from tests.bot.backtest_kit import write_series
from tests.engine.backtest.markets import wandering


def test_walk_when_made_twice_is_the_same_and_another_number_is_another():
    first, again, other = walk(1, 500), walk(1, 500), walk(2, 500)

    assert np.array_equal(first.candles.close, again.candles.close)
    assert not np.array_equal(first.candles.close, other.candles.close)
    assert first.symbol != other.symbol


def test_market_when_cut_keeps_the_first_candles_of_the_first_symbols():
    cut = synthetic(3, 400).first(2, 100)

    assert [len(one) for one in cut.series] == [100, 100]
    assert cut.candles == 200
    assert cut.words == "2 symbols × 200 candles in all, synthetic"


def test_entries_when_taken_lie_between_stop_and_target_at_the_next_open():
    series = walk(1, 3_000)

    rows = entries_of(series)

    assert len(rows) > 10
    bars = rows[:, 0].astype(int)
    assert (np.diff(bars) > 0).all(), "one a bar, in order"
    opens = series.candles.open[bars + 1]
    long = rows[:, 1] > 0
    assert ((rows[:, 2] < opens) == long).all()
    assert ((rows[:, 3] > opens) == long).all()


def test_recorded_when_there_is_a_hole_takes_the_longer_stretch(tmp_path: Path):
    one = wandering(seed=1, minutes=300, hole=range(100, 105))
    file = write_series(tmp_path / "market.parquet", one)

    market = recorded([file], symbols=5)

    (series,) = market.series
    assert len(series) == 195
    assert (np.diff(series.open_ms) == MINUTE_MS).all()
    assert market.origin == "from market.parquet"


def test_recorded_when_the_file_is_missing_says_so(tmp_path: Path):
    with pytest.raises(InvalidCandles, match="does not exist"):
        recorded([tmp_path / "none.parquet"], symbols=5)


def test_written_when_read_by_both_sides_are_the_same_candles(tmp_path: Path):
    market = synthetic(2, 1_500)

    files = write_for_peers(market, tmp_path / "peers")
    ours = recorded([write_for_us(market, tmp_path / "ours")], symbols=5)

    assert candles_in([tmp_path / "ours"]) == (2, 3_000)
    for file, one in zip(files, ours.series, strict=True):
        stored = np.load(file)
        assert file.stem == one.symbol
        for name in ("open", "high", "low", "close"):
            assert np.array_equal(stored[name], getattr(one.candles, name))
        assert np.array_equal(stored["open_ms"], one.open_ms)
        assert stored["entries"].shape[1] == 4


def test_market_when_it_has_one_symbol_needs_no_more():
    assert PeerMarket((walk(1, 60),), "synthetic").first(10, 10).candles == 10
