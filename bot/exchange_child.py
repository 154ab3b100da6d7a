"""The embedded exchange as a child process of a plain `run`."""

import asyncio
import json
import sys
from collections import deque
from contextlib import suppress
from pathlib import Path

from bot.run_options import RunOptions
from engine.domain.errors import VenueUnreachable

# Keys of the demo account. They are no secret: they open nothing but the embedded exchange.
SIM_KEY = "smcbot-demo-key"
SIM_SECRET = "smcbot-demo-secret"

_START_TIMEOUT_S = 120.0
_STOP_TIMEOUT_S = 10.0
_LAST_WORDS_S = 1.0
_WORDS_KEPT = 50


class ExchangeChild:
    """A running child; it ends by itself when this process is gone, because its pipe closes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.url = ""
        assert process.stderr is not None
        self._words: deque[str] = deque(maxlen=_WORDS_KEPT)
        # Nobody else empties this pipe, and a full one would stop the exchange in mid-sentence.
        self._reader = asyncio.get_running_loop().create_task(self._read(process.stderr))

    async def _read(self, stream: asyncio.StreamReader) -> None:
        while chunk := await stream.read(4096):
            self._words.extend(chunk.decode(errors="replace").splitlines())

    async def listens(self) -> None:
        """Wait until the child says where it listens.

        Raises:
            VenueUnreachable: it ended or stayed silent; the text is its own last line.
        """
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(_START_TIMEOUT_S):
                line = await self._process.stdout.readline()
        except TimeoutError:
            raise VenueUnreachable("the embedded exchange did not start in time") from None
        try:
            self.url = str(json.loads(line)["url"])
        except (ValueError, KeyError, TypeError):
            reason = await self._last_words()
            raise VenueUnreachable(f"the embedded exchange did not start: {reason}") from None

    async def ended(self) -> str:
        """Wait until the child ends and say how; it should not while the bot runs."""
        code = await self._process.wait()
        words = await self._last_words() if code else ""
        return f"the embedded exchange ended with code {code}{f': {words}' if words else ''}"

    async def _last_words(self) -> str:
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORDS_S):
                await asyncio.shield(self._reader)
        spoken = [line.strip() for line in self._words if line.strip()]
        code = self._process.returncode
        silent = "it gave no address" if code is None else f"code {code}"
        return spoken[-1] if spoken else silent

    async def stop(self) -> None:
        """Ask the child to save its state and end; kill it when it does not."""
        if self._process.returncode is None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            try:
                async with asyncio.timeout(_STOP_TIMEOUT_S):
                    await self._process.wait()
            except TimeoutError:
                self.kill()
                await self._process.wait()
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)

    def kill(self) -> None:
        """End the child at once."""
        if self._process.returncode is None:
            self._process.kill()


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
        # Ctrl-C is for us: an exchange that ends with it could take no last stop any more.
        start_new_session=True,
    )
    child = ExchangeChild(process)
    try:
        await child.listens()
    except VenueUnreachable:
        # It is ending by itself: a kill would reap it under the loop's feet, and the loop says so.
        await child.stop()
        raise
    except BaseException:
        child.kill()
        await child.stop()
        raise
    return child


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
