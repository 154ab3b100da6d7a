"""Tests of models/code_digest.py."""

import string
from pathlib import Path

import pytest

from models import code_digest as module
from models.code_digest import code_digest, whole_digest


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for folder in ("engine/smc", "models"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "models" / "a.py").write_text("one")
    (tmp_path / "engine" / "smc" / "b.py").write_text("two")
    monkeypatch.setattr(module, "__file__", str(tmp_path / "models" / "code_digest.py"))
    return tmp_path


def digest() -> str:
    code_digest.cache_clear()
    try:
        return code_digest()
    finally:
        code_digest.cache_clear()


def test_digest_when_repeated_is_the_same() -> None:
    assert digest() == digest()
    assert len(digest()) == 16
    assert set(digest()) <= set(string.hexdigits)


@pytest.mark.parametrize("change", ["content", "new", "moved"])
def test_digest_when_sources_change_is_another(tree: Path, change: str) -> None:
    before = digest()
    if change == "content":
        (tree / "models" / "a.py").write_text("one!")
    elif change == "new":
        (tree / "engine" / "smc" / "c.py").write_text("")
    else:
        (tree / "models" / "a.py").rename(tree / "models" / "z.py")
    assert digest() != before


def test_digest_when_a_library_changes_is_another(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = digest()
    monkeypatch.setattr(module, "version", lambda name: "0.0" if name == "polars" else "1.0")
    assert digest() != before


def test_digest_when_other_files_change_stays(tree: Path) -> None:
    before = digest()
    (tree / "models" / "notes.txt").write_text("x")
    assert digest() == before


def test_digest_when_it_is_of_everything_sees_what_makes_no_rows(tree: Path) -> None:
    before, rows = whole_digest(), digest()
    (tree / "bot").mkdir()
    (tree / "bot" / "b.py").write_text("one")
    assert whole_digest() != before
    assert digest() == rows
