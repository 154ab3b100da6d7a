"""The child process that reads a model first."""

import subprocess
import sys

import pytest

from engine.domain.errors import ScorerError
from models import probe
from models.probe import probe_here, probe_in_child, probe_in_child_async
from tests.models.bundles import manifest, model_text


def test_child_when_model_is_good_answers_the_golden_outputs() -> None:
    golden = manifest()
    outputs = probe_in_child(model_text(), golden.golden_inputs)
    assert outputs == golden.golden_outputs == probe_here(model_text(), golden.golden_inputs)


async def test_child_when_awaited_answers_the_same() -> None:
    golden = manifest()
    assert await probe_in_child_async(model_text(), golden.golden_inputs) == golden.golden_outputs


def test_child_when_text_is_no_model_gives_the_reason() -> None:
    with pytest.raises(ScorerError, match=r"the model file cannot be read: .*Error"):
        probe_in_child("this is no model", [[0.0] * 12])


async def test_child_when_awaited_and_text_is_no_model_gives_the_reason() -> None:
    with pytest.raises(ScorerError, match=r"the model file cannot be read: .*Error"):
        await probe_in_child_async("this is no model", [[0.0] * 12])


def test_child_when_tree_points_outside_dies_alone() -> None:
    hostile = model_text().replace("left_child=", "left_child=99999999 ", 1)
    with pytest.raises(ScorerError, match=r"killed the process|cannot be read"):
        probe_in_child(hostile, [[0.0] * 12])


@pytest.mark.parametrize(
    ("code", "out", "told"),
    [
        (-11, b"", r"killed the process that read it \(signal 11\)"),
        (1, b"", "cannot be read: no reason given"),
        (0, b"", "answered nonsense"),
        (0, b"warning\n[0.1, \n", "answered nonsense"),
        (0, b'{"a": 1}', "answered nonsense"),
    ],
)
def test_answer_when_child_misbehaves_is_an_error(code: int, out: bytes, told: str) -> None:
    with pytest.raises(ScorerError, match=told):
        probe._answer(code, out, b"")


def test_answer_when_lightgbm_warns_first_is_the_last_line() -> None:
    assert probe._answer(0, b"[LightGBM] [Warning] x\n\n[0.25]\n", b"") == (0.25,)


def test_child_when_it_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "TIMEOUT_S", 0.05)
    with pytest.raises(ScorerError, match="took longer"):
        probe_in_child(model_text(), [[0.0] * 12])


async def test_child_when_awaited_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "TIMEOUT_S", 0.05)
    with pytest.raises(ScorerError, match="took longer"):
        await probe_in_child_async(model_text(), [[0.0] * 12])


def test_child_when_started_sees_no_secret_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMCBOT_CANARY", "secret")
    shown = "import os; print([float('SMCBOT_CANARY' in os.environ)])"
    monkeypatch.setattr(probe, "_COMMAND", (sys.executable, "-c", shown))
    assert probe_in_child("", []) == (0.0,)


def test_program_when_imported_does_not_load_lightgbm() -> None:
    code = "import sys, models.scorer, models.explain; print('lightgbm' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=probe._ROOT, capture_output=True, check=True, timeout=60
    )
    assert done.stdout.strip() == b"False"
