"""How sure a mean is."""

import random
from collections.abc import Sequence

import numpy as np

_LOWEST, _HIGHEST = 2.5, 97.5


def mean_interval(
    values: Sequence[float], rng: random.Random, resamples: int
) -> tuple[float, float] | None:
    """Return the 95 % bootstrap percentile interval of the mean, None below two values."""
    if len(values) < 2:
        return None
    sample = np.asarray(values, dtype=np.float64)
    generator = np.random.default_rng(rng.getrandbits(64))
    picks = generator.integers(0, sample.size, size=(resamples, sample.size))
    low, high = np.percentile(sample[picks].mean(axis=1), [_LOWEST, _HIGHEST])
    return float(low), float(high)
