"""Tests of bot/cli/train.py."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.main import app


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["nowhere.parquet"], "nowhere.parquet does not exist"),
        (["nowhere.parquet", "--timeframes", "3m"], "--timeframes is '3m'"),
        (["nowhere.parquet", "--schema", "v9"], "--schema is 'v9', allowed are smc12.v1"),
        (
            ["nowhere.parquet", "--cluster", "nonsense://x"],
            "--cluster 'nonsense://x' is no address of a scheduler, give tcp://HOST:PORT",
        ),
    ],
)
def test_train_when_the_order_is_wrong_ends_with_one_line(
    arguments: list[str], fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["train", *arguments, "--out", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert f"train: {fault}" in result.output
    assert "Traceback" not in result.output


def test_train_when_asked_for_help_shows_an_example() -> None:
    result = CliRunner().invoke(app, ["train", "--help"])
    assert "python -m bot train candles/2020" in result.output


def test_train_when_interrupted_says_where_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bot.research.run_training", interrupted)
    arguments = ["train", "x.parquet", "--out", "out", "--work", "kept", "--jobs", "1"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 130
    assert "interrupted; what is finished is kept in kept, the same command goes on" in (
        result.output
    )
