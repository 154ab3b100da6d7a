"""The real process: started, commanded over HTTP, killed, and found again as it was left."""

import asyncio
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import ClientSession

from tests.e2e.operator import Operator, labels
from tests.system.test_spine import command, environment

TOKEN = "a-fixed-token-for-tests"
READY_WITHIN_S = 90.0
OPTIONS = "run --venue sim --symbols 8 --speed 30 --chat-port 0"
LINK = re.compile(r"http://127\.0\.0\.1:(\d+)/#code=([\w-]+)")


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, str, str]]:
    """Start `run`; yields the process, its chat's address and the one-time code it printed."""
    log = folder / "run.log"
    with log.open("w") as output:
        process = await asyncio.create_subprocess_exec(
            *command(*OPTIONS.split()),
            cwd=folder,
            env=environment(folder / "data", chat_token=TOKEN),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
        )
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            while "ready after" not in log.read_text():
                assert process.returncode is None, log.read_text()
                await asyncio.sleep(0.1)
        link = LINK.search(log.read_text())
        assert link is not None
        yield process, f"http://127.0.0.1:{link[1]}", link[2]
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.wait()


async def test_run_when_killed_after_a_command_comes_back_as_it_was_left(tmp_path):
    async with ClientSession() as http:
        async with running(tmp_path) as (process, address, code):
            reply = await http.post(f"{address}/api/session", json={"code": code})
            assert reply.status == 200  # the link of the terminal opens the page
            again = await http.post(f"{address}/api/session", json={"code": code})
            assert again.status == 401  # once
            operator = Operator(http, address, TOKEN)
            paused = await operator.say("/pause lunch")
            await operator.until(lambda: any("✅" in text for text in operator.texts))
            last_id = max(operator.items)
            assert paused["id"] <= last_id
            process.send_signal(signal.SIGKILL)
            await process.wait()

        async with running(tmp_path) as (_, address, _):
            operator = Operator(http, address, TOKEN)
            await operator.write("/status")
            found = await operator.until(
                lambda: [item for item in operator.heard if "Refresh" in labels(item)]
            )

            assert "lunch" in found[-1]["text"]
            assert labels(found[-1])[-1] == "▶ Resume"
            # Ids go on above those of the former run, so that no old button meets a new message.
            assert min(operator.items) > last_id
