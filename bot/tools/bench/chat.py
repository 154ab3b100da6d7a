"""The chat over HTTP: how long a command takes to its answer while everything is scanned.

`run` works in a process of its own; the operator is an HTTP client on the local chat's side for
scripts, which sees what the page sees. Between two commands passes as much time as a quick person
needs, for the chat takes one message a second.
"""

import asyncio
import contextlib
import re
import secrets
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import psutil

from bot.tools.bench.chat_burst import burst_rows, run_burst
from bot.tools.bench.measure import MachineFailed, Row, Say, Size
from bot.tools.bench.product import environment
from engine.ports import Clock

PART = "chat"
SPEEDS = (1.0, 20.0)
REACH_MS = 300.0
QUESTIONS = {
    "/status": r"equity",
    "/positions": r"open position|No open positions",
    "/signals": r"newest first|No signals yet",
    "/pnl": r"today",
    "/risk": r"per trade",
    "/mode": r"^Mode\n",
    "/health": r"(?m)^Figures",
    "/help": r"/panic",
    "/chart BTC": r"^BTCUSDT",
}
"""What is asked, and how its answer is known among the signals that come meanwhile."""
PICTURES = ("/pnl", "/chart BTC")
"""Answers that are drawn, in the process that draws."""
_GAP_S = 2.0
_LEAD_S = 5.0
_PATIENCE_S = 20.0
_START_PATIENCE_S = 240.0
_STOP_PATIENCE_S = 30.0
_POLL_S = 0.2
_LINK = re.compile(r"http://127\.0\.0\.1:(\d+)/")
_ANOTHER = re.compile(r"^(🔼|🔽|\d+ signals?(, the best|\n|$))")


@dataclass(frozen=True, slots=True)
class Asked:
    """One command and how long its answer took."""

    text: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatFigures:
    """One run of commands; `cpu_pct` of one core is that of `run` alone meanwhile."""

    symbols: int
    speed: float
    asked: tuple[Asked, ...]
    pushes: int
    cpu_pct: float
    resident_mb: float


def measure_chat(size: Size, clock: Clock, say: Say) -> list[Row]:
    """Ask a running bot for a while at both speeds, then let a burst of signals loose.

    Raises:
        MachineFailed: `run` did not start, or an answer did not come.
    """
    if not size.chat_s:
        return []
    rows: list[Row] = []
    for speed in SPEEDS:
        say(f"chat: cold start, then {size.chat_s:.0f} s of commands at speed {speed:g}")
        with tempfile.TemporaryDirectory(prefix="smcbot-bench-") as folder:
            asking = ask_product(size.symbols, speed, size.chat_s, Path(folder), clock)
            rows += rows_of(asyncio.run(asking))
    say("chat: 300 signals in a minute")
    with tempfile.TemporaryDirectory(prefix="smcbot-bench-") as folder:
        rows += burst_rows(asyncio.run(run_burst(Path(folder))))
    return rows


