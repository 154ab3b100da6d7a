"""LightGBM's trees behind its C interface, without the Python package around it.

`import lightgbm` loads scipy, and pandas, scikit-learn and dask wherever they are installed: 21 MB
and 0.2 s at the least, in the one process that must stay small and must not stand still. A bot
only reads a model and asks it, for which the documented C interface is enough: 2 MB and 2 ms.

Interface: https://lightgbm.readthedocs.io/en/latest/C-API.html
"""

import ctypes
import sys
import weakref
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.domain.errors import ScorerError

_FLOAT32 = 0
_PREDICT_NORMAL, _PREDICT_CONTRIB = 0, 3
_ALL_TREES = -1
# Many threads cost more than they give on the few rows of a burst, and they would wake up late.
_QUIET_ALONE = b"num_threads=1 verbosity=-1"
_NAMES = {"win32": "lib_lightgbm.dll", "darwin": "lib_lightgbm.dylib"}


class Trees:
    """A model that was read from LightGBM's text; freed with this object.

    Raises:
        ScorerError: the text cannot be read, or it is no model with one output.
    """

    def __init__(self, text: str) -> None:
        handle = ctypes.c_void_p()
        rounds = ctypes.c_int()
        with _OneThread():
            _checked(
                _library().LGBM_BoosterLoadModelFromString(
                    text.encode(), ctypes.byref(rounds), ctypes.byref(handle)
                )
            )
        self._handle = handle
        weakref.finalize(self, _library().LGBM_BoosterFree, handle)
        self.count = self._asked("LGBM_BoosterNumberOfTotalModel")
        self.inputs = self._asked("LGBM_BoosterGetNumFeature")
        classes = self._asked("LGBM_BoosterGetNumClasses")
        if classes != 1:
            raise ScorerError(f"the model has {classes} outputs a row, 1 is expected")

    def outputs(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the model's output for each row; a NaN is a missing value.

        Raises:
            ScorerError: the rows have another width than the model.
        """
        return self._predicted(rows, _PREDICT_NORMAL, 1)[:, 0]

    def contributions(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return what each input added to the log-odds, and in the last column the base.

        Raises:
            ScorerError: the rows have another width than the model.
        """
        return self._predicted(rows, _PREDICT_CONTRIB, self.inputs + 1)

    def _predicted(self, rows: NDArray[np.float32], kind: int, width: int) -> NDArray[np.float64]:
        table = np.ascontiguousarray(rows, dtype=np.float32)
        if table.ndim != 2 or table.shape[1] != self.inputs:
            raise ScorerError(f"rows of shape {table.shape} for a model of {self.inputs} inputs")
        answer = np.zeros((len(table), width), dtype=np.float64)
        if not len(table):
            return answer
        written = ctypes.c_int64()
        _checked(
            _library().LGBM_BoosterPredictForMat(
                self._handle,
                ctypes.c_void_p(table.ctypes.data),
                ctypes.c_int(_FLOAT32),
                ctypes.c_int32(table.shape[0]),
                ctypes.c_int32(table.shape[1]),
                ctypes.c_int(1),
                ctypes.c_int(kind),
                ctypes.c_int(0),
                ctypes.c_int(_ALL_TREES),
                _QUIET_ALONE,
                ctypes.byref(written),
                answer.ctypes.data_as(ctypes.POINTER(ctypes.c_double)),
            )
        )
        if written.value != answer.size:
            raise ScorerError(f"the model wrote {written.value} outputs, {answer.size} expected")
        return answer

    def _asked(self, name: str) -> int:
        answer = ctypes.c_int()
        _checked(getattr(_library(), name)(self._handle, ctypes.byref(answer)))
        return answer.value


class _OneThread:
    """Reads a model alone: the library would start threads that stay for good.

    The limit holds for the whole process, hence it is given back.
    """

    def __enter__(self) -> None:
        before = ctypes.c_int()
        _checked(_library().LGBM_GetMaxThreads(ctypes.byref(before)))
        self._before = before
        _checked(_library().LGBM_SetMaxThreads(ctypes.c_int(1)))

    def __exit__(self, *_: object) -> None:
        _checked(_library().LGBM_SetMaxThreads(self._before))


@cache
def _library() -> ctypes.CDLL:
    found = find_spec("lightgbm")
    if found is None or found.origin is None:
        raise ScorerError("LightGBM is not installed")
    path = Path(found.origin).parent / "lib" / _NAMES.get(sys.platform, "lib_lightgbm.so")
    try:
        library = ctypes.CDLL(str(path))
    except OSError as error:
        raise ScorerError(f"LightGBM's library cannot be loaded: {error}") from error
    library.LGBM_GetLastError.restype = ctypes.c_char_p
    return library


def _checked(code: int) -> None:
    if code:
        told: bytes = _library().LGBM_GetLastError()
        raise ScorerError(f"LightGBM: {told.decode(errors='replace')}")
