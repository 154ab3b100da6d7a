"""Tests of bot/cli/doctor.py: the verb as a user runs it."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from bot.cli.doctor import Report
from bot.cli.main import app
from bot.tools.findings import fault, good, warning

ROOT = Path(__file__).resolve().parents[3]
TOKEN = "123456:AAaaBBbbCCccDDddEEeeFFff-canary"
SECRET = "canary-secret-" + "s" * 50


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "DYNO"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SMCBOT_CHAT_PORT", "0")


def doctor(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["doctor", *arguments])


def test_doctor_when_nothing_is_configured_is_content_and_quick():
    result = doctor()

    assert result.exit_code == 0
    assert "✗" not in result.stdout
    assert result.stdout.splitlines()[-1] == "ready, 1 to know"


def test_doctor_when_a_setting_is_wrong_says_which_and_fails(monkeypatch):
    monkeypatch.setenv("SMCBOT_LEVERAGE", "99")
    monkeypatch.setenv("SMCBOT_DIGEST_HOUR", "24")

    result = doctor()

    assert result.exit_code == 1
    assert "✗ settings    SMCBOT_LEVERAGE was '99'" in result.stdout
    assert "2 to mend, 0 to know" in result.stdout


def test_doctor_when_secrets_are_set_never_shows_them(monkeypatch):
    monkeypatch.setenv("SMCBOT_BINANCE_KEY", SECRET)
    monkeypatch.setenv("SMCBOT_BINANCE_SECRET", SECRET)
    monkeypatch.setenv("SMCBOT_DATABASE_URL", f"postgresql://user:{SECRET}@127.0.0.1:9/x")

    result = doctor()

    assert "canary" not in result.output


def test_doctor_when_the_exchange_is_not_there_says_so_without_a_traceback():
    result = doctor("--exchange", "http://127.0.0.1:9")

    assert result.exit_code == 1
    assert "no embedded exchange at http://127.0.0.1:9" in result.stdout
    assert "Traceback" not in result.output


def test_doctor_when_the_exchange_is_given_with_another_venue_refuses():
    result = doctor("--venue", "binance", "--exchange", "http://127.0.0.1:9")

    assert result.exit_code == 2
    assert "works with --venue sim only" in result.output


def test_doctor_when_an_exchange_runs_examines_clock_stream_and_account():
    command = [sys.executable, "-m", "bot", "exchange", "--as-child", "--port", "0"]
    with subprocess.Popen(
        [*command, "--symbols", "3"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        url = json.loads(process.stdout.readline())["url"]
        result = doctor("--exchange", url)
        process.stdin.close()

    assert result.exit_code == 0, result.output
    for line in (f"{url} answers", "frames of BTCUSDT arrive", "may trade", "10000.00 USDT"):
        assert line in result.stdout


def report() -> tuple[Report, io.StringIO]:
    output = io.StringIO()
    return Report(Console(file=output, width=60)), output


def test_report_when_a_secret_is_in_a_finding_hides_it():
    shown, output = report()
    shown.hide((SECRET,))

    shown.add(fault("venue", f"refused {SECRET}, {TOKEN}", "mend it"))

    assert "canary" not in output.getvalue()
    assert "***" in output.getvalue()


def test_report_when_text_is_long_or_has_brackets_stays_as_it_is():
    shown, output = report()

    shown.add(warning("disk", "[red]" + "x" * 90, "[do] it"))

    lines = output.getvalue().splitlines()
    assert lines == ["! disk        [red]" + "x" * 90, "              → [do] it"]


@pytest.mark.parametrize(
    ("findings", "code", "last"),
    [
        ([good("a", "b")], 0, "ready"),
        ([warning("a", "b"), warning("a", "b")], 0, "ready, 2 to know"),
        ([fault("a", "b", "c"), warning("a", "b")], 1, "1 to mend, 1 to know"),
    ],
)
def test_report_when_concluded_fails_only_on_faults(findings, code, last):
    shown, output = report()
    for finding in findings:
        shown.add(finding)

    assert shown.conclude() == code
    assert output.getvalue().splitlines()[-1] == last
