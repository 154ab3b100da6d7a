"""What is built from settings; `tests/bot/test_app.py` opens a whole run."""

import random
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from bot.assembly import Assembly, expected_symbols, scanner_config
from bot.run_options import RunOptions
from bot.settings import Settings
from bot.terminal import Terminal


def settings(tmp_path: Path, **values: Any) -> Settings:
    return Settings.load(_env_file=None, data_dir=tmp_path, **values)


async def assembled(tmp_path: Path, stack: AsyncExitStack, **values: Any):
    options = RunOptions(symbols=3, speed=50, chat_port=0, fresh=True)
    given = settings(tmp_path, **values)
    return await Assembly("sim", options, given, Terminal(), stack, random.Random(1)).open()


async def test_open_when_no_watch_is_set_has_no_heartbeat(tmp_path: Path):
    async with AsyncExitStack() as stack:
        run = await assembled(tmp_path, stack)

        assert run.heartbeat is None
        assert run.link.account is not None
        assert run.memory.lease.may_send


async def test_open_when_a_watch_is_set_is_silent_until_the_engine_runs(tmp_path: Path):
    url = "http://127.0.0.1:9/canary"
    async with AsyncExitStack() as stack:
        run = await assembled(tmp_path, stack, heartbeat_url=url)
        assert run.heartbeat is not None

        run.machine.writer._fails = True

        await run.heartbeat._beat(None)  # type: ignore[arg-type] # nothing is sent

        trouble = run.heartbeat.view().trouble
    assert "the journal cannot be written" in trouble
    assert "the engine is not running" in trouble
    assert "no symbol is scanned" in trouble


def test_scanner_when_symbols_are_asked_for_on_the_command_line_the_flag_wins(tmp_path):
    wide = settings(tmp_path, max_symbols=200, deny_symbols="btcusdt", symbols_per_shard=20)

    config = scanner_config(wide, RunOptions(symbols=7))

    assert config.rules.max_symbols == 7
    assert config.rules.deny == {"BTCUSDT"}
    assert config.symbols_per_shard == 20
    assert scanner_config(wide, RunOptions()).rules.max_symbols == 200


def test_symbols_when_limited_anywhere_are_expected_to_be_so_many(tmp_path):
    """The threshold's first guess counts on them."""
    narrow = settings(tmp_path, max_symbols=50)

    assert expected_symbols(narrow, RunOptions(symbols=7)) == 7
    assert expected_symbols(narrow, RunOptions()) == 50
    assert expected_symbols(settings(tmp_path), RunOptions()) == 530
