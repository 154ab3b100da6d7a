"""Tests of storage/candle_sources.py."""

from pathlib import Path

import polars as pl
import pytest

from engine.domain.errors import InvalidCandles
from storage.candle_sources import open_sources
from storage.candles import write_candles
from tests.models.sources import MINUTE_MS, T0, market


def write(path: Path, symbol: str, start_ms: int = T0, size: int = 10) -> Path:
    frame = market(1, size, start_ms).select(
        pl.lit(symbol).alias("symbol"),
        pl.col("open_time"),
        pl.col("open", "high", "low", "close"),
        pl.lit(2.0).alias("volume"),
    )
    write_candles(frame, path)
    return path


def test_source_when_it_is_a_folder_joins_the_months_of_a_symbol(tmp_path: Path) -> None:
    write(tmp_path / "d" / "AUSDT" / "2.parquet", "AUSDT", T0 + 10 * MINUTE_MS)
    write(tmp_path / "d" / "AUSDT" / "1.parquet", "AUSDT")
    write(tmp_path / "d" / "BUSDT" / "1.parquet", "BUSDT")
    (source,) = open_sources([tmp_path / "d"])
    assert source.name == "d"
    assert source.symbols() == ("AUSDT", "BUSDT")
    joined = source.candles("AUSDT")
    assert joined["open_time"].dt.epoch("ms").to_list() == [T0 + i * MINUTE_MS for i in range(20)]
    estimated = 2.0 * (joined["open"] + joined["high"] + joined["low"] + joined["close"]) / 4
    assert joined["quote_volume"].to_list() == estimated.to_list()


def test_source_when_two_files_claim_a_minute_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "d" / "1.parquet", "AUSDT")
    write(tmp_path / "d" / "2.parquet", "AUSDT", T0 + 9 * MINUTE_MS)
    (source,) = open_sources([tmp_path / "d"])
    with pytest.raises(InvalidCandles, match=r"AUSDT .* is in more than one of 1.parquet"):
        source.candles("AUSDT")


def test_sources_when_files_are_named_are_apart(tmp_path: Path) -> None:
    files = [write(tmp_path / "x.parquet", "AUSDT"), write(tmp_path / "y.parquet", "AUSDT")]
    assert [source.name for source in open_sources(files)] == ["x", "y"]
    assert open_sources(files)[0].files == (files[0],)


@pytest.mark.parametrize("name", ["missing.parquet", "text.csv", "empty"])
def test_sources_when_a_path_is_no_candles_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "text.csv").write_text("a,b")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidCandles, match=name):
        open_sources([tmp_path / name])


def test_source_when_asked_for_a_foreign_symbol_says_so(tmp_path: Path) -> None:
    (source,) = open_sources([write(tmp_path / "x.parquet", "AUSDT")])
    with pytest.raises(InvalidCandles, match="x has no candles of ZUSDT"):
        source.candles("ZUSDT")


def test_digest_when_a_byte_changes_differs(tmp_path: Path) -> None:
    path = write(tmp_path / "x.parquet", "AUSDT")
    before = open_sources([path])[0].digest()
    assert before == open_sources([path])[0].digest()
    write(path, "BUSDT")
    assert open_sources([path])[0].digest() != before
