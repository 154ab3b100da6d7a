"""The embedded exchange as a child process of a plain `run`."""

import asyncio
import json
import sys
from pathlib import Path

from bot.run_options import RunOptions
from engine.domain.errors import VenueUnreachable

# Keys of the demo account. They are no secret: they open nothing but the embedded exchange.
SIM_KEY = "smcbot-demo-key"
SIM_SECRET = "smcbot-demo-secret"

_START_TIMEOUT_S = 120.0
_STOP_TIMEOUT_S = 10.0


class ExchangeChild:
    """A running child; it ends by itself when this process is gone, because its pipe closes."""

    def __init__(self, process: asyncio.subprocess.Process, url: str) -> None:
        self._process = process
        self.url = url

    async def ended(self) -> str:
        """Wait until the child ends and say how; it should not while the bot runs."""
        code = await self._process.wait()
        return f"the embedded exchange ended with code {code}"

    async def stop(self) -> None:
        """Ask the child to save its state and end; kill it when it does not."""
        if self._process.returncode is not None:
            return
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(_STOP_TIMEOUT_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


async def launch_exchange(options: RunOptions, folder: Path) -> ExchangeChild:
    """Start the child and wait until it listens.

    Raises:
        VenueUnreachable: it ended or stayed silent; the text is its own last line.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "exchange",
        *child_arguments(options, folder),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        async with asyncio.timeout(_START_TIMEOUT_S):
            line = await process.stdout.readline()
    except TimeoutError:
        process.kill()
        raise VenueUnreachable("the embedded exchange did not start in time") from None
    if not line:
        lines = (await process.stderr.read()).decode(errors="replace").strip().splitlines()
        await process.wait()
        reason = lines[-1] if lines else f"code {process.returncode}"
        raise VenueUnreachable(f"the embedded exchange did not start: {reason}")
    return ExchangeChild(process, str(json.loads(line)["url"]))


def child_arguments(options: RunOptions, folder: Path) -> list[str]:
    """Return the flags of `exchange` that make the market `run` was asked for."""
    arguments = ["--as-child", "--port", "0", "--data", str(folder)]
    arguments += ["--speed", repr(options.speed), "--seed", str(options.seed)]
    if options.symbols is not None and not options.replay:
        arguments += ["--symbols", str(options.symbols)]
    for path in options.replay:
        arguments += ["--replay", str(path)]
    if options.fresh:
        arguments.append("--fresh")
    return arguments
