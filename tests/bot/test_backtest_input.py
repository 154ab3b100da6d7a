"""What a backtest reads from candle files."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from bot.backtest_input import funding_of, read_series, series_period
from engine.backtest.series import MINUTE_MS, SymbolSeries
from engine.domain.errors import InvalidCandles
from storage.candle_sources import CandleFiles
from tests.bot.backtest_kit import SYMBOLS, market_file, write_series
from tests.engine.backtest.markets import wandering
from tests.engine.backtest.recording import BEGIN_MS


def read(path: Path, *wanted: str) -> tuple[SymbolSeries, ...]:
    """Read a file."""
    return read_series(CandleFiles("candles", [path]), wanted, lambda _text, _share: None)


def test_series_when_read_are_the_files_in_the_order_of_symbols(tmp_path: Path) -> None:
    many = [wandering(seed=3, minutes=40 + at, symbol=f"S{at}USDT") for at in range(6)]
    made = read(write_series(tmp_path / "many.parquet", *many))
    assert [one.symbol for one in made] == [one.symbol for one in many]
    for one, written in zip(made, many, strict=True):
        np.testing.assert_array_equal(one.open_ms, written.open_ms)
        np.testing.assert_array_equal(one.candles.high, written.candles.high)
    assert series_period(made) == (BEGIN_MS, BEGIN_MS + 45 * MINUTE_MS)


def test_series_when_some_are_wanted_are_these(tmp_path: Path) -> None:
    path = market_file(tmp_path, 30)
    assert [one.symbol for one in read(path, "BBBUSDT")] == ["BBBUSDT"]
    with pytest.raises(InvalidCandles, match="no candles of XUSDT; the data hold AAAUSDT, BBBUSDT"):
        read(path, "XUSDT")


def test_reading_when_told_of_progress_ends_at_the_whole(tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    path = market_file(tmp_path, 30)
    read_series(CandleFiles("candles", [path]), (), lambda *one: told.append(one))
    assert told == [("reading", 0.0), ("reading AAAUSDT", 0.5), ("reading BBBUSDT", 1.0)]


def test_funding_when_read_is_what_lies_inside(tmp_path: Path) -> None:
    series = read(market_file(tmp_path, 200))
    at = [BEGIN_MS - 1, BEGIN_MS, BEGIN_MS + 200 * MINUTE_MS]
    rows = pl.DataFrame(
        {
            "symbol": [SYMBOLS[0]] * 3,
            "funding_time": pl.Series(at).cast(pl.Datetime("ms", "UTC")),
            "funding_rate": [0.1, 0.2, 0.3],
        }
    )
    rows.write_parquet(tmp_path / "funding.parquet")
    found = funding_of(tmp_path / "funding.parquet", series)
    assert found == {"AAAUSDT": ((BEGIN_MS, 0.2),), "BBBUSDT": ()}
    assert funding_of(None, series) == {}
