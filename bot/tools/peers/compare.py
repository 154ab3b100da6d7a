"""Ours and the peers on the same candles, one after the other in one run."""

import json
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from bot.backtesting import BacktestOrder, run_backtests
from bot.settings import Settings
from bot.tools.bench.measure import Row, Say, Size
from bot.tools.peers.environment import (
    PeerMissing,
    child_environment,
    home_of,
    prepared,
    reason,
)
from bot.tools.peers.market import (
    PeerMarket,
    recorded,
    synthetic,
    write_for_peers,
    write_for_us,
)
from bot.tools.peers.table import CHILD, OURS, PEERS, SCRIPTS, Job, Peer
from engine.ports import Clock
from engine.smc.frame import can_compile, detect_frame
from engine.smc.params import DetectorParams

PART = "peers"
REPEATS = 3
RUN_PATIENCE_S = 300.0
"""For all repetitions of a peer on a busy machine; alone it takes a fifth of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """Repeated work: wall and CPU seconds of each run, and what one run counted."""

    wall_s: tuple[float, ...]
    cpu_s: tuple[float, ...]
    counts: Mapping[str, int]


def measure_peers(size: Size, clock: Clock, say: Say) -> list[Row]:
    """Measure every peer beside ours; one that cannot be had is a row that says why.

    Raises:
        InvalidCandles: the user's candles are unusable.
    """
    settings = Settings.load(_env_file=None)
    whole = (
        recorded(size.data, size.peer_symbols)
        if size.data
        else synthetic(size.peer_symbols, size.peer_candles)
    )
    market = whole.first(size.peer_symbols, size.peer_candles)
    home = home_of(Settings.load().data_dir)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="smcbot-peers-") as folder:
        files = write_for_peers(market, Path(folder) / "peers")
        candles = write_for_us(market, Path(folder) / "ours")
        ours: dict[Job, Callable[[], Mapping[str, int]]] = {
            Job.DETECTION: lambda: detected(market),
            Job.BACKTEST: lambda: backtested(candles, settings),
        }
        for job, work in ours.items():
            say(f"peers: {job.value} with ours")
            own = timed(work, clock)
            rows.append(_row("smcbot", job, own, market, OURS[job]))
            for peer in PEERS:
                if peer.job is job:
                    rows += _beside(peer, own, home, files, market, say)
    return rows


def timed(work: Callable[[], Mapping[str, int]], clock: Clock) -> Timed:
    """Time our own work the way a peer's is: one run that does not count, then `REPEATS`."""
    process = psutil.Process()
    counts = work()
    wall, processor = [], []
    for _ in range(REPEATS):
        began, used = clock.monotonic(), sum(process.cpu_times()[:2])
        work()
        wall.append(clock.monotonic() - began)
        processor.append(sum(process.cpu_times()[:2]) - used)
    return Timed(wall_s=tuple(wall), cpu_s=tuple(processor), counts=counts)


def detected(market: PeerMarket) -> Mapping[str, int]:
    """Detect on every symbol."""
    found = [
        detect_frame(one.candles, DetectorParams(), compiled=can_compile()) for one in market.series
    ]
    return {
        "events": sum(len(one.events) for one in found),
        "setups": sum(len(one.setups) for one in found),
    }


def backtested(candles: Path, settings: Settings) -> Mapping[str, int]:
    """Run the verb's whole work on a folder of candles."""
    made = run_backtests(BacktestOrder(data=(candles,)), settings, lambda _text, _share: None)
    return {"trades": made.statistics[0].total.trades}


def run_peer(peer: Peer, python: Path, files: Sequence[Path]) -> Timed:
    """Time a peer in its own environment, in a process of its own.

    Raises:
        PeerMissing: it did not deliver figures; says why.
    """
    command = [str(python), "-P", str(CHILD), str(SCRIPTS / peer.script), str(REPEATS)]
    try:
        done = subprocess.run(  # noqa: S603 - our own script in an environment of our own
            [*command, *map(str, files)],
            capture_output=True,
            text=True,
            errors="replace",
            env=child_environment(),
            timeout=RUN_PATIENCE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise PeerMissing(f"{peer.title}: not done after {RUN_PATIENCE_S:.0f} s") from None
    except OSError as error:
        raise PeerMissing(f"{peer.title} does not run: {error}") from None
    if done.returncode:
        raise PeerMissing(f"{peer.title} does not run: {reason(done.stderr)}")
    return figures_of(peer, done.stdout)


def figures_of(peer: Peer, output: str) -> Timed:
    """Return what the last line of a peer's output tells.

    Raises:
        PeerMissing: it tells nothing.
    """
    try:
        told: dict[str, Any] = json.loads(output.strip().splitlines()[-1])
        return Timed(
            wall_s=tuple(told["wall_s"]), cpu_s=tuple(told["cpu_s"]), counts=told["counts"]
        )
    except (IndexError, ValueError, KeyError, TypeError):
        raise PeerMissing(f"{peer.title} ended without figures") from None


def _beside(
    peer: Peer, own: Timed, home: Path, files: Sequence[Path], market: PeerMarket, say: Say
) -> list[Row]:
    """Return the rows of one peer: its speed and how many times faster ours is."""
    try:
        python = prepared(peer, home, say)
        say(f"peers: {peer.job.value} with {peer.title}")
        its = run_peer(peer, python, files)
    except PeerMissing as missing:
        return [blank(peer, market, str(missing))]
    times = median(its.cpu_s) / max(median(own.cpu_s), 1e-9)
    return [
        _row(peer.title, peer.job, its, market, peer.does),
        Row(
            part=PART,
            what=f"{peer.job.value}, smcbot against {peer.title}, CPU time",
            load=market.words,
            value=times,
            unit="×",
            count=REPEATS,
            more_is_better=True,
        ),
    ]


def blank(peer: Peer, market: PeerMarket, why: str) -> Row:
    """Return a row without a number that says why there is none."""
    return Row(
        part=PART,
        what=f"{peer.job.value}, {peer.title}: not measured",
        load=market.words,
        value=None,
        unit="candles/s",
        count=0,
        remark=why,
    )


def _row(name: str, job: Job, its: Timed, market: PeerMarket, does: str) -> Row:
    rates = sorted(market.candles / max(took, 1e-9) for took in its.cpu_s)
    counted = ", ".join(f"{number:,} {what}" for what, number in its.counts.items())
    return Row(
        part=PART,
        what=f"{job.value}, {name}, candles a second of CPU, median",
        load=market.words,
        value=median(rates),
        unit="candles/s",
        count=len(rates),
        more_is_better=True,
        spread=(rates[0], rates[-1]),
        remark=f"{counted}; {median(its.wall_s):.2f} s by the clock. {does}",
    )
