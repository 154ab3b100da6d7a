"""Server side WebSocket frames as bytes (RFC 6455 §5.2), so that a burst leaves in one write."""

from __future__ import annotations

import struct
from typing import Final

_FIN_TEXT: Final = 0x81
_FIN_CLOSE: Final = 0x88
_FIN_PING: Final = 0x89
_FIN_PONG: Final = 0x8A
_MEDIUM: Final = struct.Struct("!BBH")
_LONG: Final = struct.Struct("!BBQ")


def text_frame(payload: bytes) -> bytes:
    """Return an unmasked text frame around UTF-8 `payload`."""
    return _frame(_FIN_TEXT, payload)


def ping_frame(payload: bytes = b"") -> bytes:
    """Return a ping; `payload` is at most 125 bytes."""
    return _frame(_FIN_PING, payload)


def pong_frame(payload: bytes) -> bytes:
    """Return the answer to a ping with that payload."""
    return _frame(_FIN_PONG, payload)


def close_frame(code: int, reason: str = "") -> bytes:
    """Return a close frame; the reason is at most 123 bytes of UTF-8."""
    return _frame(_FIN_CLOSE, struct.pack("!H", code) + reason.encode())


def _frame(first: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes((first, size)) + payload
    if size < 65_536:
        return _MEDIUM.pack(first, 126, size) + payload
    return _LONG.pack(first, 127, size) + payload
