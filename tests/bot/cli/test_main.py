"""Tests of bot/cli/main.py: the verbs as a newcomer meets them."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.main import app, main

ROOT = Path(__file__).resolve().parents[3]
VERBS = [command.name for command in app.registered_commands]


def test_app_when_called_bare_lists_every_verb_with_a_line():
    shown = CliRunner().invoke(app, [])

    for verb in VERBS:
        assert verb in shown.output


def test_app_when_verbs_are_counted_has_these():
    assert {"run", "exchange", "smc", "bench", "doctor", "migrate"} <= set(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_verb_when_asked_for_help_shows_an_example(verb):
    shown = CliRunner().invoke(app, [verb, "--help"])

    assert shown.exit_code == 0
    assert f"python -m bot {verb}" in shown.output


def test_app_when_the_verb_is_unknown_refuses():
    shown = CliRunner().invoke(app, ["fly"])

    assert shown.exit_code == 2
    assert "fly" in shown.output


def test_help_when_asked_loads_none_of_the_heavy_libraries():
    """A newcomer's first command must not wait for a machine learning library."""
    code = (
        "import sys; from bot.cli.main import app; "
        "print([n for n in ('lightgbm', 'numba', 'matplotlib', 'sqlalchemy') if n in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "--speed", "0"], "--speed"),
        (["run", "--venue", "mars"], "mars"),
        (["run", "--summary"], "--summary"),
        (["smc"], "file"),
        (["fly"], "fly"),
    ],
)
def test_command_line_when_a_word_is_wrong_answers_in_one_line(monkeypatch, capsys, words, said):
    monkeypatch.setattr(sys, "argv", ["smcbot", *words])

    with pytest.raises(SystemExit) as ended:
        main()

    shown = capsys.readouterr()
    assert ended.value.code == 2
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 1
    assert said in shown.err.lower()


def test_command_line_when_help_is_asked_for_ends_well(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["smcbot", "run", "--help"])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 0
    assert "--speed" in capsys.readouterr().out


def test_run_when_loaded_whole_has_no_library_of_research() -> None:
    # Each of them costs the process that must stay small between 10 and 90 MB.
    heavy = ("polars", "lightgbm", "scipy", "pandas", "matplotlib", "numba", "alembic", "optuna")
    code = (
        "import sys, bot.cli.main, bot.app, models.scorer, models.heuristic\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert told.stdout.strip() == "[]"
