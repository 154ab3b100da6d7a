"""The verb `backtest` from the command line."""

from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from bot.cli.backtest import parse_multipliers
from bot.cli.main import app
from tests.bot.backtest_kit import market_file


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_backtest_when_run_writes_json_and_page_and_says_the_truth(tmp_path: Path) -> None:
    market_file(tmp_path)
    words = "backtest market.parquet --json out/a.json --report out/a.html --heuristic"
    result = CliRunner().invoke(app, [*words.split(), "--cost-multipliers", "1,2"])
    assert result.exit_code == 0, result.output
    body = orjson.loads(Path("out/a.json").read_bytes())
    assert [run["cost_multiplier"] for run in body["runs"]] == [1.0, 2.0]
    assert Path("out/a.html").read_text().startswith("<!doctype html>")
    assert "spread and impact ×2" in result.output
    assert "candles/s" in result.output
    assert "Random entries like these" in result.output


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("nowhere.parquet", "nowhere.parquet does not exist"),
        ("market.parquet --symbols XUSDT", "no candles of XUSDT"),
        ("market.parquet --cost-multipliers 1,x", "--cost-multipliers is '1,x'"),
        ("market.parquet --funding nofile", "nofile"),
        ("market.parquet --timeframes 1m,2m", "--timeframes is '1m,2m', allowed are 1m, 5m, 15m"),
    ],
)
def test_backtest_when_input_is_wrong_says_it_in_one_line(
    tmp_path: Path, words: str, line: str
) -> None:
    market_file(tmp_path, 30)
    result = CliRunner().invoke(app, ["backtest", *words.split()])
    assert result.exit_code == 2
    assert line in result.output
    assert result.output.strip().startswith("backtest: ")
    assert len(result.output.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "factors"),
    [("1", (1.0,)), ("0.5, 1,2,4", (0.5, 1.0, 2.0, 4.0)), ("2,2,0", (2.0, 0.0))],
)
def test_multipliers_when_listed_are_read_once_each(text: str, factors: tuple[float, ...]) -> None:
    assert parse_multipliers(text) == factors


@pytest.mark.parametrize("text", ["", "x", "-1", "101", "nan"])
def test_multipliers_when_wrong_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="allowed are numbers from 0 to 100"):
        parse_multipliers(text)
