"""Tests of storage/candle_sources.py."""

from pathlib import Path

import polars as pl
import pytest

from engine.domain.errors import InvalidCandles
from storage.candle_sources import CandleFiles, open_sources
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


def test_silence_when_counted_is_by_minute_over_all_files(tmp_path: Path) -> None:
    write(tmp_path / "d" / "1.parquet", "AUSDT")
    still = pl.col("close").alias
    frame = pl.read_parquet(write(tmp_path / "d" / "2.parquet", "BUSDT", T0 + 2 * MINUTE_MS))
    flat = frame.with_columns(still("open"), still("high"), still("low"), volume=pl.lit(0.0))
    write_candles(flat, tmp_path / "d" / "2.parquet")
    (source,) = open_sources([tmp_path / "d"])
    silence = source.silence()
    assert silence.columns == ["open_time", "symbols", "silent"]
    assert silence["open_time"].dt.epoch("ms").to_list() == [T0 + i * MINUTE_MS for i in range(12)]
    assert silence["symbols"].to_list() == [1, 1, *[2] * 8, 1, 1]
    assert silence["silent"].to_list() == [0, 0, *[1] * 10]


def test_sources_when_their_names_are_the_same_are_told_apart(tmp_path: Path) -> None:
    files = [write(tmp_path / year / "um.parquet", "AUSDT") for year in ("1", "2", "3")]
    assert [source.name for source in open_sources(files)] == ["um", "um-2", "um-3"]


def test_sources_when_a_file_is_given_twice_are_refused(tmp_path: Path) -> None:
    file = write(tmp_path / "d" / "1.parquet", "AUSDT")
    for paths in ([file, file], [file, tmp_path / "d"]):
        with pytest.raises(InvalidCandles, match=r"1\.parquet is given twice"):
            open_sources(paths)


def test_source_when_a_file_is_damaged_inside_names_it(tmp_path: Path) -> None:
    good, bad = tmp_path / "a.parquet", tmp_path / "b.parquet"
    write(good, "AUSDT", size=2_000)
    write(bad, "BUSDT", size=2_000)
    content = bytearray(bad.read_bytes())
    content[100:-600] = b"x" * len(content[100:-600])
    bad.write_bytes(content)
    source = CandleFiles("both", [good, bad])

    with pytest.raises(InvalidCandles, match=r"b\.parquet"):
        source.silence()
    with pytest.raises(InvalidCandles, match=r"b\.parquet"):
        source.symbols()
