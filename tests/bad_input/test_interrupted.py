"""Ctrl-C in the middle of the work: a clean end, code 130, and the same command goes on."""

import sys
from pathlib import Path

import pytest

from bot.cli import main as command_line
from tests.bad_input.files import good


def ended(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr(sys, "argv", ["smcbot", *map(str, words)])
    with pytest.raises(SystemExit) as caught:
        command_line.main()
    assert isinstance(caught.value.code, int)
    return caught.value.code


def interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("verb", "place", "options"),
    [
        ("backtest", "bot.backtesting.run_backtests", ["--json", "out.json"]),
        ("import", "bot.tools.import_candles.import_files", ["--out", "out"]),
        ("smc", "bot.cli.smc.detect_frame", ["--out", "out.csv"]),
        ("train", "bot.research.run_training", ["--out", "out", "--jobs", "1"]),
        ("train", "models.dataset.make_part", ["--out", "out", "--jobs", "1"]),
    ],
)
def test_verb_when_interrupted_ends_cleanly(
    verb: str,
    place: str,
    options: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    good().write_parquet("candles.parquet")
    monkeypatch.setattr(place, interrupted)

    assert ended(monkeypatch, verb, "candles.parquet", *options) == command_line.INTERRUPTED

    told = capfd.readouterr()
    assert "Traceback" not in told.out + told.err
    assert len(told.err.strip().splitlines()) <= 1
    assert not Path("out.json").exists()
    assert not Path("out.csv").exists()


def test_download_when_interrupted_ends_cleanly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bot.cli.download._fetch", interrupted)

    code = ended(monkeypatch, "download", "BTCUSDT", "--from", "2025-01", "--to", "2025-01")

    assert code == command_line.INTERRUPTED
    assert "Traceback" not in capfd.readouterr().err
