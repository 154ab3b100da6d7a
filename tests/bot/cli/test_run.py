"""Tests of bot/cli/run.py: what is handed to the bot; the bot is a stand-in here."""

import sys
from pathlib import Path
from types import ModuleType

import pytest
from typer.testing import CliRunner, Result

from bot.cli.main import app
from bot.run_options import RunOptions
from bot.settings import Settings
from engine.domain.signal import Mode


class Bot:
    """Stands for `bot.app`."""

    def __init__(self) -> None:
        self.code = 0
        self.asked: list[RunOptions] = []

    async def run_bot(self, options: RunOptions, settings: Settings) -> int:
        assert isinstance(settings, Settings)
        self.asked.append(options)
        return self.code


@pytest.fixture
def bot(monkeypatch, tmp_path) -> Bot:
    monkeypatch.chdir(tmp_path)
    stand_in, module = Bot(), ModuleType("bot.app")
    module.run_bot = stand_in.run_bot
    monkeypatch.setitem(sys.modules, "bot.app", module)
    return stand_in


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["run", *arguments])


def test_run_when_plain_leaves_everything_to_the_settings(bot):
    assert run().exit_code == 0

    assert bot.asked == [RunOptions()]


def test_run_when_flags_are_given_hands_them_on(bot):
    flags = (
        "--venue sim --mode paper --exchange http://127.0.0.1:1 --speed 60 --symbols 9 --seed 4 "
        "--allow-negative-edge --chat-port 0 --for 90m --summary out.json --fresh"
    )

    assert run(*flags.split()).exit_code == 0

    assert bot.asked == [
        RunOptions(
            venue="sim",
            mode=Mode.PAPER,
            exchange_url="http://127.0.0.1:1",
            fresh=True,
            speed=60.0,
            symbols=9,
            seed=4,
            allow_negative_edge=True,
            chat_port=0,
            duration_ms=5_400_000,
            summary=Path("out.json"),
        )
    ]


def test_run_when_candles_are_to_be_recorded_says_so_to_the_bot(bot):
    assert run("--record").exit_code == 0

    assert bot.asked == [RunOptions(record=True)]


def test_run_when_several_files_follow_replay_takes_them_all(bot):
    assert run("--replay", "a.parquet", "b.parquet").exit_code == 0

    assert bot.asked[0].replay == (Path("a.parquet"), Path("b.parquet"))


def test_run_when_files_follow_nothing_refuses(bot):
    result = run("a.parquet")

    assert result.exit_code == 2
    assert "files follow --replay" in result.output
    assert bot.asked == []


def test_run_when_the_bot_fails_ends_with_its_code(bot):
    bot.code = 1

    assert run().exit_code == 1


def test_run_when_the_duration_is_nonsense_says_so_in_one_line(bot):
    result = run("--for", "soon")

    assert result.exit_code == 2
    assert result.stderr.startswith("duration was 'soon'")
    assert result.stderr.count("\n") == 1


def test_run_when_settings_are_wrong_tells_each_on_its_line(bot, monkeypatch):
    monkeypatch.setenv("SMCBOT_LEVERAGE", "99")
    monkeypatch.setenv("SMCBOT_DIGEST_HOUR", "24")

    result = run()

    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 2
    assert bot.asked == []


@pytest.mark.parametrize(
    "arguments", [("--venue", "ftx"), ("--mode", "yolo"), ("--speed", "0"), ("--symbols", "0")]
)
def test_run_when_a_flag_is_out_of_range_refuses(bot, arguments):
    assert run(*arguments).exit_code == 2
    assert bot.asked == []
