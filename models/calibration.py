"""Isotonic calibration: from what a model says to how often that came true."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.errors import TooLittleData

Floats = NDArray[np.float64]
BINS = 100
LEAST_A_BIN = 50
"""Rows a bin must have: a few lucky rows at the end must not become a certainty."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Knots of a piecewise-linear map; `x` rises strictly, `y` does not fall."""

    x: tuple[float, ...]
    y: tuple[float, ...]

    def __call__(self, outputs: Floats) -> Floats:
        """Return probabilities: linear between the knots, flat beyond them."""
        return np.asarray(np.interp(outputs, self.x, self.y), dtype=np.float64)


def isotonic(outputs: Floats, wins: NDArray[np.bool_], weights: Floats) -> Calibration:
    """Return the isotonic fit of wins on outputs that the model gave out of fold.

    Outputs are first gathered in bins of equal count, whose weighted means are the knots; pooling
    of adjacent violators (Barlow et al. 1972) then makes them monotone.

    Raises:
        TooLittleData: fewer rows than one bin takes.
    """
    if len(outputs) < LEAST_A_BIN:
        raise TooLittleData(f"{len(outputs)} rows to calibrate on, it takes {LEAST_A_BIN}")
    order = np.argsort(outputs, kind="stable")
    bins = np.array_split(order, max(1, min(BINS, len(outputs) // LEAST_A_BIN)))
    x = np.array([np.average(outputs[rows], weights=weights[rows]) for rows in bins])
    y = np.array([np.average(wins[rows], weights=weights[rows]) for rows in bins])
    fitted = _pooled(y, np.array([weights[rows].sum() for rows in bins]))
    return _knots(x, fitted)


def _pooled(y: Floats, weights: Floats) -> Floats:
    """Return the monotone values nearest to y in weighted squares."""
    blocks: list[tuple[float, float, int]] = []
    for value, weight in zip(y.tolist(), weights.tolist(), strict=True):
        mean, total, size = value, weight, 1
        while blocks and blocks[-1][0] >= mean:
            left, left_weight, left_size = blocks.pop()
            mean = (left * left_weight + mean * total) / (left_weight + total)
            total += left_weight
            size += left_size
        blocks.append((mean, total, size))
    return np.repeat([block[0] for block in blocks], [block[2] for block in blocks])


def _knots(x: Floats, y: Floats) -> Calibration:
    """Return the ends of each level; inner points of a level say nothing."""
    keep = [i for i in range(len(x)) if i in {0, len(x) - 1} or not y[i - 1] == y[i] == y[i + 1]]
    kept_x: list[float] = []
    kept_y: list[float] = []
    for i in keep:
        if kept_x and x[i] <= kept_x[-1]:
            continue  # a model that says the same to many: one knot for all of them
        kept_x.append(float(x[i]))
        kept_y.append(float(y[i]))
    if len(kept_x) == 1:
        # A model that says the same to everybody is told the base rate, whatever it says.
        return Calibration((0.0, 1.0), (float(y.mean()), float(y.mean())))
    return Calibration(tuple(kept_x), tuple(kept_y))
