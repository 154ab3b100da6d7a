"""A saved bundle for the tests of what loads and uses it."""

from pathlib import Path

import pytest

from models.artifacts import Bundle, load_bundle, save_bundle
from models.probe import probe_here
from tests.models.bundles import manifest, model_text, surrounded


@pytest.fixture
def model_path(tmp_path: Path) -> Path:
    path = tmp_path / "lgbm_smc.txt"
    save_bundle(path, model_text(), manifest())
    return path


@pytest.fixture
def bundle(model_path: Path) -> Bundle:
    return load_bundle(model_path, probe=probe_here)


@pytest.fixture(scope="session")
def surrounded_bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A model of `smc.v2`, whose features may be unknown."""
    path = tmp_path_factory.mktemp("surrounded") / "lgbm_smc.txt"
    save_bundle(path, *surrounded())
    return load_bundle(path, probe=probe_here)
