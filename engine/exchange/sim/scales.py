"""Exact doors between integer ticks and lots and decimal prices and quantities."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

MAX_TICKS = 2**31 - 1
"""Largest price in ticks; the candle history keeps ticks in 32 bits."""


@dataclass(frozen=True, slots=True)
class Scales:
    """Increments (tick or step sizes) of all symbols as ``units / 10**digits``.

    ``counts * units / 10**digits`` is a single correctly rounded division of integers, so a price
    equals the float its decimal text would parse to, bit for bit.
    """

    increments: tuple[Decimal, ...]
    digits: tuple[int, ...]
    units: FloatArray
    powers: FloatArray

    @classmethod
    def of(cls, increments: Sequence[Decimal]) -> Scales:
        """Split every increment into integer units and a power of ten."""
        digits = tuple(decimal_digits(item) for item in increments)
        units = [int(item.scaleb(places)) for item, places in zip(increments, digits, strict=True)]
        return cls(
            increments=tuple(increments),
            digits=digits,
            units=np.array(units, dtype=np.float64),
            powers=10.0 ** np.array(digits, dtype=np.float64),
        )

    def values(self, counts: npt.NDArray[np.integer] | FloatArray) -> FloatArray:
        """Counts (or a mean of counts) over all symbols (last axis) as float values."""
        result: FloatArray = counts * self.units / self.powers
        return result

    def values_of(self, index: int, counts: npt.NDArray[np.integer]) -> FloatArray:
        """Counts of the one symbol at ``index`` as float values."""
        result: FloatArray = counts * self.units[index] / self.powers[index]
        return result

    def counts(self, values: FloatArray) -> IntArray:
        """Nearest whole counts of values over all symbols (last axis)."""
        result: IntArray = np.rint(values * self.powers / self.units).astype(np.int64)
        return result

    def exact(self, index: int, count: int) -> Decimal:
        """One count as an exact decimal."""
        return self.increments[index] * count


def decimal_digits(value: Decimal) -> int:
    """Decimal places needed to write ``value``; trailing zeros do not count."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
