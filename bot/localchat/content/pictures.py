"""Kind and size of a picture, read from its first bytes without decoding it."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8\xff"
_GIF: Final = (b"GIF87a", b"GIF89a")
_FRAME_MARKERS: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDALONE_MARKERS: Final = frozenset(range(0xD0, 0xD9)) | {0x01}
_PNG_HEADER_BYTES: Final = 24
_GIF_HEADER_BYTES: Final = 10
_WEBP_HEADER_BYTES: Final = 30


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture's media type and its size in pixels."""

    mime: str
    width: int
    height: int

    @property
    def suffix(self) -> str:
        """File name ending, with the dot."""
        return {"image/jpeg": ".jpg"}.get(self.mime, "." + self.mime.removeprefix("image/"))


def inspect_picture(data: bytes) -> Picture | None:
    """The picture in `data`, or None when it is not PNG, JPEG, GIF or WebP."""
    picture = _inspect(data)
    if picture is None or picture.width <= 0 or picture.height <= 0:
        return None
    return picture


def _inspect(data: bytes) -> Picture | None:
    if data.startswith(_PNG) and len(data) >= _PNG_HEADER_BYTES:
        return Picture("image/png", *struct.unpack(">II", data[16:24]))
    if data.startswith(_GIF) and len(data) >= _GIF_HEADER_BYTES:
        return Picture("image/gif", *struct.unpack("<HH", data[6:10]))
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP" and len(data) >= _WEBP_HEADER_BYTES:
        return _webp(data)
    if data.startswith(_JPEG):
        return _jpeg(data)
    return None


def _jpeg(data: bytes) -> Picture | None:
    position = 2
    while position + 9 <= len(data):
        if data[position] != 0xFF:
            return None
        marker = data[position + 1]
        if marker in _FRAME_MARKERS:
            height, width = struct.unpack(">HH", data[position + 5 : position + 9])
            return Picture("image/jpeg", width, height)
        if marker in _STANDALONE_MARKERS:
            position += 2
        elif marker == 0xFF:
            position += 1
        else:
            position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return None


def _webp(data: bytes) -> Picture | None:
    kind = data[12:16]
    if kind == b"VP8X":
        width = 1 + int.from_bytes(data[24:27], "little")
        height = 1 + int.from_bytes(data[27:30], "little")
        return Picture("image/webp", width, height)
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return Picture("image/webp", (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1)
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", data[26:30])
        return Picture("image/webp", width & 0x3FFF, height & 0x3FFF)
    return None
