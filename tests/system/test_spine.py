"""The command line end to end, as a newcomer uses it: real processes, real time, real sockets."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN_S = 60.0
HOSTED = ("DYNO", "RAILWAY_")


def environment(data: Path, **settings: str) -> dict[str, str]:
    """Return this machine's environment without any settings but the given ones."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SMCBOT_", *HOSTED))
    }
    given = {f"SMCBOT_{name.upper()}": value for name, value in settings.items()}
    return {**kept, **given, "SMCBOT_DATA_DIR": str(data), "PYTHONPATH": str(ROOT)}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "bot", *arguments]


def run(
    folder: Path, arguments: Sequence[str], *, within_s: float = 60.0, **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run a verb to its end in an empty folder."""
    return subprocess.run(
        command(*arguments),
        cwd=folder,
        env=environment(folder / "data", **settings),
        capture_output=True,
        text=True,
        timeout=within_s,
        check=False,
    )


def live_run(speed: int) -> list[str]:
    """Arguments of forty minutes of live trading on the embedded exchange."""
    options = "--venue sim --mode live --allow-negative-edge --symbols 12 --chat-port 0"
    return ["run", *options.split(), "--speed", str(speed), "--for", "40m", "--summary", "out.json"]


@dataclass
class Run:
    """A finished run, and how a second instance fared meanwhile."""

    code: int
    output: str
    figures: dict[str, Any]
    second: subprocess.CompletedProcess[str]


def run_with_a_rival(folder: Path) -> Run:
    """Run forty minutes of market time in about twelve seconds, and a second bot meanwhile."""
    with (folder / "output.txt").open("w") as output:
        process = subprocess.Popen(
            command(*live_run(200)),
            cwd=folder,
            env=environment(folder / "data"),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for(folder / "output.txt", "ready after", process)
            second = run(folder, ["run", "--venue", "sim", "--chat-port", "0"])
            code = process.wait(timeout=90)
        finally:
            process.kill()
            process.wait()
    text = (folder / "output.txt").read_text()
    figures = json.loads((folder / "out.json").read_text()) if code == 0 else {}
    return Run(code, text, figures, second)


def _wait_for(file: Path, words: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while words not in file.read_text():
        assert process.poll() is None, file.read_text()
        assert time.monotonic() < deadline, file.read_text()
        time.sleep(0.1)


def assert_sound(figures: dict[str, Any]) -> None:
    """The promises every run on the embedded exchange must keep."""
    assert abs(Decimal(figures["account"]["difference"])) <= Decimal("1e-8")
    assert figures["indigestible"] == 0
    assert figures["restarts"] == {}
    assert figures["candles"]["blind_at_end"] == 0
    assert figures["candles"]["received"] + figures["candles"]["backfilled"] >= 12 * 38
    day_share = figures["exchange_hours"] / 24
    assert figures["rest_calls"]["scheduled"] <= 96 * day_share + 4  # one of each timetable
    assert figures["exchange"]["longest_naked_s"] / figures["speed"] <= 10.0
    assert figures["exchange"]["liquidations"] == 0
    assert figures["exchange"]["wire"]["refused_429"] == 0


def test_run_when_its_time_is_over_is_sound_and_was_the_only_one_on_its_database(tmp_path):
    finished = run_with_a_rival(tmp_path)

    told = complaint(finished.second)
    assert "another instance is running" in told
    assert "exchange" not in told
    assert finished.code == 0, finished.output
    assert "Traceback" not in finished.output
    assert_sound(finished.figures)
    assert finished.figures["events"]["smc_events"] > 0


@pytest.mark.prove
def test_run_of_forty_minutes_at_sixty_times_is_sound(tmp_path):
    done = run(tmp_path, live_run(60), within_s=180)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert_sound(json.loads((tmp_path / "out.json").read_text()))


def complaint(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one line a failed start must end with; no traceback, no code 0."""
    everything = done.stdout + done.stderr
    assert done.returncode in {1, 2}, everything
    assert "Traceback" not in everything
    lines = [line for line in done.stderr.splitlines() if line and not line.startswith("·")]
    assert len(lines) == 1, everything
    return lines[0]


def test_run_when_the_recording_is_broken_says_so_in_one_line(tmp_path):
    recording = tmp_path / "broken.parquet"
    recording.write_text("not a recording")

    told = complaint(
        run(tmp_path, ["run", "--venue", "sim", "--replay", str(recording), "--chat-port", "0"])
    )

    assert "broken.parquet" in told


def test_run_when_the_recording_is_missing_says_so_in_one_line(tmp_path):
    told = complaint(run(tmp_path, ["run", "--venue", "sim", "--replay", "absent.parquet"]))

    assert "absent.parquet" in told


def test_run_when_a_setting_is_out_of_range_names_it_what_was_given_and_what_is_allowed(tmp_path):
    told = complaint(run(tmp_path, ["run", "--venue", "sim"], leverage="900"))

    assert "SMCBOT_LEVERAGE" in told
    assert "900" in told
    assert "50" in told


def test_run_when_live_is_asked_of_a_real_venue_names_the_way_through_the_chat(tmp_path):
    told = complaint(run(tmp_path, ["run", "--venue", "binance", "--mode", "live"]))

    assert "/live" in told


def test_run_when_the_data_folder_cannot_be_made_says_so_in_one_line(tmp_path):
    (tmp_path / "data").write_text("a file is in the way")

    told = complaint(run(tmp_path, ["run", "--venue", "sim", "--chat-port", "0"]))

    assert str(tmp_path / "data") in told
