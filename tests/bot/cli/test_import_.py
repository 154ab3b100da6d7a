"""Tests of bot/cli/import_.py."""

from pathlib import Path

import polars as pl
from typer.testing import CliRunner

from bot.cli.main import app
from tests.models.sources import market


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["import", *arguments])
    return result.exit_code, result.output


def test_import_when_run_tells_what_it_wrote(tmp_path: Path) -> None:
    file = tmp_path / "candles.csv"
    market(1, 30).with_columns(
        volume=pl.lit(1.0), open_time=pl.col("open_time").dt.epoch("ms")
    ).write_csv(file)
    code, output = run(str(file), "--symbol", "ausdt", "--out", str(tmp_path / "out"))
    assert code == 0, output
    assert "30 candles, symbols: 1, months: 1 -> " in output
    assert (tmp_path / "out" / "AUSDT" / "AUSDT-1m-2023-11.parquet").exists()


def test_import_when_a_file_is_wrong_ends_with_one_line(tmp_path: Path) -> None:
    code, output = run(str(tmp_path / "none.csv"))
    assert code == 2
    assert output.startswith("import: ")
    assert "does not exist" in output
