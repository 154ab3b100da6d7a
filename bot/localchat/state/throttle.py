"""Telegram's sending limits: a burst of 5 and then 1/s in a chat, 30/s over all."""

from __future__ import annotations

import math
from typing import Final

CHAT_PER_SECOND: Final = 1.0
CHAT_BURST: Final = 5
OVERALL_PER_SECOND: Final = 30.0
OVERALL_BURST: Final = 30


class TokenBucket:
    """Tokens that refill with time; the time is given in, in seconds."""

    def __init__(self, *, per_second: float, burst: int, now: float) -> None:
        self._per_second = per_second
        self._burst = float(burst)
        self._tokens = float(burst)
        self._filled_at = now

    def shortage(self, count: int, now: float) -> float:
        """Seconds until `count` tokens are there; zero when they are.

        More tokens than the burst are granted on a full bucket, which then owes the rest.
        """
        elapsed = max(0.0, now - self._filled_at)
        self._tokens = min(self._burst, self._tokens + elapsed * self._per_second)
        self._filled_at = max(now, self._filled_at)
        missing = min(float(count), self._burst) - self._tokens
        # A refill computed in floating point must not fall a hair short of a whole token.
        return max(0.0, missing / self._per_second) if missing > 1e-9 else 0.0

    def spend(self, count: int) -> None:
        """Take tokens that `shortage` said are there."""
        self._tokens -= count


class SendThrottle:
    """Both limits together for the one chat there is.

    Attributes:
        refused: how many requests exceeded them.
    """

    def __init__(self, now: float) -> None:
        self.refused = 0
        self._chat = TokenBucket(per_second=CHAT_PER_SECOND, burst=CHAT_BURST, now=now)
        self._overall = TokenBucket(per_second=OVERALL_PER_SECOND, burst=OVERALL_BURST, now=now)

    def admit(self, count: int, now: float) -> int:
        """Zero and the messages are counted, or whole seconds to wait and nothing is."""
        wait = max(self._chat.shortage(count, now), self._overall.shortage(count, now))
        if wait > 0:
            self.refused += 1
            return max(1, math.ceil(wait))
        self._chat.spend(count)
        self._overall.spend(count)
        return 0
