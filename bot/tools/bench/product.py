"""`run` itself with its chat, in real time and in a process of its own: start, memory, CPU.

It gets an environment of its own, so that no setting and no secret of the operator takes part.
"""

import asyncio
import json
import signal
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from bot.tools.bench.measure import MachineFailed, Row, Say, Size
from engine.ports import Clock

PART = "run"
READY = "ready after"
"""What the terminal says once every symbol is loaded."""
BUSY = 3.6
"""Frames a second and symbol from which a market counts as busy; the venue sends up to 4."""
_ROOT = Path(__file__).resolve().parents[3]
_START_PATIENCE_S = 180.0
_STOP_PATIENCE_S = 30.0
_POLL_S = 0.2
_SAMPLES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFigures:
    """One run; `cpu_pct` of one core and `resident_mb` are those of `run` alone, once ready."""

    ready_s: float
    symbols: int
    candles: int
    frames_a_second: float
    measured_s: float
    cpu_pct: float
    resident_mb: float


def measure_run(size: Size, clock: Clock, say: Say) -> list[Row]:
    """Start `run` on an empty folder, measure it in real time, stop it.

    Raises:
        MachineFailed: it did not start, or did not stop.
    """
    if not size.steady_s:
        return []
    say(f"run: cold start, then {size.steady_s:.0f} s in real time")
    with tempfile.TemporaryDirectory(prefix="smcbot-bench-") as folder:
        return rows_of(asyncio.run(run_product(size.symbols, size.steady_s, Path(folder), clock)))


def rows_of(told: RunFigures) -> list[Row]:
    """Return the rows of a run."""
    load = (
        f"{told.symbols} symbols × {told.candles:,} candles, speed 1, "
        f"{told.frames_a_second:,.0f} frames/s, {told.measured_s:.0f} s"
    )

    def row(what: str, value: float, unit: str, reach: float | None, on: str = load) -> Row:
        return Row(part=PART, what=what, load=on, value=value, unit=unit, count=1, reach=reach)

    # The mark is meant for a market this busy; a quieter one must not claim to reach it.
    busy = told.frames_a_second >= BUSY * told.symbols
    history = f"{told.symbols} symbols × 499 candles over REST, exchange started too"
    return [
        row("run, cold start to ready", told.ready_s, "s", 30.0, history),
        row("run, resident memory", told.resident_mb, "MB", 200.0),
        row("run, CPU of one core", told.cpu_pct, "%", 20.0 if busy else None),
    ]


async def run_product(symbols: int, seconds: float, folder: Path, clock: Clock) -> RunFigures:
    """Run the product for `seconds` after it is ready and return its figures.

    Raises:
        MachineFailed: it did not start, or did not stop.
    """
    summary, log = folder / "summary.json", folder / "run.log"
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run", "--venue", "sim", "--speed", "1"),
            *("--symbols", str(symbols), "--summary", str(summary)),
            cwd=folder,
            env=environment(folder),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=errors,
        )
    try:
        await _until_ready(process, log)
        began = clock.monotonic()
        cpu_pct, resident_mb = await _watch(process.pid, seconds, clock)
        measured_s = clock.monotonic() - began
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(_STOP_PATIENCE_S):
            await process.wait()
        told = json.loads(summary.read_bytes())
    except (TimeoutError, OSError, ValueError, psutil.Error) as error:
        reason = f"{type(error).__name__} {error}".strip()
        raise MachineFailed(f"run failed: {reason}; its last line: {_last_line(log)}") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return _figures(told, measured_s, cpu_pct, resident_mb)


def environment(folder: Path) -> dict[str, str]:
    """Return the whole environment of the run: nothing of ours."""
    return {
        "PYTHONPATH": str(_ROOT),
        "SMCBOT_DATA_DIR": str(folder / "data"),
        "SMCBOT_CHAT_PORT": "0",
        "SMCBOT_LOG_LEVEL": "ERROR",
    }


async def _until_ready(process: asyncio.subprocess.Process, log: Path) -> None:
    async with asyncio.timeout(_START_PATIENCE_S):
        while READY not in _text(log):
            if process.returncode is not None:
                raise MachineFailed(f"run did not start: {_last_line(log)}")
            await asyncio.sleep(_POLL_S)


async def _watch(pid: int, seconds: float, clock: Clock) -> tuple[float, float]:
    """Return CPU percent of one core and the largest resident memory in MB."""
    process = psutil.Process(pid)
    began, before = clock.monotonic(), sum(process.cpu_times()[:2])
    resident = 0.0
    for _ in range(_SAMPLES):
        await asyncio.sleep(seconds / _SAMPLES)
        resident = max(resident, process.memory_info().rss / 1e6)
    used = sum(process.cpu_times()[:2]) - before
    return 100 * used / (clock.monotonic() - began), resident


def _figures(
    told: dict[str, Any], measured_s: float, cpu_pct: float, resident_mb: float
) -> RunFigures:
    frames = told["exchange"]["wire"]["frames_sent"] if told["exchange"] else 0
    return RunFigures(
        ready_s=told["cold_start_s"],
        symbols=told["symbols"],
        candles=told["candles"]["received"],
        # The streams begin to flow while history is loaded.
        frames_a_second=frames / max(told["wall_s"] - told["cold_start_s"], 0.1),
        measured_s=measured_s,
        cpu_pct=cpu_pct,
        resident_mb=resident_mb,
    )


def _text(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")


def _last_line(log: Path) -> str:
    lines = _text(log).strip().splitlines()
    return lines[-1].removeprefix("✗ ") if lines else ""
