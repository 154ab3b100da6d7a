"""The verbs `train` and `backtest` as a user runs them: time and memory of all their processes."""

import asyncio
import contextlib
import resource
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from bot.tools.bench.measure import MachineFailed, Row, Say, Size
from bot.tools.bench.product import environment
from bot.tools.bench.research import candle_files, origin
from bot.tools.peers.market import candles_in
from bot.workers import cores
from engine.ports import Clock

PART = "verbs"
PATIENCE_S = 3600.0
_POLL_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class VerbFigures:
    """One run of a verb, all its processes together.

    Memory is the largest sum of what is resident, sampled ten times a second.
    """

    wall_s: float
    cpu_s: float
    peak_mb: float


def measure_verbs(size: Size, clock: Clock, say: Say) -> list[Row]:
    """Run `train` on some candles and `backtest` on more.

    Raises:
        InvalidCandles: the user's candles are unusable.
        MachineFailed: a verb failed; says why.
    """
    rows: list[Row] = []
    if size.training_candles:
        say("verbs: candles to train on")
        with candle_files(size, size.training_candles) as paths:
            say("verbs: train")
            rows += _rows("train", paths, ["--out", "model", "--work", "work"], size, clock)
    if size.memory_candles:
        say("verbs: candles to backtest")
        with candle_files(size, size.memory_candles) as paths:
            say("verbs: backtest")
            rows += _rows("backtest", paths, [], size, clock)
    return rows


def _rows(
    verb: str, paths: Sequence[Path], options: Sequence[str], size: Size, clock: Clock
) -> list[Row]:
    symbols, candles = candles_in(paths)
    with tempfile.TemporaryDirectory(prefix="smcbot-bench-verb-") as folder:
        words = [verb, *(str(path.resolve()) for path in paths), *options]
        told = asyncio.run(run_verb(words, Path(folder), clock))
    load = f"{symbols} symbols × {candles:,} candles in all, {origin(size)}, {cores()} cores"

    def row(what: str, value: float, unit: str, *, more: bool = False) -> Row:
        return Row(
            part=PART,
            what=f"{verb}, whole verb from an empty folder, {what}",
            load=load,
            value=value,
            unit=unit,
            count=1,
            more_is_better=more,
        )

    return [
        row("candles a second", candles / max(told.wall_s, 1e-9), "candles/s", more=True),
        row("time", told.wall_s, "s"),
        row("CPU time of all processes", told.cpu_s, "s"),
        row("peak memory of all processes", told.peak_mb, "MB"),
    ]


async def run_verb(words: Sequence[str], folder: Path, clock: Clock) -> VerbFigures:
    """Run a verb in an empty folder, with nothing of the operator's settings.

    Raises:
        MachineFailed: it failed or did not end; the text is its last line.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = clock.monotonic()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *words),
        cwd=folder,
        env=environment(folder),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    peak_mb = 0.0
    ending = asyncio.ensure_future(process.communicate())  # noqa: TID251 - awaited right here
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not ending.done():
                peak_mb = max(peak_mb, _family_mb(process.pid))
                await asyncio.wait((ending,), timeout=_POLL_S)
        _, errors = await ending
    except TimeoutError:
        raise MachineFailed(f"{words[0]} did not end in {PATIENCE_S:.0f} s") from None
    finally:
        if process.returncode is None:
            _end_family(process.pid)
            await process.wait()
    if process.returncode:
        lines = errors.decode(errors="replace").strip().splitlines() or ["no reason given"]
        raise MachineFailed(f"the measured {words[0]} failed: {lines[-1]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return VerbFigures(
        wall_s=clock.monotonic() - began,
        cpu_s=after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime,
        peak_mb=peak_mb,
    )


def _family(pid: int) -> list[psutil.Process]:
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _family_mb(pid: int) -> float:
    total = 0
    for one in _family(pid):
        with contextlib.suppress(psutil.NoSuchProcess):
            total += one.memory_info().rss
    return total / 1e6


def _end_family(pid: int) -> None:
    for one in _family(pid):
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
