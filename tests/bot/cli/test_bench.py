"""Tests of bot/cli/bench.py: the verb on tiny sizes; no time is asserted."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli.bench import PartName
from bot.cli.main import app
from bot.tools.bench import codec, machine, measure, parts
from bot.tools.bench.measure import MachineFailed

TINY = measure.Size(
    compiled_candles=2_000,
    plain_candles=1_000,
    frames=10,
    symbols=2,
    minutes=2,
    repeats=1,
    burst_s=0.0,
    steady_s=0.0,
    chat_s=0.0,
    research_symbols=2,
    research_candles=2_000,
    training_candles=0,
    memory_candles=0,
)


@pytest.fixture(autouse=True)
def _tiny(monkeypatch):
    monkeypatch.setattr(measure, "FULL", TINY)
    monkeypatch.setattr(measure, "QUICK", TINY)


def bench(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["bench", *arguments], env={"COLUMNS": "120"})


def test_parts_when_named_on_the_command_line_are_all_there():
    assert list(parts.PARTS) == [part.value for part in PartName]


@pytest.mark.prove
def test_bench_when_run_prints_a_row_of_each_part_and_the_load():
    """Compiles the detector and runs the whole bot: a minute on a quiet machine."""
    result = bench()

    assert result.exit_code == 0, result.output
    for shown in (
        "detection, plain Python",
        "detection, compiled",
        "decoding a frame, closed minute",
        "scoring with",
        "core, one closed candle",
        "1 symbol × 1,000 candles",
        "load average",
        "data set (detection, features, labels)",
        "backtest, file to statistics",
    ):
        assert shown in result.stdout


def test_bench_when_only_some_parts_are_asked_for_runs_these(tmp_path):
    path = tmp_path / "bench.json"

    result = bench("--quick", "--only", "codec", "--only", "core", "--json", str(path))

    assert result.exit_code == 0, result.output
    told = json.loads(path.read_text(encoding="utf-8"))
    assert {row["part"] for row in told["rows"]} == {"codec", "core"}
    assert all(row["value"] > 0 and row["load"] for row in told["rows"])
    assert len(told["before"]["load"]) == 3


def test_bench_when_a_part_fails_says_why_and_still_prints_the_others(monkeypatch):
    def failing(*_: object) -> None:
        raise MachineFailed("the measured machine failed: no port")

    whole = {machine.PART: failing, codec.PART: codec.measure_codec}
    monkeypatch.setattr(parts, "PARTS", whole)

    result = bench("--only", "machine", "--only", "codec")

    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == "bench: the measured machine failed: no port"
    assert "decoding a frame, closed minute" in result.stdout
    assert "Traceback" not in result.output


def test_bench_when_the_result_cannot_be_written_says_so(tmp_path):
    result = bench("--only", "codec", "--json", str(tmp_path / "no" / "folder.json"))

    assert result.exit_code == 1
    assert "bench: " in result.stderr


def test_bench_when_a_part_is_unknown_refuses():
    assert bench("--only", "luck").exit_code == 2


def test_bench_when_peers_are_not_asked_for_leaves_them_out(monkeypatch):
    ran: list[tuple[str, object]] = []

    def part(name):
        return lambda size, *_: ran.append((name, size.data)) or []

    monkeypatch.setattr(parts, "PARTS", {name: part(name) for name in parts.PARTS})

    assert bench().exit_code == 0
    assert {name for name, _ in ran} == set(PartName) - {PartName.PEERS}

    ran.clear()
    assert bench("--only", "codec", "--peers", "mine.parquet").exit_code == 0
    assert ran == [("codec", (Path("mine.parquet"),)), ("peers", (Path("mine.parquet"),))]


def test_bench_when_the_data_are_no_candles_says_so_in_one_line(tmp_path):
    result = bench("--only", "research", str(tmp_path / "none.parquet"))

    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].endswith("none.parquet does not exist")
    assert "Traceback" not in result.output
