"""Candle files are believed only after a check that names the first bad row."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from engine.domain.errors import InvalidCandles
from storage.candles import (
    NULLABLE,
    SCHEMA,
    quote_volume,
    read_candles,
    refuse_bad_values,
    scan_candles,
    write_candles,
)
from tests.shared import shared_path

START = datetime(2025, 5, 4, tzinfo=UTC)


def _frame(rows: int = 6, symbol: str = "BTCUSDT") -> pl.DataFrame:
    return pl.DataFrame(
        {
            "symbol": [symbol] * rows,
            "open_time": [START + timedelta(minutes=n) for n in range(rows)],
            "open": [100.0] * rows,
            "high": [101.0] * rows,
            "low": [99.0] * rows,
            "close": [100.5] * rows,
            "volume": [2.0] * rows,
        },
        schema=SCHEMA,
    )


def _written(tmp_path: Path, frame: pl.DataFrame) -> Path:
    path = tmp_path / "candles.parquet"
    frame.write_parquet(path)
    return path


def _with(frame: pl.DataFrame, row: int, column: str, value: Any) -> pl.DataFrame:
    values = frame[column].to_list()
    values[row] = value
    return frame.with_columns(pl.Series(column, values, dtype=frame.schema[column]))


def test_read_when_file_is_good_has_every_column(tmp_path: Path) -> None:
    candles = read_candles(_written(tmp_path, _frame()))
    assert candles.columns == [*SCHEMA, *NULLABLE]
    assert candles.schema["open_time"] == pl.Datetime("ms", "UTC")
    assert candles["trades"].null_count() == 6


def test_read_when_times_are_naive_takes_them_as_utc(tmp_path: Path) -> None:
    naive = _frame().with_columns(pl.col("open_time").dt.replace_time_zone(None))
    assert read_candles(_written(tmp_path, naive))["open_time"][0] == START


def test_read_when_symbols_are_named_keeps_only_those(tmp_path: Path) -> None:
    path = _written(tmp_path, pl.concat([_frame(), _frame(symbol="ETHUSDT")]))
    assert set(read_candles(path, symbols=["ETHUSDT"])["symbol"]) == {"ETHUSDT"}


@pytest.mark.parametrize(
    ("row", "column", "value", "told"),
    [
        (2, "close", float("nan"), "column close, row 2: nan is empty or not a finite number"),
        (3, "open", None, "column open, row 3: None is empty"),
        (1, "volume", float("inf"), "column volume, row 1: inf is empty or not a finite"),
        (4, "high", 98.0, "column high, row 4: 98.0 is below the low"),
        (4, "high", 100.2, "column high, row 4: 100.2 is below open or close"),
        (0, "low", 100.2, "column low, row 0: 100.2 is above open or close"),
        (5, "low", 0.0, "column low, row 5: 0.0 is not positive"),
        (2, "volume", -1.0, "column volume, row 2: -1.0 is negative"),
        (3, "open_time", START + timedelta(minutes=2), "row 3: 2025-05-04 00:02:00.00:00 repeats"),
        (3, "open_time", START, "column open_time, row 3: 2025-05-04 00:00:00.00:00 goes back"),
        (5, "open_time", START + timedelta(seconds=330), "row 5: .* is not a whole minute"),
        (2, "symbol", None, "column symbol, row 2: None is empty"),
        (2, "symbol", "AAA", "column symbol, row 2: AAA is not sorted"),
    ],
)
def test_read_when_a_row_is_bad_names_it(
    tmp_path: Path, row: int, column: str, value: Any, told: str
) -> None:
    path = _written(tmp_path, _with(_frame(), row, column, value))
    with pytest.raises(InvalidCandles, match=told) as caught:
        read_candles(path)
    assert str(caught.value).startswith(str(path))


def test_read_when_quote_volume_is_negative_names_it(tmp_path: Path) -> None:
    frame = _frame().with_columns(quote_volume=pl.lit(-5.0))
    with pytest.raises(InvalidCandles, match="column quote_volume, row 0"):
        read_candles(_written(tmp_path, frame))


def test_read_when_several_rows_are_bad_names_the_first(tmp_path: Path) -> None:
    frame = _with(_with(_frame(), 4, "close", -1.0), 2, "close", -1.0)
    with pytest.raises(InvalidCandles, match="row 2"):
        read_candles(_written(tmp_path, frame))


def test_read_when_next_symbol_starts_over_is_fine(tmp_path: Path) -> None:
    path = _written(tmp_path, pl.concat([_frame(), _frame(symbol="ETHUSDT")]))
    assert read_candles(path).height == 12


@pytest.mark.parametrize("column", list(SCHEMA))
def test_scan_when_a_column_is_missing_names_it(tmp_path: Path, column: str) -> None:
    path = _written(tmp_path, _frame().drop(column))
    with pytest.raises(InvalidCandles, match=f"column {column} is missing"):
        scan_candles(path)


@pytest.mark.parametrize(
    ("column", "kind", "told"),
    [("open_time", pl.String, "String, not a time"), ("close", pl.String, "not a number")],
)
def test_scan_when_a_column_has_another_type_says_so(
    tmp_path: Path, column: str, kind: type[pl.DataType], told: str
) -> None:
    path = _written(tmp_path, _frame().with_columns(pl.col(column).cast(kind)))
    with pytest.raises(InvalidCandles, match=f"column {column} is .*{told}"):
        scan_candles(path)


def test_read_when_file_is_absent_or_no_parquet_says_so(tmp_path: Path) -> None:
    with pytest.raises(InvalidCandles, match=r"absent\.parquet"):
        read_candles(tmp_path / "absent.parquet")
    (tmp_path / "text.parquet").write_text("symbol,open\n")
    with pytest.raises(InvalidCandles, match=r"text\.parquet"):
        read_candles(tmp_path / "text.parquet")


def test_read_when_file_is_damaged_inside_says_so(tmp_path: Path) -> None:
    path = _written(tmp_path, _frame(5000))
    content = bytearray(path.read_bytes())
    content[8:600] = b"\xff" * 592
    path.write_bytes(content)
    with pytest.raises(InvalidCandles, match=r"candles\.parquet: "):
        read_candles(path)


def test_write_when_good_is_read_back_equal(tmp_path: Path) -> None:
    path = tmp_path / "2025" / "05.parquet"
    write_candles(_frame(), path)
    assert read_candles(path).select(list(SCHEMA)).equals(_frame())
    assert [file.name for file in path.parent.iterdir()] == ["05.parquet"]


def test_write_when_bad_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "bad.parquet"
    with pytest.raises(InvalidCandles, match="row 3"):
        write_candles(_with(_frame(), 3, "close", None), path)
    with pytest.raises(InvalidCandles, match="close is missing"):
        write_candles(_frame().drop("close"), path)
    assert list(tmp_path.iterdir()) == []


def test_quote_volume_when_null_is_estimated() -> None:
    frame = _frame(2).with_columns(pl.Series("quote_volume", [None, 7.0], dtype=pl.Float64))
    assert frame.select(quote_volume())["quote_volume"].to_list() == [200.25, 7.0]


def test_read_when_candles_are_real_accepts_them() -> None:
    path = shared_path("data/klines_1m/um_2025-01.parquet")
    assert read_candles(path, symbols=["BTCUSDT"]).height > 40_000


def test_values_when_only_the_order_is_wrong_are_fine() -> None:
    frame = _frame()
    upside_down = pl.concat([frame, frame]).reverse()

    refuse_bad_values(Path("mine.csv"), upside_down)

    with pytest.raises(InvalidCandles, match=r"mine.csv: column close, row 0: -1.0 is not"):
        refuse_bad_values(Path("mine.csv"), frame.with_columns(close=pl.lit(-1.0)))
