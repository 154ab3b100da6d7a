"""The venue's time as we judge it: our exchange clock plus a measured offset."""

from collections import deque

from engine.ports import Clock

_WINDOW = 64
_TOLERATED_MS = 100.0


class ServerClock:
    """Estimates how far the venue's clock is ahead of ours, without asking it.

    A message stamped by the venue reaches us late, never early, so `stamp - our time` is at most
    the true offset and the largest of many is the best estimate. It errs towards the past, where
    recvWindow forgives seconds, and never far into the future, where the venue forgives one.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._leads: deque[int] = deque(maxlen=_WINDOW)
        self._offset_ms = 0
        self.resyncs = 0

    @property
    def offset_ms(self) -> int:
        """Exchange milliseconds the venue's clock is ahead of ours."""
        return self._offset_ms

    def now_ms(self) -> int:
        """Return the venue's time, exchange milliseconds."""
        return self._clock.exchange_ms() + self._offset_ms

    def observe(self, stamp_ms: int) -> None:
        """Learn from a message stamped by the venue just before it reached us."""
        self._leads.append(stamp_ms - self._clock.exchange_ms())
        lead = max(self._leads)
        too_early = lead > self._offset_ms
        # A smaller lead may only be delay; believe it when a whole window of messages agrees.
        settled = len(self._leads) == _WINDOW
        tolerated = _TOLERATED_MS * self._clock.speed
        if abs(lead - self._offset_ms) > tolerated and (too_early or settled):
            self._offset_ms = lead

    def resync(self, server_ms: int, asked_ms: int) -> None:
        """Take over the answer of the venue's /time; what was learnt before is forgotten.

        Args:
            server_ms: the venue's answer.
            asked_ms: our exchange time when the question left; the trip counts half.
        """
        answered_ms = self._clock.exchange_ms()
        self._offset_ms = server_ms - (asked_ms + answered_ms) // 2
        self._leads.clear()
        self.resyncs += 1
