"""The kernel compiled with numba, for research. The live process never imports this module."""

import hashlib
import inspect
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numba
import numpy as np
from numba.core import config
from numba.extending import register_jitable

from engine.smc import (
    candle_ring,
    context,
    events,
    fair_value_gaps,
    history,
    indicators,
    kernel,
    liquidity,
    order_blocks,
    recipes,
    scan,
    setup_row,
    state,
    structure,
    swings,
)
from engine.smc.arrays import Allocator, Floats, Ints
from engine.smc.machine_code import folder_beside

KERNEL_MODULES: tuple[ModuleType, ...] = (
    candle_ring,
    context,
    events,
    fair_value_gaps,
    history,
    indicators,
    kernel,
    liquidity,
    order_blocks,
    recipes,
    setup_row,
    state,
    structure,
    swings,
)


def _float_array(size: int, fill: float) -> Floats:
    return np.full(size, fill, dtype=np.float64)  # type: ignore[return-value]


def _int_array(size: int, fill: int) -> Ints:
    return np.full(size, fill, dtype=np.int64)  # type: ignore[return-value]


def _zeros(size: int) -> Floats:
    return _float_array(size, 0.0)


ARRAYS = Allocator(_float_array, _int_array, _zeros)


def source_digest() -> str:
    """Return a digest of all kernel sources and of this file, which holds the options.

    numba's own cache looks at the file of the outermost function only; keyed by this digest it
    can never serve machine code of an older kernel.
    """
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for module in (*KERNEL_MODULES, scan):
        digest.update(inspect.getsource(module).encode())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """Return a writable folder for compiled code: beside the source, else in the temp folder."""
    return folder_beside(__file__, source_digest())


def _options_of(function: Callable[..., object]) -> dict[str, bool]:
    """Return the compiler options of a kernel function.

    Nothing in the kernel allocates, so reference counting is off. Functions that take the whole
    state are always inlined: numba passes named tuples by value, and copying one of some sixty
    arrays costs more than the work itself. Together that is 0.14 -> 7.6 million candles/s.
    """
    wide = {state.State, state.Side}
    types = {parameter.annotation for parameter in inspect.signature(function).parameters.values()}
    return {"_nrt": False, "forceinline": bool(wide & types)}


def _compile() -> Callable[..., int]:
    """Make every kernel function known to numba and compile the scan over them."""
    for module in KERNEL_MODULES:
        for _, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__:
                register_jitable(**_options_of(function))(function)
    settings: Any = config  # numba defines these names at import, out of a checker's sight
    njit: Any = numba.njit
    before = settings.CACHE_DIR
    settings.CACHE_DIR = str(cache_folder())
    try:
        compiled: Callable[..., int] = njit(cache=True, nogil=True, _nrt=False)(scan.scan)
    finally:
        settings.CACHE_DIR = before
    return compiled


scan_compiled = _compile()
"""`scan.scan` in machine code; compiled at the first call, then read from the cache."""
