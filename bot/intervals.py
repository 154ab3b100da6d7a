"""How sure a mean is."""

import random
from collections.abc import Sequence

import numpy as np

_LOWEST, _HIGHEST = 2.5, 97.5
_MANY = 2_000
"""Values from which the mean is as good as normal, and resampling takes tens of milliseconds."""
_SIGMAS = 1.96


def mean_interval(
    values: Sequence[float], rng: random.Random, resamples: int
) -> tuple[float, float] | None:
    """Return the 95 % interval of the mean, None below two values.

    By bootstrap percentiles; of very many values by the normal distribution.
    """
    if len(values) < 2:
        return None
    sample = np.asarray(values, dtype=np.float64)
    if sample.size >= _MANY:
        middle, error = float(sample.mean()), float(sample.std(ddof=1)) / sample.size**0.5
        return middle - _SIGMAS * error, middle + _SIGMAS * error
    generator = np.random.default_rng(rng.getrandbits(64))
    picks = generator.integers(0, sample.size, size=(resamples, sample.size))
    low, high = np.percentile(sample[picks].mean(axis=1), [_LOWEST, _HIGHEST])
    return float(low), float(high)
