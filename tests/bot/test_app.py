"""The composition root; `tests/system/test_spine.py` runs it whole as a process."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import structlog

from bot import app
from bot.app import FAILED, OK, WRONG_USE, clock_words, run_bot
from bot.run_options import RunOptions
from bot.settings import Settings

OPTIONS = RunOptions(symbols=4, speed=120, chat_port=0, fresh=True)


@pytest.fixture(autouse=True)
def _unconfigured(monkeypatch):
    monkeypatch.setattr(app, "configure_logging", lambda **_: None)
    yield
    structlog.reset_defaults()


def settings(tmp_path: Path, **values) -> Settings:
    return Settings.load(_env_file=None, data_dir=tmp_path, **values)


async def test_run_when_its_time_is_over_ends_with_figures(tmp_path, capsys):
    summary = tmp_path / "out.json"
    options = replace(OPTIONS, duration_ms=120_000, summary=summary)

    code = await run_bot(options, settings(tmp_path))

    figures = json.loads(summary.read_text())
    assert code == OK
    assert figures["venue"] == "sim"
    assert figures["candles"]["received"] > 0
    assert figures["account"]["difference"] in {"0", "0E-8"}
    assert "Open your chat" in capsys.readouterr().err


async def test_run_when_options_do_not_fit_ends_with_one_line(tmp_path, capsys):
    code = await run_bot(replace(OPTIONS, venue="binance", fresh=True), settings(tmp_path))

    assert code == WRONG_USE
    assert capsys.readouterr().err.count("\n") == 1


async def test_run_when_the_exchange_is_not_there_ends_with_one_line(tmp_path, capsys):
    options = replace(OPTIONS, exchange_url="http://127.0.0.1:9", fresh=False)

    code = await run_bot(options, settings(tmp_path))

    assert code == FAILED
    assert "no embedded exchange at http://127.0.0.1:9" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("speed", "words"), [(1.0, ""), (20.0, ", market time runs 20× faster than yours")]
)
def test_terminal_words_when_the_market_is_fast_say_so(speed, words):
    assert clock_words(SimpleNamespace(clock=SimpleNamespace(speed=speed))) == words
