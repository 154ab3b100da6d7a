"""Bursts of closes over real loopback sockets, measured in a machine without its chat."""

import asyncio
import json
import sys
from dataclasses import asdict
from typing import Any

from bot.tools.bench.headless import HeadlessOptions
from bot.tools.bench.measure import MachineFailed, Row, Say, Size
from engine.ports import Clock

PART = "machine"
BURST_SPEED = 20.0
_START_PATIENCE_S = 180.0


def measure_machine(size: Size, _clock: Clock, say: Say) -> list[Row]:
    """Run the machine at a speed, for many bursts in little time.

    Raises:
        MachineFailed: the process ended without figures.
    """
    if not size.burst_s:
        return []
    say(f"machine: cold start, then {size.burst_s:.0f} s of bursts at speed {BURST_SPEED:g}")
    options = HeadlessOptions(symbols=size.symbols, speed=BURST_SPEED, seconds=size.burst_s)
    return burst_rows(asyncio.run(run_apart(options)))


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
    """Return the rows of the run."""
    load = load_words(figures)
    latency = figures["latency"]
    burst, decision = latency["burst_from_last_frame"], latency["frame_to_decision"]
    return [
        _latency("burst, last frame → all decided, median", load, burst, "p50_ms"),
        _latency("burst, last frame → all decided, p99", load, burst, "p99_ms", 50.0),
        _latency("each frame → decision in the burst, median", load, decision, "p50_ms"),
        _latency("each frame → decision in the burst, p99", load, decision, "p99_ms"),
        _latency("loop lag, p99", load, latency["loop_lag"], "p99_ms"),
        Row(
            part=PART,
            what="CPU of one core, bursts and updates, without the chat",
            load=load,
            value=figures["cpu_pct"],
            unit="%",
            count=1,
        ),
    ]


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
