import asyncio
import sys
from pathlib import Path

import aiohttp
import pytest

from bot.exchange_child import ExchangeChild, child_arguments, launch_exchange
from bot.run_options import RunOptions
from engine.domain.errors import VenueUnreachable


def test_arguments_when_the_market_is_synthetic_name_its_size_and_seed():
    options = RunOptions(symbols=7, speed=30, seed=5, fresh=True)

    arguments = child_arguments(options, Path("folder"))

    assert arguments[:5] == ["--as-child", "--port", "0", "--data", "folder"]
    assert arguments[5:] == ["--speed", "30", "--seed", "5", "--symbols", "7", "--fresh"]


def test_arguments_when_candles_are_replayed_leave_the_number_of_symbols_to_them():
    options = RunOptions(symbols=7, replay=(Path("a.parquet"), Path("b.parquet")))

    arguments = child_arguments(options, Path("folder"))

    assert "--symbols" not in arguments
    assert arguments[-4:] == ["--replay", "a.parquet", "--replay", "b.parquet"]


async def test_child_when_launched_answers_and_ends_when_asked(tmp_path):
    child = await launch_exchange(RunOptions(symbols=3), tmp_path / "exchange")
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{child.url}/fapi/v1/ping") as reply,
    ):
        assert reply.status == 200
    await child.stop()
    await child.stop()

    assert await child.ended() == "the embedded exchange ended with code 0"
    assert list((tmp_path / "exchange").iterdir())


async def test_child_when_it_cannot_start_gives_its_own_last_line(tmp_path):
    broken = tmp_path / "broken.parquet"
    broken.write_text("not candles")

    with pytest.raises(VenueUnreachable, match=r"did not start: .*broken\.parquet"):
        await launch_exchange(RunOptions(replay=(broken,)), tmp_path / "exchange")


async def a_child(code: str) -> ExchangeChild:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        code,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    return ExchangeChild(process)


async def test_child_when_it_talks_much_on_its_error_pipe_is_not_held_up():
    """Nobody emptied the pipe: after 64 kB of warnings the exchange stood still."""
    child = await a_child(
        "import sys; sys.stderr.write('a warning\\n' * 100_000); sys.stderr.flush();"
        'print(\'{"url": "http://here"}\', flush=True); sys.stdin.read()'
    )
    try:
        async with asyncio.timeout(10):
            await child.listens()
    finally:
        await child.stop()

    assert child.url == "http://here"


async def test_child_when_it_fails_later_says_why():
    child = await a_child("import sys; sys.exit('the recording is over')")

    assert await child.ended() == "the embedded exchange ended with code 1: the recording is over"
    await child.stop()


async def test_child_when_its_first_line_is_no_answer_did_not_start():
    child = await a_child("import sys; print('hello', flush=True); sys.stdin.read()")

    with pytest.raises(VenueUnreachable, match="did not start: it gave no address"):
        await child.listens()
    await child.stop()
