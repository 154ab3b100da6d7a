"""Probabilities held against what came true, counted as outcomes come in."""

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

LEAST_OUTCOMES = 200
"""Below this many outcomes nothing is said of a model but that they are too few."""
_BUCKETS = 5
_SAME = 0.002
_Z95 = 1.96


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Outcomes of similar probability.

    Attributes:
        low: lowest probability in it.
        high: where the next one begins.
        count: outcomes so far.
        predicted: mean probability; NaN without outcomes.
        observed: share of wins; NaN without outcomes.
        least: lower end of the 95 % interval of that share.
        most: its upper end.
        card: share of wins the card measured here; None where it holds none.
    """

    low: float
    high: float
    count: int
    predicted: float
    observed: float
    least: float
    most: float
    card: float | None


@dataclass(frozen=True, slots=True)
class CardBin:
    """Outcomes of similar probability as the training measured them."""

    predicted: float
    observed: float
    count: int


class Calibration:
    """Counts (probability, won) pairs into buckets; memory does not grow with them."""

    def __init__(self, card: Sequence[CardBin], fallback: tuple[float, float]) -> None:
        """Make the buckets.

        Args:
            card: what the training measured, in rising order.
            fallback: lowest and highest probability, for equal buckets where the card is bare.
        """
        self._card = merged(card, _BUCKETS)
        self._edges = _edges(self._card, fallback)
        size = len(self._edges) + 1
        self._counts, self._wins, self._sums = [0] * size, [0] * size, [0.0] * size
        self._squares = self._expected = self._variance = 0.0

    @property
    def count(self) -> int:
        """Outcomes so far."""
        return sum(self._counts)

    @property
    def wins(self) -> int:
        """How many of them paid net of costs."""
        return sum(self._wins)

    @property
    def expected_wins(self) -> float:
        """How many the probabilities promised."""
        return self._expected

    @property
    def surprise(self) -> float:
        """Wins above the promise, in standard deviations of independent outcomes."""
        if self._variance <= 0:
            return 0.0
        return (self.wins - self._expected) / math.sqrt(self._variance)

    @property
    def brier(self) -> float | None:
        """Mean squared error of the probabilities; None without outcomes."""
        return self._squares / self.count if self.count else None

    @property
    def brier_base_rate(self) -> float | None:
        """The same of one who always says the share of wins that came, known afterwards."""
        if not self.count:
            return None
        share = self.wins / self.count
        return share * (1.0 - share)

    def add(self, probability: float, *, won: bool) -> None:
        """Count an outcome."""
        bucket = bisect_right(self._edges, probability)
        self._counts[bucket] += 1
        self._wins[bucket] += won
        self._sums[bucket] += probability
        self._squares += (probability - won) ** 2
        self._expected += probability
        self._variance += probability * (1.0 - probability)

    def buckets(self) -> tuple[Bucket, ...]:
        """Return the buckets, lowest probability first."""
        lows, highs = (0.0, *self._edges), (*self._edges, 1.0)
        return tuple(
            self._bucket(number, low, high)
            for number, (low, high) in enumerate(zip(lows, highs, strict=True))
        )

    def _bucket(self, number: int, low: float, high: float) -> Bucket:
        count, wins = self._counts[number], self._wins[number]
        least, most = wilson(wins, count)
        return Bucket(
            low=low,
            high=high,
            count=count,
            predicted=self._sums[number] / count if count else math.nan,
            observed=wins / count if count else math.nan,
            least=least,
            most=most,
            card=self._card[number].observed if number < len(self._card) else None,
        )


class Comparison:
    """Two forecasters of the same outcomes; a difference below 0 favours the second."""

    def __init__(self) -> None:
        self.count = 0
        self._first = self._second = self._mean = self._spread = 0.0

    def add(self, first: float, second: float, *, won: bool) -> None:
        """Count an outcome both had a probability for."""
        one, two = (first - won) ** 2, (second - won) ** 2
        self.count += 1
        self._first += one
        self._second += two
        # Welford's running variance of the difference.
        delta = (two - one) - self._mean
        self._mean += delta / self.count
        self._spread += delta * ((two - one) - self._mean)

    @property
    def briers(self) -> tuple[float, float] | None:
        """Mean squared errors of both; None without outcomes."""
        return (self._first / self.count, self._second / self.count) if self.count else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 % interval of the second's Brier less the first's; None below two outcomes."""
        if self.count < 2:
            return None
        error = _Z95 * math.sqrt(self._spread / (self.count - 1) / self.count)
        return self._mean - error, self._mean + error


def card_bins(report: Mapping[str, Any]) -> tuple[CardBin, ...]:
    """Return the calibration table of a validation report, lowest probability first."""
    probability = report.get("probability")
    rows = probability.get("calibration", ()) if isinstance(probability, Mapping) else ()
    try:
        bins = [CardBin(float(r["predicted"]), float(r["observed"]), int(r["count"])) for r in rows]
    except (KeyError, TypeError, ValueError):
        return ()
    return tuple(sorted((one for one in bins if one.count > 0), key=lambda one: one.predicted))


def merged(bins: Sequence[CardBin], most: int) -> tuple[CardBin, ...]:
    """Return neighbouring bins put together: at most `most`, no two of the same probability."""
    size = max(1, math.ceil(len(bins) / most))
    found: list[CardBin] = []
    for at in range(0, len(bins), size):
        one = _together(bins[at : at + size])
        # An isotonic calibration has plateaus, on which neighbours say the same.
        if found and one.predicted - found[-1].predicted < _SAME:
            one = _together((found.pop(), one))
        found.append(one)
    return tuple(found)


def _together(bins: Sequence[CardBin]) -> CardBin:
    count = sum(one.count for one in bins)
    return CardBin(
        sum(one.predicted * one.count for one in bins) / count,
        sum(one.observed * one.count for one in bins) / count,
        count,
    )


def _edges(card: Sequence[CardBin], fallback: tuple[float, float]) -> tuple[float, ...]:
    """Buckets meet halfway between the card's, so that each stands beside its own."""
    if card:
        means = [one.predicted for one in card]
        return tuple((a + b) / 2 for a, b in pairwise(means))
    low, high = fallback
    return tuple(low + (high - low) * step / _BUCKETS for step in range(1, _BUCKETS))


def wilson(wins: int, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share by Wilson (1927); 0 to 1 without outcomes."""
    if not count:
        return 0.0, 1.0
    share, z2 = wins / count, _Z95**2
    centre = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = _Z95 * math.sqrt(share * (1 - share) / count + z2 / (4 * count**2)) / (1 + z2 / count)
    return max(0.0, centre - half), min(1.0, centre + half)
