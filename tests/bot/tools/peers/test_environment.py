import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from bot.tools.peers import environment
from bot.tools.peers.environment import (
    READY,
    PeerMissing,
    child_environment,
    home_of,
    prepared,
    python_of,
    reason,
)
from bot.tools.peers.table import PEERS

PEER = PEERS[0]


class Pip:
    """Stands for `venv` and `pip`: makes the interpreter's file, or fails like pip."""

    def __init__(self, error: str = "") -> None:
        self.commands: list[list[str]] = []
        self._error = error

    def __call__(self, command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        self.commands.append(command)
        if "venv" in command:
            python = python_of(Path(command[-1]))
            python.parent.mkdir(parents=True)
            python.touch()
        elif self._error:
            return subprocess.CompletedProcess(command, 1, "", self._error)
        return subprocess.CompletedProcess(command, 0, "", "")


@pytest.fixture
def pip(monkeypatch) -> Pip:
    made = Pip()
    monkeypatch.setattr(environment.subprocess, "run", made)
    return made


def test_prepared_when_asked_twice_installs_once_and_says_so(pip: Pip, tmp_path: Path):
    said: list[str] = []

    first = prepared(PEER, tmp_path, said.append)
    second = prepared(PEER, tmp_path, said.append)

    assert first == second == python_of(tmp_path / f"{PEER.name}-{PEER.version}")
    assert len(pip.commands) == 2
    assert pip.commands[1][-len(PEER.requirements) :] == list(PEER.requirements)
    assert len(said) == 1
    assert PEER.title in said[0]


def test_prepared_when_the_pins_have_changed_installs_anew(pip: Pip, tmp_path: Path):
    prepared(PEER, tmp_path, print)

    prepared(replace(PEER, needs=("numpy==9.9",)), tmp_path, print)

    assert "numpy==9.9" in pip.commands[3]


def test_prepared_when_pip_fails_leaves_nothing_and_hides_addresses(monkeypatch, tmp_path: Path):
    error = "WARNING: x\nERROR: No matching distribution for a at https://me:pass@host/simple\nbye"
    monkeypatch.setattr(environment.subprocess, "run", Pip(error))

    with pytest.raises(PeerMissing) as caught:
        prepared(PEER, tmp_path, print)

    assert str(caught.value) == (
        f"{PEER.title} cannot be installed: No matching distribution for a at <address>"
    )
    assert list(tmp_path.iterdir()) == []


def test_prepared_when_interrupted_leaves_nothing_half_made(monkeypatch, tmp_path: Path):
    made = Pip()

    def run(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        if "pip" in command:
            raise KeyboardInterrupt
        return made(command, **options)

    monkeypatch.setattr(environment.subprocess, "run", run)

    with pytest.raises(KeyboardInterrupt):
        prepared(PEER, tmp_path, print)

    assert list(tmp_path.iterdir()) == []


def test_prepared_when_the_folder_cannot_be_made_says_why(pip: Pip, tmp_path: Path):
    (tmp_path / "file").touch()

    with pytest.raises(PeerMissing, match="cannot be installed"):
        prepared(PEER, tmp_path / "file", print)


def test_prepared_when_the_mark_is_damaged_installs_anew(pip: Pip, tmp_path: Path):
    prepared(PEER, tmp_path, print)
    mark = tmp_path / f"{PEER.name}-{PEER.version}" / READY
    assert json.loads(mark.read_text()) == list(PEER.requirements)
    mark.write_text("{")

    prepared(PEER, tmp_path, print)

    assert len(pip.commands) == 4


def test_reason_when_nothing_was_said_says_that():
    assert reason(" \n") == "no reason given"
    assert reason("one\ntwo\n") == "two"


def test_child_environment_when_we_hold_secrets_has_none(monkeypatch):
    monkeypatch.setenv("SMCBOT_BINANCE_SECRET", "hush")
    monkeypatch.setenv("PIP_NO_INPUT", "1")

    told = child_environment()

    assert "SMCBOT_BINANCE_SECRET" not in told
    assert told["PIP_NO_INPUT"] == "1"
    assert home_of(Path("data")) == Path("data/bench/peers")
