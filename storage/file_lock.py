"""An operating-system lock on a file: it ends with the process, however that ends."""

import os
import sys
from pathlib import Path

from engine.domain.errors import InstanceConflict, JournalError

if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        # Far beyond the text, since Windows also forbids reading a locked range.
        os.lseek(handle, 1 << 20, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


class FileLock:
    """An exclusive lock beside a database file. The file stays; only its lock matters."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None

    @property
    def held(self) -> bool:
        """True while this object holds the lock."""
        return self._handle is not None

    def acquire(self, holder: str) -> None:
        """Take the lock at once and write our name into the file.

        Raises:
            InstanceConflict: another process (or object) holds it; names that holder.
            JournalError: the file cannot be created.
        """
        if self.held:
            return
        try:
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise JournalError(f"lock file {self.path}: {error.strerror}") from error
        try:
            _lock(handle)
        except OSError as error:
            os.close(handle)
            raise InstanceConflict(self._conflict()) from error
        os.ftruncate(handle, 0)
        os.lseek(handle, 0, os.SEEK_SET)
        os.write(handle, holder.encode())
        self._handle = handle

    def release(self) -> None:
        """Give the lock back; closing the file does that."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _conflict(self) -> str:
        other = self.path.read_text(errors="replace").strip() or "an unnamed process"
        return f"another instance is running: {other} holds {self.path}"
