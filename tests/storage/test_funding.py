"""Tests of storage/funding.py."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from engine.domain.errors import InvalidCandles
from storage.funding import read_funding


def write(path: Path, **changes: object) -> Path:
    hours = [datetime(2025, 1, 1, hour, tzinfo=UTC) for hour in (16, 0, 8, 0)]
    columns = {
        "symbol": ["A", "A", "A", "B"],
        "funding_time": hours,
        "funding_rate": [0.3, 0.1, 0.2, -0.1],
    }
    pl.DataFrame(columns | changes).write_parquet(path)
    return path


def test_funding_when_read_is_by_symbol_and_time(tmp_path: Path) -> None:
    rates = read_funding(write(tmp_path / "f.parquet"))
    assert sorted(rates) == ["A", "B"]
    times, values = rates["A"]
    assert values.tolist() == [0.1, 0.2, 0.3]
    midnight = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp() * 1000)
    assert (times - midnight).tolist() == [0, 28_800_000, 57_600_000]


def test_funding_when_a_time_repeats_is_paid_once(tmp_path: Path) -> None:
    same = [datetime(2025, 1, 1, tzinfo=UTC)] * 4
    rates = read_funding(write(tmp_path / "f.parquet", funding_time=same))
    assert len(rates["A"][0]) == 1


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"funding_rate": [0.1, None, 0.1, 0.1]}, "funding_rate has empty"),
        ({"funding_rate": [0.1, float("inf"), 0.1, 0.1]}, "not finite"),
        ({"funding_time": [1, 2, 3, 4]}, "funding_time is not a time"),
    ],
)
def test_funding_when_wrong_is_refused(
    tmp_path: Path, changes: dict[str, object], fault: str
) -> None:
    with pytest.raises(InvalidCandles, match=fault):
        read_funding(write(tmp_path / "f.parquet", **changes))


def test_funding_when_no_such_file_or_column_says_so(tmp_path: Path) -> None:
    with pytest.raises(InvalidCandles, match=r"none\.parquet"):
        read_funding(tmp_path / "none.parquet")
    path = tmp_path / "g.parquet"
    pl.DataFrame({"symbol": ["A"]}).write_parquet(path)
    with pytest.raises(InvalidCandles, match="column funding_time is missing"):
        read_funding(path)
