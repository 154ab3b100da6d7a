"""A challenger scores what the scorer in use has decided, afterwards and without any effect."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

import structlog

from engine.domain.effects import Entry, ShadowScored
from engine.domain.setup import Setup
from engine.ports import Clock, Scorer

log = structlog.get_logger(__name__)

_AT_ONCE = 32
"""Setups scored without a pause: a few milliseconds, in which no candle could be decided."""
_MOST_WAITING = 5_000
_LOOK_S = 0.05
_QUIET_S, _QUIET_EXCHANGE_S = 3.0, 15.0
"""How long no setup must have come: a minute's closes trickle in, and its burst must be over."""
_MOST_PATIENCE_S = 10.0


class Shadow:
    """Scores in the background, when nothing waits for a decision.

    Attributes:
        scored: setups scored by the challenger of now.
        dropped: setups it never saw because too many waited.
    """

    def __init__(
        self, clock: Clock, record: Callable[[Entry], None], waiting: Callable[[], int]
    ) -> None:
        """Args: clock; record: the journal; waiting: how many events wait for the core."""
        self._clock = clock
        self._record = record
        self._waiting = waiting
        self._setups: deque[Setup] = deque()
        self._filled = asyncio.Event()
        self._scorer: Scorer | None = None
        self._offered_s = 0.0
        self.scored = 0
        self.dropped = 0

    @property
    def scorer(self) -> Scorer | None:
        """The challenger, None without one."""
        return self._scorer

    def challenge(self, scorer: Scorer | None) -> None:
        """Let another challenger score from now on, None for none; counts start anew."""
        self._scorer = scorer
        self._setups.clear()
        self.scored = self.dropped = 0

    def offer(self, setups: Sequence[Setup]) -> None:
        """Keep setups for the challenger; costs next to nothing where there is none."""
        if self._scorer is None:
            return
        self._setups.extend(setups)
        while len(self._setups) > _MOST_WAITING:
            self._setups.popleft()
            self.dropped += 1
        self._offered_s = self._clock.monotonic()
        self._filled.set()

    async def run(self) -> None:
        """Score for ever."""
        while True:
            await self._filled.wait()
            await self._calm()
            batch = [self._setups.popleft() for _ in range(min(len(self._setups), _AT_ONCE))]
            if not self._setups:
                self._filled.clear()
            if batch and self._scorer is not None:
                self._score(self._scorer, batch)

    async def _calm(self) -> None:
        """Wait for a moment in which the core has nothing to do, but not for ever."""
        until_s = self._clock.monotonic() + _MOST_PATIENCE_S
        while self._is_busy() and self._clock.monotonic() < until_s:  # noqa: ASYNC110 - a count
            await asyncio.sleep(_LOOK_S)
        await asyncio.sleep(0)

    def _is_busy(self) -> bool:
        quiet_s = min(_QUIET_S, _QUIET_EXCHANGE_S / self._clock.speed)
        return self._waiting() > 0 or self._clock.monotonic() < self._offered_s + quiet_s

    def _score(self, scorer: Scorer, batch: Sequence[Setup]) -> None:
        try:
            scores = scorer.score(batch)
        except Exception:
            # A challenger decides nothing, so its faults must not end anything either.
            log.exception("shadow.failed", scorer=scorer.name, setups=len(batch))
            self.challenge(None)
            return
        at_ms = self._clock.exchange_ms()
        for score in scores:
            # What it was not fitted on it has not scored: that would be the heuristic's word.
            if score.scorer == scorer.name:
                self.scored += 1
                self._record(ShadowScored(score, at_ms))
