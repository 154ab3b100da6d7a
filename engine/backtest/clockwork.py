"""Events of the simulated world in the order in which they happen."""

import heapq
from collections.abc import Callable
from enum import IntEnum


class Rank(IntEnum):
    """Who comes first in the same millisecond: the market, then money, our orders, their news."""

    MARKET = 0
    FUNDING = 1
    ORDER = 2
    NEWS = 3


Action = Callable[[int], None]


class Clockwork:
    """A queue of actions by time; ties by rank, then by symbol, then by when they were set.

    The tie-break uses nothing that depends on how much else is in the queue, so that a run that
    leaves out events without effect keeps the order of all others.
    """

    def __init__(self) -> None:
        self._queue: list[tuple[int, Rank, str, int, Action]] = []
        self._number = 0
        self.now_ms = 0

    def __bool__(self) -> bool:
        return bool(self._queue)

    def at(self, at_ms: int, rank: Rank, symbol: str, action: Action) -> None:
        """Set an action; one in the past happens now."""
        self._number += 1
        moment = max(at_ms, self.now_ms)
        heapq.heappush(self._queue, (moment, rank, symbol, self._number, action))

    def run_until(self, end_ms: int) -> None:
        """Do everything that is due before `end_ms`, then stand there."""
        while self._queue and self._queue[0][0] < end_ms:
            self.now_ms, _, _, _, action = heapq.heappop(self._queue)
            action(self.now_ms)
        self.now_ms = end_ms
