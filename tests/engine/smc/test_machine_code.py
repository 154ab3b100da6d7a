"""Tests of engine/smc/machine_code.py."""

import tempfile
from pathlib import Path

import numpy as np
import pytest

from engine.smc.machine_code import compiled, folder_beside


def double_all(values, out):
    """Fill out with twice the values; plain Python and numba's subset."""
    for i in range(len(values)):
        out[i] = 2.0 * values[i]


def test_function_when_compiled_gives_what_it_gave_and_is_kept(tmp_path: Path) -> None:
    source = tmp_path / "double.py"
    source.write_text("one")
    out = np.zeros(3)
    compiled(double_all, str(source))(np.arange(3.0), out)
    assert out.tolist() == [0.0, 2.0, 4.0]
    assert list((tmp_path / "__pycache__").glob("smcbot-double-*/**/*.nbi"))


def test_folder_when_the_source_cannot_be_written_beside_is_temporary(tmp_path: Path) -> None:
    (tmp_path / "__pycache__").write_text("a file, no folder")
    folder = folder_beside(str(tmp_path / "one.py"), "abc")
    assert folder == Path(tempfile.gettempdir()) / "smcbot-one-abc"


@pytest.mark.parametrize("other", ["two.py", "one.py"])
def test_folder_when_name_or_digest_differ_is_another(tmp_path: Path, other: str) -> None:
    folder = folder_beside(str(tmp_path / "one.py"), "abc")
    assert folder.is_dir()
    assert folder != folder_beside(str(tmp_path / other), "xyz" if other == "one.py" else "abc")
