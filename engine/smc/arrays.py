"""Storage of the detector's state: flat arrays that exist in two flavours.

The kernel functions of this package only read and write `array[index]`. In the live process the
arrays are plain Python lists, which the interpreter indexes about three times faster than numpy
arrays; in research they are numpy arrays handed to numba. The same source serves both.
"""

from array import array
from collections.abc import Callable
from typing import NamedTuple, cast

# A numpy array of float64 (int64) is passed under the same name in compiled mode.
Floats = list[float]
Ints = list[int]


class Allocator(NamedTuple):
    """How to make arrays: `floats(size, fill)` and `ints(size, fill)`.

    `compact(size)` makes zeros for what is written at every candle and read only when a Setup
    arises: eight bytes a number, where a list takes four times as much.
    """

    floats: Callable[[int, float], Floats]
    ints: Callable[[int, int], Ints]
    compact: Callable[[int], Floats]


def _float_list(size: int, fill: float) -> Floats:
    return [fill] * size


def _int_list(size: int, fill: int) -> Ints:
    return [fill] * size


def _compact(size: int) -> Floats:
    return cast("Floats", array("d", [0.0]) * size)


LISTS = Allocator(_float_list, _int_list, _compact)
