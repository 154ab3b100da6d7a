"""Tests of models/market_pulse.py."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from engine.smc.market_table import MarketTable, pulse_of
from models.feature_table import MARKET_COLUMNS
from models.market_pulse import market_tables, packed_pulse, read_pulse, with_market
from tests.models.sources import MINUTE_MS, T0, market

NAMES = ("BTCUSDT", "AUSDT", "BUSDT", "CUSDT", "DUSDT")


def stored(folder: Path, source: str, symbol: str, seed: int, size: int = 200) -> Path:
    file = folder / f"{source}-{symbol}.pulse.parquet"
    file.write_bytes(packed_pulse(market(seed, size), source, symbol))
    return file


def test_pulse_when_read_again_is_the_same(tmp_path: Path) -> None:
    file = stored(tmp_path, "spot", "AUSDT", 1)
    source, symbol, pulse = read_pulse(file)
    candles = market(1, 200)
    expected = pulse_of(candles["open_time"].dt.epoch("ms").to_numpy(), candles["close"].to_numpy())
    assert (source, symbol) == ("spot", "AUSDT")
    for ours, theirs in zip(pulse, expected, strict=True):
        assert ours.dtype == theirs.dtype
        assert ours.tobytes() == theirs.tobytes()


def test_pulse_when_there_are_no_candles_is_empty(tmp_path: Path) -> None:
    file = tmp_path / "none"
    file.write_bytes(packed_pulse(market(1, 10).clear(), "spot", "AUSDT"))
    assert [len(column) for column in read_pulse(file).pulse] == [0, 0, 0]
    assert set(market_tables([file])) == {"spot"}


def test_tables_when_sources_differ_keep_them_apart(tmp_path: Path) -> None:
    files = [stored(tmp_path, "spot", name, seed) for seed, name in enumerate(NAMES)]
    files.append(stored(tmp_path, "um", "AUSDT", 99))
    tables = market_tables(files)
    at = np.array([T0 + 100 * MINUTE_MS])
    pulse = read_pulse(files[1]).pulse
    alone = MarketTable.of((read_pulse(f).symbol, read_pulse(f).pulse) for f in files[:-1])
    assert tables["spot"].contexts(pulse, at) == alone.contexts(pulse, at)
    (other,) = tables["um"].contexts(read_pulse(files[-1]).pulse, at)
    assert other.symbol_return_15m is not None
    assert other.breadth_15m is None, "one symbol is no market"


def test_rows_when_surrounded_have_the_market_columns_and_nulls(tmp_path: Path) -> None:
    files = [stored(tmp_path, "spot", name, seed) for seed, name in enumerate(NAMES)]
    table = market_tables(files)["spot"]
    pulse = read_pulse(files[2]).pulse
    proved = [T0 + minute * MINUTE_MS for minute in (5, 30, 100)]
    rows = with_market(pl.DataFrame({"proved_at_ms": proved}), pulse, table)
    assert rows.columns == ["proved_at_ms", *MARKET_COLUMNS]
    assert rows["symbol_return_15m"].is_null().to_list() == [True, False, False]
    assert rows["market_return_60m"].is_null().to_list() == [True, True, False]
    assert not any(rows[name].is_nan().any() for name in MARKET_COLUMNS)
    close = market(2, 200)["close"]
    # The minute before the proving one: proved at minute 100, it closed with row 98.
    assert rows["symbol_return_15m"][2] == pytest.approx(close[98] / close[83] - 1, abs=1e-9)
