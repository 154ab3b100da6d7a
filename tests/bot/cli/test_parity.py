"""The verb `parity` as a user runs it."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from bot.cli.parity import parity, parse_time
from bot.parity import run as module
from bot.parity.errors import ParityError
from tests.bot.parity.kit import one_sided
from tests.bot.parity.kit import parity as outcome


def call(*arguments: object) -> Result:
    app = typer.Typer()
    app.command()(parity)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch):
    def returns(result):
        async def made(order, _loaded, told):
            told("replaying", 0.5)
            returns.order = order
            if isinstance(result, Exception):
                raise result
            return result

        monkeypatch.setattr(module, "run_parity", made)
        return returns

    return returns


def test_parity_when_all_signals_match_ends_with_0_and_writes_what_was_asked(found, tmp_path: Path):
    asked = found(outcome())

    done = call(
        "--journal", "trade.db", "candles", "--from", "2026-11-22", "--to", "2026-11-22T14:30",
        "--json", tmp_path / "sub" / "p.json", "--html", tmp_path / "p.html",
    )  # fmt: skip

    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[-1].startswith("EQUAL: all 1 signals matched")
    assert json.loads((tmp_path / "sub" / "p.json").read_text())["equal"] is True
    assert (tmp_path / "p.html").read_text().startswith("<!doctype html>")
    assert asked.order.data == (Path("candles"),)
    assert asked.order.until_ms - asked.order.since_ms == (14 * 60 + 30) * 60_000


def test_parity_when_a_signal_is_missed_ends_with_1(found):
    found(outcome(missed=(one_sided(),)))

    done = call("--journal", "trade.db", "candles")

    assert done.exit_code == 1
    assert "NOT EQUAL" in done.stdout


def test_parity_when_an_exact_recording_judged_otherwise_ends_with_1_and_names_it(found):
    found(outcome(setups_equal=2))

    done = call("--journal", "trade.db", "candles")

    assert done.exit_code == 1
    assert done.stdout.splitlines()[-1].startswith("NOT EQUAL: all 1 signals matched, but 0 of")


def test_parity_when_help_is_asked_says_what_equal_means():
    told = " ".join(call("--help").stdout.split())

    assert "Equal means: no signal is missed, none is extra." in told


def test_parity_when_it_cannot_compare_is_one_clear_line_and_2(found):
    found(ParityError("there is no journal at x"))

    done = call("--journal", "x", "candles")

    assert done.exit_code == 2
    assert done.stderr.strip() == "parity: there is no journal at x"


def test_parity_when_the_time_is_no_time_says_what_is_allowed():
    done = call("--journal", "x", "candles", "--from", "yesterday")

    assert done.exit_code == 2
    assert "--from was 'yesterday': a UTC time like 2026-11-22" in done.stderr


def test_time_when_given_with_a_zone_is_taken_as_such():
    assert parse_time("1970-01-01T01:00+01:00", "--to") == 0
    assert parse_time("1970-01-02", "--to") == 86_400_000
    assert parse_time(None, "--to") is None


def test_parity_when_asked_for_help_shows_an_example():
    assert "python -m bot parity --journal" in call("--help").stdout


def test_parity_when_its_report_could_not_be_written_refuses_before_the_work(found, tmp_path: Path):
    found(ParityError("must not be reached"))

    done = call("--journal", "x", "candles", "--html", tmp_path)

    assert done.exit_code == 2
    assert f"--html {tmp_path}" in done.stderr
    assert "must not be reached" not in done.stderr
