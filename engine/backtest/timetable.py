"""Which minutes a run visits."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from engine.backtest.floor import TradingFloor
from engine.backtest.recorder import Recorder
from engine.backtest.series import MINUTE_MS
from engine.backtest.skipping import Skipper
from engine.domain.events import PriceMoved
from engine.risk.limits import DAY_MS


class Timetable:
    """The minutes from start to end, all of them or those in which something can happen.

    Args:
        start_ms: the first minute.
        end_ms: behind the last one.
        moments: minutes at whose beginning a signal is due, sorted.
        floor: tells whether anything is open or on its way.
        skipper: looks ahead while something is open.
        recorder: knows whether the core is paused, and counts what it refuses meanwhile.
    """

    def __init__(
        self,
        start_ms: int,
        end_ms: int,
        moments: Sequence[int],
        floor: TradingFloor,
        skipper: Skipper,
        recorder: Recorder,
    ) -> None:
        self._start_ms = start_ms
        self._end_ms = end_ms
        self._moments = moments
        self._floor = floor
        self._skipper = skipper
        self._recorder = recorder

    def every_minute(self) -> Iterator[int]:
        """Yield all minutes."""
        yield from range(self._start_ms, self._end_ms, MINUTE_MS)

    def needed_minutes(self) -> Iterator[int]:
        """Yield minutes in which a day begins, a signal is due or an open trade may change.

        Each is chosen after the one before was lived through. What the core must know of minutes
        left out is told to it before the next one is yielded.
        """
        minute_ms = self._start_ms
        while minute_ms < self._end_ms:
            yield minute_ms
            minute_ms = self._after(minute_ms)

    def _after(self, minute_ms: int) -> int:
        floor = self._floor
        if floor.active and not floor.is_at_rest(minute_ms):
            return minute_ms + MINUTE_MS
        limit_ms = min(minute_ms - minute_ms % DAY_MS + DAY_MS, self._end_ms)
        at = bisect_right(self._moments, minute_ms)
        if at < len(self._moments) and not self._recorder.paused:
            limit_ms = min(limit_ms, self._moments[at])
        if floor.active:
            limit_ms = self._jump(minute_ms, limit_ms)
        if self._recorder.paused:
            # Only the owner's reset at midnight ends a pause; until then all is refused.
            missed = self._moments[at : bisect_left(self._moments, limit_ms)]
            self._recorder.refuse_paused(len(missed))
        return limit_ms

    def _jump(self, minute_ms: int, limit_ms: int) -> int:
        """Return the next visit while trades are open, and tell what the minutes between showed."""
        watched = self._floor.watched
        next_ms = self._skipper.next_visit(minute_ms, limit_ms, watched)
        if next_ms > minute_ms + MINUTE_MS:
            for symbol, price in self._skipper.unseen_prices(minute_ms, next_ms, watched):
                self._floor.tell(PriceMoved(symbol, price, next_ms), next_ms)
        return next_ms
