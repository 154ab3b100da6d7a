"""Which peers are measured, in which versions, and what each does and does not do."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

SCRIPTS = Path(__file__).parent / "scripts"
CHILD = SCRIPTS / "child.py"
"""Loads one of the scripts inside the peer's environment, times it and prints JSON."""


class Job(StrEnum):
    """What a peer is compared in."""

    DETECTION = "detection"
    BACKTEST = "backtest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """One tool.

    Attributes:
        name: as its package is called.
        version: the one that is measured.
        needs: exact versions of what it computes with, so that a figure can be had again.
        job: what it is compared in.
        script: the file in `scripts/` that uses it.
        does: what is timed, and what is not.
        size_mb: about what its environment takes on the disk.
    """

    name: str
    version: str
    needs: tuple[str, ...]
    job: Job
    script: str
    does: str
    size_mb: int

    @property
    def title(self) -> str:
        """Name and version."""
        return f"{self.name} {self.version}"

    @property
    def requirements(self) -> tuple[str, ...]:
        """What pip is asked for."""
        return (f"{self.name}=={self.version}", *self.needs)


PEERS = (
    Peer(
        name="smartmoneyconcepts",
        version="0.0.27",
        needs=("numba==0.68.1", "numpy==2.4.6", "pandas==3.1.1"),
        job=Job.DETECTION,
        script="smart_money.py",
        does="swings, gaps, BOS/CHoCH, order blocks and liquidity over whole DataFrames; swings "
        "look at future candles, no setups, no stops and targets, not incremental",
        size_mb=310,
    ),
    Peer(
        name="nautilus_trader",
        version="1.221.0",
        needs=("numpy==2.4.6", "pandas==2.3.3"),
        job=Job.BACKTEST,
        script="nautilus.py",
        does="event engine with an order book per instrument, fees and brackets; is given our "
        "setups as entries, so it neither detects nor scores; loading is not timed",
        size_mb=560,
    ),
    Peer(
        name="backtesting",
        version="0.6.6",
        needs=("numpy==2.4.6", "pandas==2.3.3"),
        job=Job.BACKTEST,
        script="backtesting_py.py",
        does="one symbol after the other, each with an account of its own, fees, stop and target; "
        "is given our setups as entries, so it neither detects nor scores; no funding, no "
        "portfolio limits; its statistics are timed, loading is not",
        size_mb=260,
    ),
)

OURS = {
    Job.DETECTION: "all findings and complete setups with entry, stop and target, on closed "
    "candles only, the same bit for bit as live",
    Job.BACKTEST: "reading and checking the file, detection on every timeframe that is switched "
    "on, features, scoring, gate, one portfolio, costs, statistics and random entries beside it",
}
"""What is timed of ours."""
