"""SIGKILL on the real process: real sockets, real SQLite, and an exchange that goes on."""

import json
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.system.test_spine import command, environment, run

SPEED = 120
MARKET = ["--symbols", "40", "--seed", "2"]
POSITION_WITHIN_S = 90.0


@contextmanager
def exchange(folder: Path) -> Iterator[str]:
    """Run the embedded exchange by itself and yield its address."""
    process = subprocess.Popen(
        command("exchange", "--port", "0", "--speed", str(SPEED), *MARKET),
        cwd=folder,
        env=environment(folder / "data"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield _url_in(process.stdout.readline())
    finally:
        process.terminate()
        process.communicate(timeout=20)


def _url_in(line: str) -> str:
    start = line.index("http")
    return line[start:].split('"', maxsplit=1)[0].split(maxsplit=1)[0].rstrip(",.")


def ledger(url: str) -> dict[str, Any]:
    """Return the exchange's own figures."""
    with urllib.request.urlopen(f"{url}/sim/summary", timeout=10) as reply:
        figures: dict[str, Any] = json.load(reply)["exchange"]
    return figures


def live(url: str, duration: str) -> list[str]:
    options = f"--venue sim --exchange {url} --mode live --allow-negative-edge --chat-port 0"
    return ["run", *options.split(), "--for", duration, "--summary", "out.json"]


def kill_with_a_position(folder: Path, url: str) -> dict[str, Any]:
    """Run a bot until a stop of its rests, kill it at once and return the exchange's figures."""
    process = subprocess.Popen(
        command(*live(url, "300h")),
        cwd=folder,
        env=environment(folder / "data"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + POSITION_WITHIN_S
        before = ledger(url)["stops_confirmed"]
        while ledger(url)["stops_confirmed"] == before:
            assert process.poll() is None
            assert time.monotonic() < deadline, "no entry came"
            time.sleep(0.01)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    return ledger(url)


@pytest.mark.prove
def test_bot_when_killed_with_a_position_finds_one_truth_at_its_next_start(tmp_path):
    with exchange(tmp_path) as url:
        for _ in range(3):
            killed = kill_with_a_position(tmp_path, url)
            assert killed["longest_naked_s"] / SPEED <= 10.0

        done = run(tmp_path, live(url, "10m"), within_s=120)

        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        figures = json.loads((tmp_path / "out.json").read_text())
        assert abs(Decimal(figures["account"]["difference"])) <= Decimal("1e-8")
        assert figures["indigestible"] == 0
        assert ledger(url)["liquidations"] == 0
