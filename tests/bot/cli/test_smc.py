"""Tests of bot/cli/smc.py: the verb as a user runs it."""

import csv
from pathlib import Path

import polars as pl
import pytest
import typer
from typer.testing import CliRunner, Result

from bot.cli import smc as verb
from bot.cli.smc import event_frame, smc
from engine.smc.frame import detect_frame
from engine.smc.params import DetectorParams, OrderBlockAnchor
from tests.oracle.smc_series import Row, arrays, walk

HEADER = "known_at,bar,kind,direction,top,bottom,ref"


def run(*arguments: object) -> Result:
    app = typer.Typer()
    app.command()(smc)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def rows() -> list[Row]:
    return walk(13, 1_200)


@pytest.fixture
def candles(tmp_path: Path, rows: list[Row]) -> Path:
    file = tmp_path / "candles.csv"
    pl.DataFrame(
        rows, schema=["Open", "High", "Low", "Close", "Quote_Volume"], orient="row"
    ).select("Open", "High", "Low", "Close").write_csv(file)
    return file


def test_smc_when_run_writes_every_event_with_prices_that_round_trip(
    tmp_path: Path, rows: list[Row], candles: Path
) -> None:
    out = tmp_path / "events.csv"
    result = run(candles, "--out", out)
    assert result.exit_code == 0
    assert "1200 candles" in result.stderr
    with out.open(newline="") as stream:
        table = list(csv.DictReader(stream))
    expected = list(detect_frame(arrays(rows), DetectorParams()).events.rows())
    assert len(table) == len(expected) > 500
    for line, event in zip(table, expected, strict=True):
        assert int(line["known_at"]) == event.known_at
        assert int(line["bar"]) == event.bar
        assert line["kind"] == event.kind.value
        assert int(line["direction"]) == event.direction
        assert (float(line["top"]), float(line["bottom"])) == (event.top, event.bottom)
        assert line["top"] == repr(event.top), "the shortest text that reads back the same"
        assert line["ref"] == ("" if event.ref < 0 else str(event.ref))


def test_smc_when_no_file_is_named_writes_to_standard_output(candles: Path) -> None:
    result = run(candles)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == HEADER
    assert len(lines) > 500


def test_smc_when_options_are_given_uses_them(rows: list[Row], candles: Path) -> None:
    params = DetectorParams(
        left=2,
        right=3,
        ob_anchor=OrderBlockAnchor.EXTREME,
        min_gap_atr=0.2,
        max_age=50,
        equal_levels=True,
    )
    options = "--left 2 --right 3 --ob-anchor extreme --min-gap 0.2 --max-age 50 --equal-levels"
    result = run(candles, *options.split())
    expected = event_frame(detect_frame(arrays(rows), params).events).write_csv()
    assert result.stdout == expected
    assert result.stdout != run(candles).stdout


def test_smc_when_parquet_holds_several_symbols_takes_the_named_one(
    tmp_path: Path, rows: list[Row]
) -> None:
    frame = pl.DataFrame(rows, orient="row").cast(pl.Float64)
    both = pl.concat(
        [
            frame.with_columns(symbol=pl.lit("AUSDT")),
            frame.reverse().with_columns(symbol=pl.lit("BUSDT")),
        ]
    )
    file = tmp_path / "both.parquet"
    both.rename(dict(zip(frame.columns, Row._fields, strict=True))).write_parquet(file)
    assert run(file).exit_code == 2
    expected = event_frame(detect_frame(arrays(rows[::-1]), DetectorParams()).events).write_csv()
    assert run(file, "--symbol", "BUSDT").stdout == expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--left", "0"], "smc: left is 0, allowed is 1 to 60"),
        (["--min-gap", "-1"], "smc: min_gap_atr is -1.0, allowed is 0.0 to 100.0"),
        (["--symbol", "BTCUSDT"], "smc: --symbol was given, but the file has no symbol column"),
    ],
)
def test_smc_when_an_option_is_wrong_says_so_in_one_line(
    candles: Path, arguments: list[str], message: str
) -> None:
    result = run(candles, *arguments)
    assert result.exit_code == 2
    assert result.stderr == message + "\n"
    assert result.stdout == ""


def test_smc_when_the_file_is_wrong_says_so_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text("open,high,low,close\n1,2,0.5,1\n1,nan,0.5,1\n")
    result = run(file)
    assert result.exit_code == 2
    assert result.stderr.startswith("smc: row 1: high is ")
    assert result.stderr.count("\n") == 1


def test_smc_when_the_output_cannot_be_written_says_so(tmp_path: Path, candles: Path) -> None:
    (tmp_path / "file").touch()
    result = run(candles, "--out", tmp_path / "file" / "events.csv")
    assert result.exit_code == 2
    assert result.stderr.startswith("smc: ")


def test_smc_when_asked_for_help_shows_an_example() -> None:
    result = run("--help")
    assert result.exit_code == 0
    assert "Example: python -m bot smc" in result.stdout


def test_smc_when_there_is_much_to_do_shows_progress_and_finds_the_same(
    candles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = run(candles).stdout
    monkeypatch.setattr(verb, "SHOW_PROGRESS_FROM", 1)
    assert run(candles).stdout == expected


def test_smc_when_the_reader_of_the_output_has_gone_ends_quietly(
    candles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(verb, "_write", gone)
    result = run(candles)
    assert (result.exit_code, result.stderr) == (0, "")
