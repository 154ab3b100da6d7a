"""Files that a verb writes: refused before the work where they cannot be, whole or not at all."""

from contextlib import suppress
from pathlib import Path


def refuse_unwritable(option: str, path: Path | None) -> None:
    """Find out before an hour of work that its result could not be written.

    Raises:
        ValueError: the option, what was given, why not, and what is allowed.
    """
    if path is None:
        return
    partial = _partial(path)
    try:
        if path.is_dir():
            raise IsADirectoryError(None, "it is a folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.touch()
        partial.unlink()
    except OSError as error:
        raise ValueError(
            f"{option} {path}: {error.strerror}; give a file in a folder that can be written"
        ) from None


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that appears whole or not at all; an older one stays where that fails.

    Raises:
        OSError: it could not be written; names the file.
    """
    partial = _partial(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise OSError(error.errno, f"{path} was not written: {error.strerror}") from None


def _partial(path: Path) -> Path:
    return path.with_name(path.name + ".partial")
