"""Measures of scores and of results, each one formula."""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
RESAMPLES = 2_000
EULER = 0.5772156649015329


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its 95 % interval; NaN where there is nothing to average."""

    mean: float
    low: float
    high: float
    count: int
    days: int


def auc(scores: Floats, wins: Flags) -> float:
    """Return the chance that a win is scored above a loss, ties half; NaN if one is missing."""
    n = len(scores)
    positive = int(np.count_nonzero(wins))
    if positive in {0, n}:
        return math.nan
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return float((ranks[wins].sum() - positive * (positive + 1) / 2) / (positive * (n - positive)))


def brier(probability: Floats, wins: Flags) -> float:
    """Return the mean squared error of probabilities."""
    return float(np.mean((probability - wins) ** 2)) if len(wins) else math.nan


def log_loss(probability: Floats, wins: Flags) -> float:
    """Return the mean negative log-likelihood; probabilities are kept off 0 and 1 by 1e-6."""
    if not len(wins):
        return math.nan
    p = np.clip(probability, 1e-6, 1 - 1e-6)
    return float(-np.mean(np.where(wins, np.log(p), np.log(1 - p))))


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Rows of similar probability: what was said and what came true."""

    predicted: float
    observed: float
    count: int


def calibration_bins(probability: Floats, wins: Flags, bins: int = 10) -> list[CalibrationBin]:
    """Return up to `bins` groups of equal size, by probability."""
    order = np.argsort(probability, kind="stable")
    groups = [rows for rows in np.array_split(order, bins) if len(rows)]
    return [
        CalibrationBin(float(probability[rows].mean()), float(wins[rows].mean()), len(rows))
        for rows in groups
    ]


def calibration_error(bins: list[CalibrationBin]) -> float:
    """Return the mean |predicted - observed| over the rows of the bins (ECE)."""
    total = sum(b.count for b in bins)
    if not total:
        return math.nan
    return sum(b.count * abs(b.predicted - b.observed) for b in bins) / total


def day_bootstrap(values: Floats, days: NDArray[np.int64], seed: int) -> Interval:
    """Return the mean and the 95 % percentile interval by resampling whole days.

    Setups of one day share its market, so rows are not independent; days nearly are.
    """
    if not len(values):
        return Interval(math.nan, math.nan, math.nan, 0, 0)
    names, inverse = np.unique(days, return_inverse=True)
    sums = np.bincount(inverse, weights=values)
    counts = np.bincount(inverse)
    drawn = np.random.default_rng(seed).integers(0, len(names), (RESAMPLES, len(names)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Interval(float(np.mean(values)), float(low), float(high), len(values), len(names))


def deflated_sharpe(values: Floats, tries: int) -> float:
    """Return the probability that the Sharpe ratio is above what luck gives the best of `tries`.

    Bailey and Lopez de Prado (2014), "The Deflated Sharpe Ratio", with the variance of the tries'
    ratios taken as that of the estimator under no edge, 1 / n. NaN for fewer than 3 values.
    """
    n = len(values)
    spread = float(np.std(values)) if n else 0.0
    if n < 3 or spread == 0.0:
        return math.nan
    ratio = float(np.mean(values)) / spread
    centred = (values - np.mean(values)) / spread
    skew, kurtosis = float(np.mean(centred**3)), float(np.mean(centred**4))
    normal = NormalDist()
    lucky = 0.0
    if tries > 1:
        lucky = (1 - EULER) * normal.inv_cdf(1 - 1 / tries)
        lucky += EULER * normal.inv_cdf(1 - 1 / (tries * math.e))
        lucky /= math.sqrt(n)
    noise = math.sqrt(max(1e-12, 1 - skew * ratio + (kurtosis - 1) / 4 * ratio**2))
    return normal.cdf((ratio - lucky) * math.sqrt(n - 1) / noise)


def stability_index(expected: Floats, actual: Floats, bins: int = 10) -> float:
    """Return the population-stability index of `actual` against `expected`.

    Bins are quantiles of `expected`; each share is at least 1e-4. Above 0.2 is usually called a
    shift.
    """
    if not len(expected) or not len(actual):
        return math.nan
    edges = np.unique(np.quantile(expected, np.linspace(0, 1, bins + 1)[1:-1]))
    first, second = (
        np.maximum(
            np.bincount(np.searchsorted(edges, v, side="right"), minlength=len(edges) + 1) / len(v),
            1e-4,
        )
        for v in (expected, actual)
    )
    return float(np.sum((second - first) * np.log(second / first)))