def rows_of(told: ChatFigures) -> list[Row]:
    """Return the rows of one run: all commands together, then each by itself."""
    load = (
        f"{told.symbols} symbols, speed {told.speed:g}, {told.pushes} other messages meanwhile, "
        f"run at {told.cpu_pct:.0f} % of a core"
    )
    words = [one.seconds for one in told.asked if one.text not in PICTURES]
    drawn = [one.seconds for one in told.asked if one.text in PICTURES]

    def row(what: str, seconds: Sequence[float], share: float, reach: float | None = None) -> Row:
        value = percentile(seconds, share) * 1000
        return Row(
            part=PART, what=what, load=load, value=value, unit="ms", count=len(seconds), reach=reach
        )

    rows = [
        row("command → answer in words, median", words, 0.5),
        row("command → answer in words, p95", words, 0.95, REACH_MS),
        row("command → answer in words, p99", words, 0.99),
        row("command → picture, median", drawn, 0.5),
        row("command → picture, p95", drawn, 0.95),
    ]
    for text in QUESTIONS:
        took = [one.seconds for one in told.asked if one.text == text]
        if took:
            rows.append(row(f"{text}, p95", took, 0.95))
    return rows


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    index = max(0, -int(-share * len(ordered) // 1) - 1)
    return ordered[index] if ordered else 0.0


async def ask_product(
    symbols: int, speed: float, seconds: float, folder: Path, clock: Clock
) -> ChatFigures:
    """Run the product and ask it one command after the other.

    Raises:
        MachineFailed: it did not start, did not answer, or did not stop.
    """
    token = secrets.token_urlsafe(24)
    async with _running(symbols, speed, folder, token) as (pid, port):
        process = psutil.Process(pid)
        async with _operator(port, token) as operator:
            await operator.ask(PICTURES[-1], clock)  # the first one starts the drawing process
            await asyncio.sleep(_LEAD_S)
            began, before = clock.monotonic(), sum(process.cpu_times()[:2])
            asked = await _ask_for(operator, seconds, clock)
            took = clock.monotonic() - began
            used = sum(process.cpu_times()[:2]) - before
            return ChatFigures(
                symbols=symbols,
                speed=speed,
                asked=tuple(asked),
                pushes=operator.others,
                cpu_pct=100 * used / took,
                resident_mb=process.memory_info().rss / 1e6,
            )


async def _ask_for(operator: "_Operator", seconds: float, clock: Clock) -> list[Asked]:
    asked: list[Asked] = []
    until = clock.monotonic() + seconds
    while clock.monotonic() < until:
        for text in QUESTIONS:
            asked.append(await operator.ask(text, clock))
            await asyncio.sleep(_GAP_S)
    return asked


class _Operator:
    """The operator's side of the local chat over HTTP.

    Attributes:
        others: messages that were no answers.
    """

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http
        self.others = 0

    async def ask(self, text: str, clock: Clock) -> Asked:
        """Write a command and wait for its answer.

        Raises:
            MachineFailed: it did not come.
        """
        began = clock.monotonic()
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await self._await_answer(text)
        except TimeoutError:
            raise MachineFailed(f"{text} was not answered within {_PATIENCE_S:.0f} s") from None
        except aiohttp.ClientError as error:
            raise MachineFailed(f"the chat broke off: {type(error).__name__} {error}") from None
        return Asked(text, clock.monotonic() - began)

    async def _await_answer(self, text: str) -> None:
        async with self._http.post("/api/messages", json={"text": text}) as reply:
            last = int((await reply.json())["id"])
        while True:
            query = {"after": str(last), "wait": "10"}
            async with self._http.get("/api/messages", params=query) as reply:
                news = await reply.json()
            for item in news:
                if is_answer(text, item["text"]):
                    return
                self.others += 1
                last = max(last, item["id"])


def is_answer(question: str, text: str) -> bool:
    """Return whether a message answers a question, and is no signal that came meanwhile."""
    return not _ANOTHER.match(text) and re.search(QUESTIONS[question], text) is not None


@contextlib.asynccontextmanager
async def _operator(port: int, token: str) -> AsyncIterator[_Operator]:
    headers = {"Authorization": f"Bearer {token}"}
    base = f"http://127.0.0.1:{port}"
    async with aiohttp.ClientSession(base, headers=headers) as http:
        yield _Operator(http)


@contextlib.asynccontextmanager
async def _running(
    symbols: int, speed: float, folder: Path, token: str
) -> AsyncIterator[tuple[int, int]]:
    """Run the product; yields its process id and the port of its chat, once it is ready."""
    log = folder / "run.log"
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run", "--venue", "sim", "--mode", "paper"),
            *("--speed", f"{speed:g}", "--symbols", str(symbols)),
            cwd=folder,
            env={**environment(folder), "SMCBOT_CHAT_TOKEN": token},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=errors,
        )
    try:
        yield process.pid, await _until_ready(process, log)
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(_STOP_PATIENCE_S):
            await process.wait()
    except (TimeoutError, psutil.Error) as error:
        raise MachineFailed(f"run failed: {type(error).__name__}; {_last_line(log)}") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _until_ready(process: asyncio.subprocess.Process, log: Path) -> int:
    """Return the chat's port once scanning has begun."""
    async with asyncio.timeout(_START_PATIENCE_S):
        while "ready after" not in (text := _text(log)):
            if process.returncode is not None:
                raise MachineFailed(f"run did not start: {_last_line(log)}")
            await asyncio.sleep(_POLL_S)
    link = _LINK.search(text)
    if link is None:
        raise MachineFailed("run did not say where its chat is")
    return int(link[1])


def _text(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")


def _last_line(log: Path) -> str:
    lines = _text(log).strip().splitlines()
    return lines[-1].removeprefix("✗ ") if lines else ""
