"""Tests of bot/tools/import_candles.py."""

from pathlib import Path

import polars as pl
import pytest

from bot.tools.import_candles import import_files, read_file, symbol_of
from engine.domain.errors import InvalidCandles
from storage.candle_sources import open_sources
from tests.models.sources import MINUTE_MS, market

MAY_31 = 1_748_649_600_000
"""2025-05-31 00:00 UTC: two days of candles cross into June."""


def frame(size: int = 2_880, start_ms: int = MAY_31) -> pl.DataFrame:
    return (
        market(1, size, start_ms)
        .rename({"open_time": "date"})
        .drop("quote_volume")
        .with_columns(volume=pl.lit(3.0))
    )


def test_import_when_freqtrade_feather_is_given_writes_its_months(tmp_path: Path) -> None:
    file = tmp_path / "BTC_USDT_USDT-1m-futures.feather"
    frame().write_ipc(file, compression="lz4")
    written = import_files([file], tmp_path / "out")
    assert [(part.symbol, part.month, part.rows) for part in written] == [
        ("BTCUSDT", "2025-05", 1440),
        ("BTCUSDT", "2025-06", 1440),
    ]
    (source,) = open_sources([tmp_path / "out"])
    candles = source.candles("BTCUSDT")
    assert candles["open_time"].equals(frame()["date"].alias("open_time"))
    assert candles["close"].equals(frame()["close"])


@pytest.mark.parametrize(
    ("unit", "factor"), [("s", 0.001), ("ms", 1), ("us", 1_000), ("ns", 1_000_000)]
)
def test_times_when_epoch_numbers_are_told_apart_by_size(
    tmp_path: Path, unit: str, factor: float
) -> None:
    del unit
    numbers = [int((MAY_31 + i * MINUTE_MS) * factor) for i in range(5)]
    file = tmp_path / "AUSDT.csv"
    frame(5).drop("date").with_columns(Timestamp=pl.Series(numbers)).write_csv(file)
    times = read_file(file)["open_time"].dt.epoch("ms").to_list()
    assert times == [MAY_31 + i * MINUTE_MS for i in range(5)]


@pytest.mark.parametrize("form", ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"])
def test_times_when_text_are_utc(tmp_path: Path, form: str) -> None:
    file = tmp_path / "AUSDT-1m-2025-05.csv"
    frame(5).with_columns(pl.col("date").dt.strftime(form)).write_csv(file)
    assert read_file(file)["open_time"].dt.epoch("ms")[0] == MAY_31


@pytest.mark.parametrize(
    ("stem", "symbol"),
    [
        ("BTC_USDT_USDT-1m-futures", "BTCUSDT"),
        ("1000PEPE_USDT_USDT-1m-futures", "1000PEPEUSDT"),
        ("ETH_USDT-1m", "ETHUSDT"),
        ("SOLUSDT", "SOLUSDT"),
        ("SOLUSDT-1m-2025-05", "SOLUSDT"),
    ],
)
def test_symbol_when_the_name_tells_it_is_read(stem: str, symbol: str) -> None:
    assert symbol_of(stem) == symbol


@pytest.mark.parametrize(
    ("stem", "fault"), [("BTC_USDT-5m", "candles of 5m"), ("my candles", "give it by --symbol")]
)
def test_symbol_when_the_name_does_not_tell_it_says_so(stem: str, fault: str) -> None:
    with pytest.raises(InvalidCandles, match=fault):
        symbol_of(stem)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"drop": "volume"}, "column volume is missing"),
        ({"drop": "date"}, "no time column"),
        ({"every": 5}, "candles are 300 s apart"),
        ({"times": [1, 2, 3, 4, 5]}, "no epoch time"),
        ({"times": ["now"] * 5}, "column date"),
    ],
)
def test_file_when_it_holds_no_1m_candles_is_refused(
    tmp_path: Path, change: dict[str, object], fault: str
) -> None:
    given = frame(5) if "every" not in change else frame(25).gather_every(5)
    if "drop" in change:
        given = given.drop(str(change["drop"]))
    if "times" in change:
        given = given.with_columns(date=pl.Series(change["times"]))
    file = tmp_path / "AUSDT.parquet"
    given.write_parquet(file)
    with pytest.raises(InvalidCandles, match=fault):
        read_file(file)


def test_import_when_the_kind_of_file_is_unknown_or_missing_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"x")
    (tmp_path / "b.feather").write_bytes(b"x")
    for name, fault in (("a.xlsx", "allowed are"), ("c.csv", "not exist"), ("b.feather", "read")):
        with pytest.raises(InvalidCandles, match=fault):
            import_files([tmp_path / name], tmp_path / "out")
    with pytest.raises(InvalidCandles, match="no files"):
        import_files([], tmp_path / "out")


def test_import_when_files_contradict_each_other_writes_nothing(tmp_path: Path) -> None:
    frame(10).write_parquet(tmp_path / "a.parquet")
    frame(10).with_columns(volume=pl.lit(4.0)).write_parquet(tmp_path / "b.parquet")
    files = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    with pytest.raises(InvalidCandles, match="two different candles of XUSDT at 2025-05-31"):
        import_files(files, tmp_path / "out", "XUSDT")
    assert not (tmp_path / "out").exists()


def test_import_when_a_month_exists_does_not_overwrite_it(tmp_path: Path) -> None:
    file = tmp_path / "AUSDT.parquet"
    frame(10).write_parquet(file)
    import_files([file], tmp_path / "out")
    with pytest.raises(InvalidCandles, match=r"AUSDT-1m-2025-05\.parquet exists already"):
        import_files([file], tmp_path / "out")


def test_import_when_a_candle_is_none_names_the_column(tmp_path: Path) -> None:
    file = tmp_path / "AUSDT.parquet"
    frame(10).with_columns(high=pl.lit(1.0)).write_parquet(file)
    with pytest.raises(InvalidCandles, match="column high, row 0"):
        import_files([file], tmp_path / "out")
