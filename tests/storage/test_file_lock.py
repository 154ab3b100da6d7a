"""The operating system's lock: exclusive, and gone with its process."""

import subprocess
import sys
from pathlib import Path

import pytest

from engine.domain.errors import InstanceConflict, JournalError
from storage.file_lock import FileLock

HOLD = """
import sys
from pathlib import Path
from storage.file_lock import FileLock
FileLock(Path(sys.argv[1])).acquire("the other one")
print("held", flush=True)
sys.stdin.read()
"""


def test_acquire_when_held_names_the_holder(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "db.lock"), FileLock(tmp_path / "db.lock")
    first.acquire("host-a:11")
    with pytest.raises(InstanceConflict, match=r"host-a:11 holds .*db\.lock"):
        second.acquire("host-b:22")
    assert (first.held, second.held) == (True, False)


def test_acquire_when_repeated_by_the_holder_is_harmless(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "db.lock")
    lock.acquire("a")
    lock.acquire("a")
    lock.release()
    lock.release()
    assert not lock.held


def test_release_when_given_back_lets_the_next_one_in(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "db.lock"), FileLock(tmp_path / "db.lock")
    first.acquire("a longer name than the next")
    first.release()
    second.acquire("b")
    assert second.path.read_text() == "b"


def test_acquire_when_holder_was_killed_succeeds(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "db.lock")
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(lock.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(InstanceConflict, match="the other one"):
            lock.acquire("us")
        other.kill()
    lock.acquire("us")
    assert lock.held
    lock.release()


def test_acquire_when_folder_is_missing_says_so(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="No such file"):
        FileLock(tmp_path / "no" / "db.lock").acquire("a")
