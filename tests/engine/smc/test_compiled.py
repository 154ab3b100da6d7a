"""Tests of engine/smc/compiled.py: machine code gives the plain kernel's results."""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("numba", reason="numba is optional and not installed")

from engine.domain.setup import Recipe
from engine.smc.compiled import ARRAYS, cache_folder, source_digest
from engine.smc.frame import EventTable, detect_frame
from engine.smc.params import DetectorParams
from tests.oracle.smc_series import CHARACTERS, arrays, walk

VARIANTS = [
    DetectorParams(recipes=tuple(Recipe)),
    DetectorParams(recipes=tuple(Recipe), equal_levels=True, left=2, right=3, max_age=0),
]


@pytest.mark.parametrize("params", VARIANTS, ids=["default", "merged"])
@pytest.mark.parametrize("character", CHARACTERS)
def test_compiled_when_compared_with_plain_is_equal_bit_for_bit(
    character: str, params: DetectorParams
) -> None:
    candles = arrays(walk(41, 8_000, **CHARACTERS[character]))
    plain = detect_frame(candles, params, compiled=False)
    fast = detect_frame(candles, params, compiled=True)
    for name in EventTable.__dataclass_fields__:
        ours, theirs = getattr(fast.events, name), getattr(plain.events, name)
        assert ours.tobytes() == theirs.tobytes(), name
    # NaN marks what is absent; its sign bit is not a result.
    assert np.array_equal(fast.setups, plain.setups, equal_nan=True)
    assert fast.evictions == plain.evictions
    assert len(plain.setups) > 100


def test_arrays_when_allocated_are_64_bit_and_filled() -> None:
    assert ARRAYS.floats(3, -1.5) == pytest.approx([-1.5] * 3)
    assert np.asarray(ARRAYS.floats(1, 0.0)).dtype == np.float64
    assert np.asarray(ARRAYS.ints(1, 7)).dtype == np.int64


def test_cache_when_the_source_changes_lies_elsewhere() -> None:
    assert source_digest() in cache_folder().name
    assert len(source_digest()) == 16


def test_cache_when_the_package_is_read_only_lies_in_the_temp_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "mkdir", refuse)
    assert cache_folder().parent == Path(tempfile.gettempdir())


def test_live_detector_when_imported_loads_neither_numba_nor_numpy() -> None:
    code = (
        "import sys; import engine.smc.detector, engine.smc.timeframes;"
        "print(sorted({'numba', 'numpy', 'polars'} & set(sys.modules)))"
    )
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
