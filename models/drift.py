"""Whether the setups of now still look like those a model learnt from.

The population-stability index compares shares of a feature's values in bins: the sum over bins of
(now - then) x ln(now / then). Below 0.1 is usually called stable, from 0.25 on a shift that a
model should be trained anew for. The index of few values is large by chance alone, so each comes
with the value that chance exceeds once in twenty times.
"""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

SHIFTING_FROM = 0.1
DRIFTED_FROM = 0.25
LEAST_COUNT = 100
"""Fewer setups than this leave bins empty, for which the index of chance is not known."""
_LEAST_SHARE = 1e-4
_Z95 = 1.6449


class Stability(StrEnum):
    """A feature's drift in a word."""

    STABLE = "stable"
    SHIFTING = "shifting"
    DRIFTED = "drifted"
    TOO_FEW = "too few"


@dataclass(frozen=True, slots=True)
class Histogram:
    """Where a feature's values lay in training.

    Attributes:
        feature: its name.
        edges: rising; an edge belongs to the bin above it.
        shares: by timeframe, one share a bin and in the last place that of missing values. They
            are kept apart because a bot may alert on other timeframes than were trained on.
    """

    feature: str
    edges: tuple[float, ...]
    shares: Mapping[str, tuple[float, ...]]

    def bin_of(self, value: float) -> int:
        """Return the number of the bin that holds a value; NaN lies in the last."""
        if math.isnan(value):
            return len(self.edges) + 1
        return bisect_right(self.edges, value)

    def fault(self) -> str:
        """Return what is wrong with it in words, "" if nothing."""
        if not all(math.isfinite(edge) for edge in self.edges):
            return "edges must be finite"
        if any(a >= b for a, b in pairwise(self.edges)):
            return "edges must rise"
        for timeframe, shares in self.shares.items():
            if len(shares) != len(self.edges) + 2:
                return f"{timeframe} needs two shares more than edges"
            if not all(0.0 <= share <= 1.0 for share in shares):
                return f"{timeframe} has a share outside 0..1"
            if not abs(math.fsum(shares) - 1.0) <= 1e-6:
                return f"the shares of {timeframe} must sum to 1"
        return "" if self.shares else "it has no shares"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How far a feature has moved.

    `noise` is the index that `count` values exceed once in twenty times without any drift.
    """

    feature: str
    index: float
    noise: float
    count: int

    @property
    def stability(self) -> Stability:
        """The word for it; no word is given that chance could have spoken."""
        if self.count < LEAST_COUNT:
            return Stability.TOO_FEW
        if self.index < SHIFTING_FROM:
            return Stability.STABLE if self.noise <= SHIFTING_FROM else Stability.TOO_FEW
        if self.index <= self.noise:
            return Stability.TOO_FEW
        return Stability.SHIFTING if self.index < DRIFTED_FROM else Stability.DRIFTED


class DriftCounter:
    """Counts scored setups into the bins of the training; memory does not grow with them."""

    def __init__(self, histograms: Sequence[Histogram]) -> None:
        self._histograms = tuple(histograms)
        self._counts = [[0] * (len(one.edges) + 2) for one in histograms]
        self._timeframes: Counter[str] = Counter()

    @property
    def count(self) -> int:
        """Setups counted so far."""
        return self._timeframes.total()

    def add(self, timeframe: str, values: Sequence[float | None]) -> None:
        """Count a setup; one of a timeframe or width the training did not have is left out."""
        known = bool(self._histograms) and timeframe in self._histograms[0].shares
        if not known or len(values) != len(self._histograms):
            return
        self._timeframes[timeframe] += 1
        for histogram, counts, value in zip(self._histograms, self._counts, values, strict=True):
            counts[histogram.bin_of(math.nan if value is None else value)] += 1

    def drifts(self) -> tuple[Drift, ...]:
        """Return every feature's drift, largest first; nothing before the first setup."""
        if not self.count:
            return ()
        found = [
            self._drift(histogram, counts)
            for histogram, counts in zip(self._histograms, self._counts, strict=True)
        ]
        return tuple(sorted(found, key=lambda drift: (-drift.index, drift.feature)))

    def _drift(self, histogram: Histogram, counts: Sequence[int]) -> Drift:
        total = self.count
        # What the training would show with the timeframes mixed as they are now.
        expected = [
            sum(histogram.shares[name][bin_] * n for name, n in self._timeframes.items()) / total
            for bin_ in range(len(counts))
        ]
        used = sum(1 for share, n in zip(expected, counts, strict=True) if share > 0 or n)
        return Drift(
            feature=histogram.feature,
            index=stability_index(expected, [n / total for n in counts]),
            noise=chi_square_95(used - 1) / total,
            count=total,
        )


def stability_index(expected: Sequence[float], actual: Sequence[float]) -> float:
    """Return the population-stability index of shares; each counts as 1e-4 at the least."""
    total = 0.0
    for then, now in zip(expected, actual, strict=True):
        if then > 0 or now > 0:
            first, second = max(then, _LEAST_SHARE), max(now, _LEAST_SHARE)
            total += (second - first) * math.log(second / first)
    return total


def chi_square_95(freedom: int) -> float:
    """Return the 95 % quantile of chi square by Wilson and Hilferty (1931); 0 without freedom.

    The index of n values from the very same distribution, times n, is nearly chi square with one
    degree less than there are bins.
    """
    if freedom < 1:
        return 0.0
    part = 2.0 / (9.0 * freedom)
    return freedom * (1.0 - part + _Z95 * math.sqrt(part)) ** 3
