"""Which scores become signals: a fixed threshold, or the rank that yields N signals a day.

The automatic threshold is the score that N x 7 of the last seven days' eligible setups reached.
It is recomputed when an exchange hour begins, from finished hours only; hours before the bot's
own history are filled with the seed, the score quantiles stored in the model bundle. Live and
backtest use this same file.
"""

import math
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.risk.limits import DAY_MS

Counts = NDArray[np.float64]

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
        self._take_seed(seed or ThresholdSeed())
        self._hours: deque[tuple[int, dict[int, int]]] = deque()
        self._totals: Counts = np.zeros(_BINS + 1)
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

    def reseed(self, seed: ThresholdSeed) -> None:
        """Forget every score and start from another scorer's; the rule and the day's cap stay."""
        self._take_seed(seed)
        self._hours.clear()
        self._current.clear()
        self._totals = np.zeros(_BINS + 1)
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

    def observe_all(self, scores: NDArray[np.float64], now_ms: int) -> None:
        """Remember many scores of one exchange hour, as `observe` would one by one."""
        self.advance(now_ms)
        finite = np.where(np.isfinite(scores), scores, 0.0)
        bins = np.clip(np.floor(finite * _BINS + 1e-9), 0, _BINS).astype(np.int64)
        found, counts = np.unique(bins, return_counts=True)
        for bin_, count in zip(found.tolist(), counts.tolist(), strict=True):
            self._current[bin_] = self._current.get(bin_, 0) + count

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

    def _take_seed(self, seed: ThresholdSeed) -> None:
        self._seed = seed
        self._seed_bins = np.array([_bin(one) for one in seed.quantiles], dtype=np.int64)

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
        is_seeded = len(self._seed_bins) > 0 and self._seed.per_day > 0
        span = WINDOW_HOURS if is_seeded else own_hours
        budget = self._rule.per_day * span / 24.0
        if budget <= 0:
            return 0.5
        counts = self._totals
        if is_seeded and own_hours < WINDOW_HOURS:
            counts = counts + self._seeded(WINDOW_HOURS - own_hours)
        reached = np.cumsum(counts[::-1])
        at = int(np.searchsorted(reached, budget))
        return (_BINS - at) / _BINS if at < len(reached) else 0.0

    def _seeded(self, hours: int) -> Counts:
        """Return how many setups of each score the seed expects in so many hours."""
        bins: Counts = np.zeros(_BINS + 1)
        weight = self._seed.per_day * hours / 24.0 / len(self._seed_bins)
        np.add.at(bins, self._seed_bins, weight)
        return bins


def _bin(score: float) -> int:
    if not math.isfinite(score):
        return 0
    return min(max(math.floor(score * _BINS + 1e-9), 0), _BINS)
