"""Uploaded files in memory, bounded in bytes; the oldest leave first."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final

from bot.localchat.content.messages import FileKind, StoredFile
from bot.localchat.content.pictures import inspect_picture
from bot.localchat.errors import bad_request

MAX_TOTAL_BYTES: Final = 64 * 1024 * 1024
MAX_PHOTO_BYTES: Final = 10 * 1024 * 1024
MAX_PHOTO_SIDES: Final = 10_000
MAX_PHOTO_RATIO: Final = 20
MAX_NAME: Final = 120


class FileStore:
    """Keeps files by id. A file that was dropped is still known by its facts to its message."""

    def __init__(self, *, max_total_bytes: int = MAX_TOTAL_BYTES) -> None:
        self._max_total_bytes = max_total_bytes
        self._files: dict[str, tuple[StoredFile, bytes]] = {}
        self._total_bytes = 0
        self._count = 0

    def add_photo(self, data: bytes) -> StoredFile:
        """Keep a picture.

        Raises:
            BotApiError: 400 when it is not a picture or is beyond Telegram's sizes
                (10 MB, width + height 10000, ratio 20).
        """
        picture = inspect_picture(data)
        if picture is None:
            raise bad_request("IMAGE_PROCESS_FAILED")
        if len(data) > MAX_PHOTO_BYTES:
            raise bad_request("file is too big for a photo")
        long, short = max(picture.width, picture.height), min(picture.width, picture.height)
        if long + short > MAX_PHOTO_SIDES or long > short * MAX_PHOTO_RATIO:
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
        name = f"photo_{self._count + 1}{picture.suffix}"
        return self._keep(data, FileKind.PHOTO, name, picture.mime, picture.width, picture.height)

    def add_document(self, data: bytes, name: str) -> StoredFile:
        """Keep any file under the last part of its name.

        Raises:
            BotApiError: 400 when it is empty.
        """
        if not data:
            raise bad_request("file must be non-empty")
        return self._keep(data, FileKind.DOCUMENT, _plain_name(name), "application/octet-stream")

    def find(self, file_id: str) -> StoredFile | None:
        """Facts about a file that is still kept."""
        entry = self._files.get(file_id)
        return entry[0] if entry else None

    def read(self, file_id: str) -> bytes | None:
        """Bytes of a file that is still kept."""
        entry = self._files.get(file_id)
        return entry[1] if entry else None

    def _keep(
        self, data: bytes, kind: FileKind, name: str, mime: str, width: int = 0, height: int = 0
    ) -> StoredFile:
        if len(data) > self._max_total_bytes:
            raise bad_request("file is too big")
        self._count += 1
        stored = StoredFile(f"{kind}-{self._count}", kind, name, mime, len(data), width, height)
        self._files[stored.file_id] = (stored, data)
        self._total_bytes += len(data)
        while self._total_bytes > self._max_total_bytes:
            oldest = next(iter(self._files))
            self._total_bytes -= self._files.pop(oldest)[0].size
        return stored


def _plain_name(name: str) -> str:
    last = PurePosixPath(name.replace("\\", "/")).name
    kept = "".join(c for c in last if c.isprintable() and c not in '"<>|:*?')
    return kept[-MAX_NAME:] or "file"
