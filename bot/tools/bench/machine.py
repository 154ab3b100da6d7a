"""The whole machine at work over real loopback sockets, in a process of its own."""

import asyncio
import json
import sys
from dataclasses import asdict
from typing import Any

from bot.tools.bench.headless import HeadlessOptions
from bot.tools.bench.measure import Row, Say, Size
from engine.domain.errors import EngineError
from engine.ports import Clock

PART = "machine"
BURST_SPEED = 20.0
_START_PATIENCE_S = 180.0


class MachineFailed(EngineError):  # noqa: N818 - says what happened
    """The measured process did not deliver its figures."""


def measure_machine(size: Size, _clock: Clock, say: Say) -> list[Row]:
    """Run the machine twice: fast for many bursts, then in real time for memory and CPU.

    Raises:
        MachineFailed: the process ended without figures.
    """
    rows: list[Row] = []
    if size.burst_s:
        fast = HeadlessOptions(symbols=size.symbols, speed=BURST_SPEED, seconds=size.burst_s)
        say(f"machine: cold start, then {size.burst_s:.0f} s of bursts at speed {BURST_SPEED:g}")
        rows += burst_rows(asyncio.run(run_apart(fast)))
    if size.steady_s:
        real = HeadlessOptions(symbols=size.symbols, speed=1.0, seconds=size.steady_s)
        say(f"machine: cold start, then {size.steady_s:.0f} s in real time")
        rows += steady_rows(asyncio.run(run_apart(real)))
    return rows


async def run_apart(options: HeadlessOptions) -> dict[str, Any]:
    """Run the machine in a process of its own and return its figures.

    Raises:
        MachineFailed: it ended without figures; the text is its last line.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.tools.bench.headless",
        json.dumps(asdict(options)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(_START_PATIENCE_S + options.seconds):
            out, err = await process.communicate()
    except TimeoutError:
        raise MachineFailed("the measured machine did not end in time") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    try:
        figures: dict[str, Any] = json.loads(out.splitlines()[-1])
    except (IndexError, ValueError):
        lines = err.decode(errors="replace").strip().splitlines() or ["no reason given"]
        raise MachineFailed(f"the measured machine failed: {lines[-1]}") from None
    return figures


def burst_rows(figures: dict[str, Any]) -> list[Row]:
    """Return the rows of the fast run."""
    load = load_words(figures)
    latency = figures["latency"]
    burst, decision = latency["burst_from_last_frame"], latency["frame_to_decision"]
    ready = Row(
        part=PART,
        what="cold start to ready",
        load=f"{figures['scanned']} symbols × 499 candles over REST",
        value=figures["ready_s"],
        unit="s",
        count=1,
        reach=30.0,
    )
    return [
        ready,
        _latency("burst, last frame → all decided, median", load, burst, "p50_ms"),
        _latency("burst, last frame → all decided, p99", load, burst, "p99_ms", 50.0),
        _latency("each frame → decision in the burst, median", load, decision, "p50_ms"),
        _latency("each frame → decision in the burst, p99", load, decision, "p99_ms"),
        _latency("loop lag, p99", load, latency["loop_lag"], "p99_ms"),
    ]


def steady_rows(figures: dict[str, Any]) -> list[Row]:
    """Return the rows of the run in real time."""
    load = load_words(figures)
    memory = Row(
        part=PART,
        what="resident memory, without the chat",
        load=load,
        value=figures["resident_mb"],
        unit="MB",
        count=1,
        reach=200.0,
    )
    cpu = Row(
        part=PART,
        what="CPU of one core, without the chat",
        load=load,
        value=figures["cpu_pct"],
        unit="%",
        count=1,
        reach=20.0,
    )
    return [memory, cpu]


def load_words(figures: dict[str, Any]) -> str:
    """Return what the machine worked on: symbols, speed, frames a second and candles."""
    frames_a_second = figures["frames"] / max(figures["measured_s"], 0.1)
    return (
        f"{figures['scanned']} symbols × {figures['candles']:,} candles, speed "
        f"{figures['speed']:g}, {frames_a_second:,.0f} frames/s, {figures['measured_s']:.0f} s"
    )


def _latency(
    what: str, load: str, meter: dict[str, Any], key: str, reach: float | None = None
) -> Row:
    return Row(
        part=PART,
        what=what,
        load=load,
        value=meter[key],
        unit="ms",
        count=meter["count"],
        reach=reach,
    )
