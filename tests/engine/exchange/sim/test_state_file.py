"""The saved state is replaced as a whole and never mistaken for another world's."""

from pathlib import Path

import pytest

from engine.exchange.sim.state_file import StateFile, StateFileError

MADE_WITH = {"seed": 1, "symbols": 2, "replay": []}


def test_read_when_nothing_was_saved_is_none(tmp_path: Path) -> None:
    assert StateFile(tmp_path / "new", MADE_WITH).read() is None


def test_write_when_read_back_is_the_same(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "deep" / "er", MADE_WITH)

    file.write({"now_ms": 5}, {"accounts": {"alice": "1.5"}})

    assert file.read() == {"market": {"now_ms": 5}, "exchange": {"accounts": {"alice": "1.5"}}}


def test_write_when_repeated_replaces_and_leaves_nothing_beside(tmp_path: Path) -> None:
    file = StateFile(tmp_path, MADE_WITH)

    file.write({"n": 1}, {})
    file.write({"n": 2}, {})

    state = file.read()
    assert state is not None
    assert state["market"] == {"n": 2}
    assert [path.name for path in tmp_path.iterdir()] == ["sim_state.json"]


def test_read_when_a_write_broke_off_gives_the_state_before(tmp_path: Path) -> None:
    file = StateFile(tmp_path, MADE_WITH)
    file.write({"n": 1}, {})

    file.path.with_suffix(".tmp").write_bytes(b'{"format":1,"mar')

    state = file.read()
    assert state is not None
    assert state["market"] == {"n": 1}


def test_read_when_made_with_other_options_is_refused_with_both(tmp_path: Path) -> None:
    StateFile(tmp_path, MADE_WITH).write({}, {})

    with pytest.raises(StateFileError, match=r"with seed 1.*with seed 2.*--fresh"):
        StateFile(tmp_path, {**MADE_WITH, "seed": 2}).read()


@pytest.mark.parametrize("text", [b"{", b"[]", b'{"format":1}', b"null"])
def test_read_when_the_file_is_broken_says_what_helps(tmp_path: Path, text: bytes) -> None:
    file = StateFile(tmp_path, MADE_WITH)
    file.path.write_bytes(text)

    with pytest.raises(StateFileError, match="start with --fresh"):
        file.read()


def test_read_when_the_format_is_newer_is_refused(tmp_path: Path) -> None:
    file = StateFile(tmp_path, MADE_WITH)
    file.write({}, {})
    file.path.write_bytes(file.path.read_bytes().replace(b'"format":1', b'"format":99'))

    with pytest.raises(StateFileError, match="format 99"):
        file.read()


def test_discard_when_there_is_a_state_forgets_it(tmp_path: Path) -> None:
    file = StateFile(tmp_path, MADE_WITH)
    file.write({}, {})

    file.discard()
    file.discard()

    assert file.read() is None
