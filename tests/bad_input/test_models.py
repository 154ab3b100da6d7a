"""A model file that is not what it should be: the verb goes on without it and says why."""

import pickle
from pathlib import Path

import pytest

from models.artifacts import SHIPPED
from tests.bad_input.files import good
from tests.bad_input.verbs import invoke


class Bomb:
    """Runs when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (Path("exploded"),)  # type: ignore[return-value]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the operator's model folder, with a copy of the shipped bundle's manifest."""
    monkeypatch.chdir(tmp_path)
    good().write_parquet(tmp_path / "candles.parquet")
    made = tmp_path / "data" / "model"
    made.mkdir(parents=True)
    return made


def put(folder: Path, text: bytes, manifest: bytes) -> None:
    (folder / SHIPPED.name).write_bytes(text)
    (folder / SHIPPED.name).with_suffix(".json").write_bytes(manifest)


@pytest.mark.parametrize(
    ("text", "manifest", "reason"),
    [
        (b"tree\n", b"[", "manifest"),
        (b"tree\n", b"{}", "manifest"),
        (pickle.dumps(Bomb()), b"{}", "manifest"),
        (b"", b"", "manifest"),
    ],
)
def test_backtest_when_the_model_is_foreign_says_why_it_is_not_used(
    folder: Path, text: bytes, manifest: bytes, reason: str
) -> None:
    put(folder, text, manifest)

    result = invoke("backtest", "candles.parquet")

    assert result.exit_code == 0, result.output
    first = result.stdout.splitlines()[0]
    assert "scorer heuristic (" in first
    assert reason in first
    assert not Path("exploded").exists()


def test_backtest_when_there_is_no_model_says_so(folder: Path) -> None:
    first = invoke("backtest", "candles.parquet").stdout.splitlines()[0]

    assert SHIPPED.exists() or "scorer heuristic (there is no model at" in first
