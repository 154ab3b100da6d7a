"""What a measurement is, and how repeated work is timed."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from engine.domain.errors import EngineError
from engine.ports import Clock

Say = Callable[[str], None]
"""Told what is being done now, for the progress bar."""


class MachineFailed(EngineError):  # noqa: N818 - says what happened
    """A measured process did not deliver its figures; the text is its last line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measured number.

    Attributes:
        part: which part of the bench measured it.
        what: in words, with the statistic (median, p99 ...).
        load: what was worked on, so that no number is met by doing less.
        value: the number, in `unit`; None where it could not be measured, `remark` says why.
        count: how many measurements it stands for.
        reach: what the product wants to reach, in `unit`; None where nothing is promised.
        more_is_better: how to compare with `reach`.
        spread: the lowest and the highest measurement.
        remark: what must be known to compare the number with others.
    """

    part: str
    what: str
    load: str
    value: float | None
    unit: str
    count: int
    reach: float | None = None
    more_is_better: bool = False
    spread: tuple[float, float] | None = None
    remark: str = ""

    @property
    def reached(self) -> bool | None:
        """Whether the value reaches what is wanted; None where nothing is, or is known."""
        if self.reach is None or self.value is None:
            return None
        if self.more_is_better:
            return self.value >= self.reach
        return self.value <= self.reach


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much work each part does; wall seconds for the runs, 0 leaves one out.

    Candles of research are those of all symbols together, of peers those of each. `data` are
    the user's candle files, for the parts that can use them instead of synthetic ones.
    """

    compiled_candles: int = 1_000_000
    plain_candles: int = 100_000
    frames: int = 20_000
    symbols: int = 530
    minutes: int = 20
    repeats: int = 5
    burst_s: float = 90.0
    steady_s: float = 60.0
    chat_s: float = 60.0
    peer_symbols: int = 10
    peer_candles: int = 20_000
    research_symbols: int = 20
    research_candles: int = 1_000_000
    training_candles: int = 5_000_000
    memory_candles: int = 10_000_000
    data: tuple[Path, ...] = ()


FULL = Size()
QUICK = Size(
    compiled_candles=300_000,
    plain_candles=30_000,
    frames=5_000,
    minutes=5,
    repeats=3,
    burst_s=30.0,
    steady_s=0.0,
    chat_s=0.0,
    peer_symbols=4,
    peer_candles=10_000,
    research_symbols=10,
    research_candles=200_000,
    training_candles=0,
    memory_candles=1_000_000,
)


def median_s(clock: Clock, repeats: int, work: Callable[[], object]) -> float:
    """Return the median wall seconds of `work`, after one run that does not count."""
    work()
    took = []
    for _ in range(repeats):
        began = clock.monotonic()
        work()
        took.append(clock.monotonic() - began)
    return median(took)
