"""Which scores become signals: a fixed threshold, or the rank that yields N signals a day.

The automatic threshold is the score that N x 7 of the last seven days' eligible setups reached.
It is recomputed when an exchange hour begins, from finished hours only; hours before the bot's
own history are filled with the seed, the score quantiles stored in the model bundle. Live and
backtest use this same file.
"""

import math
from array import array
from collections import deque
from dataclasses import dataclass

from engine.risk.limits import DAY_MS

HOUR_MS = 3_600_000
WINDOW_HOURS = 168
_BINS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdSeed:
    """Score distribution of eligible setups where the model was fitted.

    `quantiles` are evenly spaced from lowest to highest score; `per_day` is how many eligible
    setups a day the scanned universe is expected to yield.
    """

    quantiles: tuple[float, ...] = ()
    per_day: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdRule:
    """The operator's choice: a fixed score, or None for automatic; `per_day` caps both."""

    fixed: float | None = None
    per_day: int = 150


class SignalThreshold:
    """Keeps the score history and says what passes. Scores are kept on a grid of 1e-4."""

    def __init__(self, rule: ThresholdRule, seed: ThresholdSeed | None = None) -> None:
        self._rule = rule
        self._seed = seed or ThresholdSeed()
        self._hours: deque[tuple[int, dict[int, int]]] = deque()
        self._totals = array("l", bytes(array("l").itemsize * (_BINS + 1)))
        self._current_hour = -1
        self._current: dict[int, int] = {}
        self._automatic = self._compute()
        self._day = -1
        self._used = 0

    @property
    def rule(self) -> ThresholdRule:
        """The operator's current choice."""
        return self._rule

    @property
    def value(self) -> float:
        """Lowest score that passes now."""
        return self._automatic if self._rule.fixed is None else self._rule.fixed

    @property
    def used_today(self) -> int:
        """Signals raised in the current UTC day of exchange time."""
        return self._used

    def change_rule(self, rule: ThresholdRule) -> None:
        """Take the operator's new choice; the history stays."""
        self._rule = rule
        self._automatic = self._compute()

    def advance(self, now_ms: int) -> bool:
        """Move to `now_ms`; True when an hour was finished and the threshold recomputed."""
        day = now_ms // DAY_MS
        if day > self._day:
            self._day, self._used = day, 0
        hour = now_ms // HOUR_MS
        if hour <= self._current_hour:
            return False
        if self._current_hour >= 0:
            self._finish_hour()
        self._current_hour = hour
        self._forget_before(hour - WINDOW_HOURS)
        self._automatic = self._compute()
        return True

    def observe(self, score: float, now_ms: int) -> None:
        """Remember the score of an eligible setup; it counts from the next hour on."""
        self.advance(now_ms)
        bin_ = _bin(score)
        self._current[bin_] = self._current.get(bin_, 0) + 1

    def passes(self, score: float) -> bool:
        """Return whether a score reaches the threshold."""
        return math.isfinite(score) and score >= self.value

    def spend(self, now_ms: int) -> bool:
        """Take one signal of the day's budget; False when the day's hard cap is reached."""
        self.advance(now_ms)
        if self._used >= self._rule.per_day:
            return False
        self._used += 1
        return True

    def dump(self) -> dict[str, object]:
        """Return the history as JSON-ready data; the unfinished hour is included."""
        hours = [*self._hours, (self._current_hour, self._current)]
        return {
            "day": self._day,
            "used": self._used,
            "hours": [[hour, sorted(counts.items())] for hour, counts in hours if hour >= 0],
        }

    def load(self, day: int, used: int, hours: list[tuple[int, dict[int, int]]]) -> None:
        """Take back a dumped history, oldest hour first."""
        self._day, self._used = day, used
        for hour, counts in sorted(hours, key=lambda pair: pair[0]):
            if self._current_hour >= 0:
                self._finish_hour()
            self._current_hour, self._current = hour, dict(counts)
        self._automatic = self._compute()

    def _finish_hour(self) -> None:
        # Quiet hours are kept too: their number tells how long the own history is.
        self._hours.append((self._current_hour, self._current))
        for bin_, count in self._current.items():
            self._totals[bin_] += count
        self._current = {}

    def _forget_before(self, hour: int) -> None:
        while self._hours and self._hours[0][0] < hour:
            _, counts = self._hours.popleft()
            for bin_, count in counts.items():
                self._totals[bin_] -= count

    def _compute(self) -> float:
        """Walk down from the best score until the window's budget is spent."""
        own_hours = len(self._hours)
        seeded = self._seeded_bins(WINDOW_HOURS - own_hours)
        span = WINDOW_HOURS if seeded else own_hours
        budget = self._rule.per_day * span / 24.0
        if budget <= 0:
            return 0.5
        reached = 0.0
        for bin_ in range(_BINS, -1, -1):
            reached += self._totals[bin_] + seeded.get(bin_, 0.0)
            if reached >= budget:
                return bin_ / _BINS
        return 0.0

    def _seeded_bins(self, hours: int) -> dict[int, float]:
        quantiles = self._seed.quantiles
        if not quantiles or self._seed.per_day <= 0:
            return {}
        weight = self._seed.per_day * max(hours, 0) / 24.0 / len(quantiles)
        bins: dict[int, float] = {}
        for score in quantiles:
            bins[_bin(score)] = bins.get(_bin(score), 0.0) + weight
        return bins


def _bin(score: float) -> int:
    if not math.isfinite(score):
        return 0
    return min(max(math.floor(score * _BINS + 1e-9), 0), _BINS)
