import errno
from pathlib import Path

import pytest

from bot.cli.outputs import refuse_unwritable, write_whole


def test_refusal_when_the_file_can_be_written_is_silent_and_leaves_nothing(tmp_path: Path) -> None:
    refuse_unwritable("--json", tmp_path / "new" / "out.json")
    refuse_unwritable("--json", None)

    assert list((tmp_path / "new").iterdir()) == []


def test_refusal_when_there_is_an_older_file_leaves_it_alone(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.write_text("old")

    refuse_unwritable("--json", path)

    assert path.read_text() == "old"


def test_refusal_when_it_cannot_be_written_names_option_path_and_what_is_allowed(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(ValueError, match=r"--json .*out.json: .*; give a file in a folder"):
        refuse_unwritable("--json", tmp_path / "file" / "out.json")
    with pytest.raises(ValueError, match="it is a folder"):
        refuse_unwritable("--json", tmp_path)


def test_write_when_the_disk_is_full_keeps_the_older_file_and_no_half_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out.json"
    write_whole(path, b"old")

    def full(self: Path, content: bytes) -> int:
        self.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)

    with pytest.raises(OSError, match=r"out.json was not written: No space left on device"):
        write_whole(path, b"new")

    assert [one.name for one in tmp_path.iterdir()] == ["out.json"]
    assert path.read_bytes() == b"old"
