"""LightGBM's trees through its C interface: the same numbers as through its package."""

import subprocess
import sys
from pathlib import Path

import lightgbm
import numpy as np
import pytest

from engine.domain.errors import ScorerError
from models import trees
from models.trees import Trees
from tests.models.bundles import ROUNDS, model_text, rows

ROOT = Path(__file__).parents[2]


def test_outputs_when_asked_are_those_of_the_package_to_the_last_bit() -> None:
    inputs = rows()[:200].copy()
    inputs[::7, 3] = np.nan
    booster = lightgbm.Booster(model_str=model_text())

    outputs = Trees(model_text()).outputs(inputs)

    assert np.array_equal(outputs, booster.predict(inputs, num_threads=1))


def test_contributions_when_asked_are_those_of_the_package_to_the_last_bit() -> None:
    inputs = rows()[:20]
    booster = lightgbm.Booster(model_str=model_text())

    told = Trees(model_text()).contributions(inputs)

    assert np.array_equal(told, booster.predict(inputs, num_threads=1, pred_contrib=True))
    assert told.shape == (20, inputs.shape[1] + 1)


def test_trees_when_read_know_their_size() -> None:
    read = Trees(model_text())

    assert (read.count, read.inputs) == (ROUNDS, rows().shape[1])


@pytest.mark.parametrize("width", [0, 11, 13])
def test_outputs_when_rows_have_another_width_are_refused(width: int) -> None:
    with pytest.raises(ScorerError, match="for a model of 12 inputs"):
        Trees(model_text()).outputs(np.zeros((2, width), dtype=np.float32))


def test_outputs_when_there_are_no_rows_are_none() -> None:
    assert Trees(model_text()).outputs(np.zeros((0, 12), dtype=np.float32)).shape == (0,)


def test_outputs_when_rows_are_a_view_are_those_of_a_copy() -> None:
    wide = np.repeat(rows()[:50], 2, axis=0)[::2]
    read = Trees(model_text())

    assert np.array_equal(read.outputs(wide), read.outputs(np.ascontiguousarray(wide)))


def test_trees_when_the_text_is_no_model_say_so() -> None:
    with pytest.raises(ScorerError, match=r"LightGBM: .*number of classes"):
        Trees("tree\n")


def test_trees_when_a_model_has_several_outputs_are_refused() -> None:
    inputs = rows()[:90]
    data = lightgbm.Dataset(inputs, np.arange(90) % 3)
    settings = {"objective": "multiclass", "num_class": 3, "num_threads": 1, "verbosity": -1}
    text = lightgbm.train(settings, data, 2).model_to_string()
    with pytest.raises(ScorerError, match="3 outputs a row, 1 is expected"):
        Trees(text)


def test_trees_when_lightgbm_is_missing_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    trees._library.cache_clear()
    monkeypatch.setattr(trees, "find_spec", lambda _name: None)
    try:
        with pytest.raises(ScorerError, match="LightGBM is not installed"):
            Trees(model_text())
    finally:
        trees._library.cache_clear()


def test_trees_when_the_library_is_damaged_say_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Elsewhere:
        origin = str(tmp_path / "__init__.py")

    trees._library.cache_clear()
    monkeypatch.setattr(trees, "find_spec", lambda _name: Elsewhere)
    try:
        with pytest.raises(ScorerError, match="library cannot be loaded"):
            Trees(model_text())
    finally:
        trees._library.cache_clear()


def test_threads_when_a_model_was_read_are_as_many_as_before() -> None:
    library = trees._library()
    import ctypes

    before, after = ctypes.c_int(), ctypes.c_int()
    library.LGBM_GetMaxThreads(ctypes.byref(before))

    Trees(model_text())

    library.LGBM_GetMaxThreads(ctypes.byref(after))
    assert before.value == after.value


def test_bundle_when_loaded_does_not_import_the_package() -> None:
    script = (
        "import sys; import models.scorer, models.artifacts, models.explain, models.probe; "
        "from models.trees import _library; _library(); "
        "heavy = {'lightgbm', 'scipy', 'pandas', 'sklearn', 'dask', 'distributed', 'optuna'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
