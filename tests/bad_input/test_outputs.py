"""Results that cannot be written: known before the work, and nothing is lost."""

import errno
from pathlib import Path

import pytest

from bot.cli import outputs
from tests.bad_input.files import good
from tests.bad_input.verbs import invoke, refusal, written


@pytest.fixture(autouse=True)
def candles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "file").touch()
    path = tmp_path / "in" / "candles.parquet"
    good().write_parquet(path)
    return path


@pytest.mark.parametrize(
    ("verb", "option", "name"),
    [
        ("backtest", "--json", "x.json"),
        ("backtest", "--report", "x.html"),
        ("smc", "--out", "x.csv"),
        ("import", "--out", "x"),
        ("train", "--out", "x"),
    ],
)
def test_verb_when_the_result_cannot_be_written_says_where(
    verb: str, option: str, name: str, candles: Path, tmp_path: Path
) -> None:
    line = refusal(verb, candles, option, tmp_path / "in" / "file" / name)

    assert str(tmp_path / "in" / "file") in line
    assert "Not a directory" in line or "File exists" in line


def test_backtest_when_the_result_cannot_be_written_does_not_begin(
    candles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def begun(*_: object) -> None:
        raise AssertionError("the work had begun")

    monkeypatch.setattr("bot.backtesting.run_backtests", begun)

    refusal("backtest", candles, "--json", candles.parent / "file" / "x.json")


def test_backtest_when_the_disk_fills_up_still_tells_what_it_found(
    candles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, _content: bytes) -> int:
        path.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(outputs.Path, "write_bytes", full)

    result = invoke("backtest", candles, "--json", "out.json")

    assert result.exit_code == 2
    assert "candles/s" in result.stdout
    assert result.stderr.strip().splitlines()[-1] == (
        "backtest: out.json was not written: No space left on device"
    )
    assert written(candles.parents[1]) == []


def test_import_when_the_disk_fills_up_says_so_and_leaves_no_half_month(
    candles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "disk")

    monkeypatch.setattr("polars.DataFrame.write_parquet", full)

    assert "No space left on device" in refusal("import", candles, "--out", "out")
    assert written(candles.parents[1]) == []
