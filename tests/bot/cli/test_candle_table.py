"""Tests of bot/cli/candle_table.py."""

from pathlib import Path

import polars as pl
import pytest

from bot.cli.candle_table import read_candles
from engine.domain.errors import InvalidCandles

GOOD = {"open": [1.0, 2.0], "high": [3.0, 3.5], "low": [0.5, 1.5], "close": [2.0, 3.0]}


def csv(folder: Path, text: str) -> Path:
    file = folder / "candles.csv"
    file.write_text(text)
    return file


def parquet(folder: Path, **columns: object) -> Path:
    file = folder / "candles.parquet"
    pl.DataFrame({**GOOD, **columns}).write_parquet(file)
    return file


@pytest.mark.parametrize(
    "text",
    [
        "open,high,low,close\n1,3,0.5,2\n2,3.5,1.5,3\n",
        (
            "Date,Open,High,Low,Close,Tickvol,Volume,Spread\n"
            "2022.10.10 00:00:00,1,3,0.5,2,60,0,20\n2022.10.10 00:15:00,2,3.5,1.5,3,57,0,20\n"
        ),
        (
            ",Date,OPEN,HIGH,LOW,CLOSE,volume,oi\n"
            "0,2024-03-01 09:15:00,1,3,0.5,2,7,1\n1,2024-03-04 09:15:00,2,3.5,1.5,3,7,1\n"
        ),
        "timestamp, open ,high,low,close\n1700000000000,1,3,0.5,2\n1700000060000,2,3.5,1.5,3\n",
        (
            "time,open,high,low,close\n"
            "2024-03-01T09:15:00Z,1,3,0.5,2\n2024-03-01T09:16:00Z,2,3.5,1.5,3\n"
        ),
    ],
)
def test_csv_when_names_and_times_vary_is_read(tmp_path: Path, text: str) -> None:
    candles = read_candles(csv(tmp_path, text))
    for name, values in GOOD.items():
        assert getattr(candles, name).tolist() == values


def test_folder_when_given_is_read_in_the_order_of_its_names(tmp_path: Path) -> None:
    later, sooner = tmp_path / "X-2025-02.parquet", tmp_path / "X-2025-01.csv"
    pl.DataFrame({"open_time": [120_000, 180_000], **GOOD}).write_parquet(later)
    pl.DataFrame({"open_time": [0, 60_000], **GOOD}).write_csv(sooner)
    (tmp_path / "notes.txt").write_text("no candles")

    assert read_candles(tmp_path).open.tolist() == [1.0, 2.0, 1.0, 2.0]


def test_folder_when_months_overlap_or_columns_differ_or_nothing_is_there_is_refused(
    tmp_path: Path,
) -> None:
    with pytest.raises(InvalidCandles, match=r"no candle file in .*, allowed are \.csv, \.parquet"):
        read_candles(tmp_path)
    for name in ("a.parquet", "b.parquet"):
        pl.DataFrame({"open_time": [0, 60_000], **GOOD}).write_parquet(tmp_path / name)
    with pytest.raises(InvalidCandles, match="row 2"):
        read_candles(tmp_path)
    parquet(tmp_path, extra=["x", "y"])
    with pytest.raises(InvalidCandles, match="different columns"):
        read_candles(tmp_path)


@pytest.mark.parametrize(
    ("columns", "quote"),
    [
        ({}, [0.0, 0.0]),
        ({"volume": [4.0, 2.0]}, [6.5, 5.0]),
        ({"volume": [4.0, 2.0], "quote_volume": [9.0, 8.0]}, [9.0, 8.0]),
        ({"volume": [4.0, 2.0], "quote_volume": [9.0, None]}, [6.5, 5.0]),
    ],
)
def test_quote_volume_when_absent_is_estimated(
    tmp_path: Path, columns: dict[str, list[float]], quote: list[float]
) -> None:
    assert read_candles(parquet(tmp_path, **columns)).quote_volume.tolist() == quote


def test_symbol_when_the_file_has_several_must_be_named(tmp_path: Path) -> None:
    file = parquet(tmp_path, symbol=["BTCUSDT", "ETHUSDT"])
    assert read_candles(file, "ETHUSDT").close.tolist() == [3.0]
    with pytest.raises(InvalidCandles, match="has 2 symbols, name one by --symbol: BTCUSDT, ETH"):
        read_candles(file)
    with pytest.raises(InvalidCandles, match="symbol DOGEUSDT is not in the file, it has: BTC"):
        read_candles(file, "DOGEUSDT")


def test_symbol_when_the_file_has_one_or_none_need_not_be_named(tmp_path: Path) -> None:
    assert len(read_candles(parquet(tmp_path, symbol=["BTCUSDT", "BTCUSDT"]))) == 2
    with pytest.raises(InvalidCandles, match="no symbol column"):
        read_candles(parquet(tmp_path), "BTCUSDT")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("open,high,low\n1,3,0.5\n", "column close is missing; the file has: open, high, low"),
        ("open,high,low,close\n", "has no candles"),
        ("", "is empty"),
        ("open,high,low,close\n1,3,0.5,2\n1,x,0.5,2\n", "row 1: high is 'x', allowed are finite"),
        ("open,high,low,close\n1,3,0.5,2\n1,3,,2\n", "row 1: low is empty, allowed are finite"),
        ("open,high,low,close\n1,NaN,0.5,2\n", "row 0: high is .*[nN]a[nN].*, allowed are finite"),
        ("open,high,low,close\n1,inf,0.5,2\n", "row 0: high is .*inf.*, allowed are finite"),
        ("open,high,low,close\n1,3,0.5,2\n1,0.4,0.5,2\n", "row 1 is no candle: open 1.0, high 0.4"),
        ("Open,open,high,low,close\n1,1,3,0.5,2\n", "column open appears twice"),
        (
            "time,open,high,low,close\n2024-01-02,1,3,0.5,2\n2024-01-01,1,3,0.5,2\n",
            "row 1: time 2024-01-01 is earlier than the row before; rows must be sorted",
        ),
        ("time,open,high,low,close\n5,1,3,0.5,2\n5,1,3,0.5,2\n", "row 1: time 5 repeats"),
        ("time,open,high,low,close\n5,1,3,0.5,2\n,1,3,0.5,2\n", "row 1: time is empty"),
        (
            "time,open,high,low,close\nsoon,1,3,0.5,2\n",
            "row 0: time 'soon' cannot be read, allowed are times like",
        ),
        (
            "time,open,high,low,close\n2024-01-02,1,3,0.5,2\nlater,1,3,0.5,2\n",
            "row 1: time 'later' cannot be read",
        ),
    ],
)
def test_csv_when_it_is_no_series_of_candles_says_what_and_where(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(InvalidCandles, match=message) as caught:
        read_candles(csv(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_file_when_absent_or_of_another_kind_or_broken_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidCandles, match=r"none\.csv does not exist"):
        read_candles(tmp_path / "none.csv")
    with pytest.raises(InvalidCandles, match=r"candles\.xlsx is no candle file, allowed are \.csv"):
        read_candles(tmp_path / "candles.xlsx")
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"not a parquet file")
    with pytest.raises(InvalidCandles, match=r"broken\.parquet cannot be read: "):
        read_candles(broken)
