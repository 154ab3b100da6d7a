"""Storage of the detector's state: flat arrays that exist in two flavours.

The kernel functions of this package only read and write `array[index]`. In the live process the
arrays are plain Python lists, which the interpreter indexes about three times faster than numpy
arrays; in research they are numpy arrays handed to numba. The same source serves both.
"""

from collections.abc import Callable
from typing import NamedTuple

# A numpy array of float64 (int64) is passed under the same name in compiled mode.
Floats = list[float]
Ints = list[int]


class Allocator(NamedTuple):
    """How to make arrays: `floats(size, fill)` and `ints(size, fill)`."""

    floats: Callable[[int, float], Floats]
    ints: Callable[[int, int], Ints]


def _float_list(size: int, fill: float) -> Floats:
    return [fill] * size


def _int_list(size: int, fill: int) -> Ints:
    return [fill] * size


LISTS = Allocator(_float_list, _int_list)
