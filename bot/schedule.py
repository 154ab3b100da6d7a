"""The few REST calls a day that are made by the clock, in exchange time."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

import structlog

from engine.domain.errors import EngineError
from engine.ports import Clock

log = structlog.get_logger(__name__)

_MINUTE_MS = 60_000
_HOUR_MS = 60 * _MINUTE_MS
_DAY_MS = 24 * _HOUR_MS


class Job(Enum):
    """What is asked on schedule."""

    CONDITIONALS = auto()
    ACCOUNT = auto()
    LISTINGS = auto()
    INCOME = auto()
    TICKERS = auto()


@dataclass(frozen=True, slots=True)
class Timetable:
    """`period_ms` between calls and `phase_ms` after the period's start, from UTC midnight."""

    job: Job
    period_ms: int
    phase_ms: int


# 48 + 24 + 12 + 8 + 4 = 96 requests a day. Each job is one request.
TIMETABLE = (
    Timetable(Job.CONDITIONALS, _HOUR_MS // 2, 0),
    Timetable(Job.ACCOUNT, _HOUR_MS, 15 * _MINUTE_MS),
    Timetable(Job.LISTINGS, 2 * _HOUR_MS, 5 * _MINUTE_MS),
    Timetable(Job.INCOME, 3 * _HOUR_MS, 25 * _MINUTE_MS),
    Timetable(Job.TICKERS, 6 * _HOUR_MS, 10 * _MINUTE_MS),
)


def calls_a_day() -> int:
    """Return how many scheduled requests a day of exchange time has."""
    return sum(_DAY_MS // row.period_ms for row in TIMETABLE)


def next_due(row: Timetable, after_ms: int) -> int:
    """Return the first exchange time after `after_ms` at which the job is due."""
    periods = (after_ms - row.phase_ms) // row.period_ms + 1
    return periods * row.period_ms + row.phase_ms


class Schedule:
    """Runs the timetable; a job that fails is logged and waits for its next turn."""

    def __init__(self, clock: Clock, jobs: Mapping[Job, Callable[[], Awaitable[None]]]) -> None:
        self._clock = clock
        self._jobs = jobs
        self.calls: dict[Job, int] = dict.fromkeys(Job, 0)

    async def run(self) -> None:
        """Work for ever."""
        now_ms = self._clock.exchange_ms()
        due = {row: next_due(row, now_ms) for row in TIMETABLE if row.job in self._jobs}
        while True:
            row = min(due, key=lambda candidate: due[candidate])
            await self._until(due[row])
            await self._do(row.job)
            due[row] = next_due(row, max(due[row], self._clock.exchange_ms()))

    async def _until(self, exchange_ms: int) -> None:
        # Short sleeps, because exchange time may be corrected while we wait.
        while (left_ms := exchange_ms - self._clock.exchange_ms()) > 0:  # noqa: ASYNC110
            await asyncio.sleep(min(left_ms / 1000 / self._clock.speed, 30.0))

    async def _do(self, job: Job) -> None:
        self.calls[job] += 1
        try:
            await self._jobs[job]()
        except EngineError as error:
            log.warning("schedule.failed", job=job.name, reason=str(error))
