"""What the front does with the process's environment, which only bot/settings.py may touch."""

import os

import pytest

from bot.settings import environment_without_secrets, prefer_timedeltas_of_telegram


def test_timedeltas_when_nothing_is_said_are_preferred(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PTB_TIMEDELTA", "")
    monkeypatch.delenv("PTB_TIMEDELTA")

    prefer_timedeltas_of_telegram()

    assert os.environ["PTB_TIMEDELTA"] == "true"


def test_timedeltas_when_the_operator_chose_are_left_alone(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PTB_TIMEDELTA", "false")

    prefer_timedeltas_of_telegram()

    assert os.environ["PTB_TIMEDELTA"] == "false"


def test_environment_when_given_to_a_helper_has_no_secret():
    given = {
        "PATH": "/bin",
        "PYTHONPATH": "x",
        "TZ": "UTC",
        "SMCBOT_BINANCE_SECRET": "s",
        "SMCBOT_DATA_DIR": "d",
        "DATABASE_URL": "postgres://u:p@h/d",
        "aws_secret_access_key": "k",
        "GITHUB_TOKEN": "t",
    }

    assert environment_without_secrets(given) == {"PATH": "/bin", "PYTHONPATH": "x", "TZ": "UTC"}


def test_environment_when_not_given_is_the_process_own(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SMCBOT_TELEGRAM_TOKEN", "1:x")

    clean = environment_without_secrets()

    assert "SMCBOT_TELEGRAM_TOKEN" not in clean
    assert clean["PATH"] == os.environ["PATH"]
