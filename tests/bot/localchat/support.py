"""Helpers of the local chat's tests: a clock set by hand, small pictures, HTTP with a bearer."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientSession

from bot.localchat.server import ChatUrls, LocalChat

OPERATOR_ID = 4711
BOT_TOKEN = "900001:test-token"
CHAT_TOKEN = "chat-secret"
START_MS = 1_790_000_000_000


@dataclass
class HandClock:
    """Time that moves only when told to."""

    now_s: float = 0.0
    start_ms: int = START_MS

    def wall_ms(self) -> int:
        return self.start_ms + round(self.now_s * 1000)

    def monotonic(self) -> float:
        return self.now_s

    def advance(self, seconds: float) -> None:
        self.now_s += seconds


def png(width: int = 8, height: int = 6) -> bytes:
    """A valid black PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = b"".join(b"\x00" + b"\x00" * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@dataclass
class Running:
    """A started local chat with the clients of both sides."""

    chat: LocalChat
    urls: ChatUrls
    clock: HandClock
    http: ClientSession
    bearer: dict[str, str] = field(
        default_factory=lambda: {"Authorization": f"Bearer {CHAT_TOKEN}"}
    )

    async def call(self, method: str, *, token: str = BOT_TOKEN, **params: Any) -> dict[str, Any]:
        """One Bot API call with a JSON body; the whole answer."""
        url = f"{self.urls.bot_base_url}{token}/{method}"
        async with self.http.post(url, json=params) as answer:
            row: dict[str, Any] = await answer.json()
            assert row["ok"] is (answer.status == 200)
            return row

    async def send(self, text: str = "hello", **params: Any) -> dict[str, Any]:
        """sendMessage that must succeed; the message."""
        answer = await self.call("sendMessage", chat_id=OPERATOR_ID, text=text, **params)
        assert answer["ok"], answer
        return dict(answer["result"])

    async def get(self, path: str, **headers: str) -> tuple[int, Any]:
        """GET on the operator's side."""
        url = self.urls.api_base_url + path
        async with self.http.get(url, headers=self.bearer | headers) as answer:
            return answer.status, await answer.json()

    async def post(self, path: str, body: object, **headers: str) -> tuple[int, Any]:
        """POST of JSON on the operator's side."""
        url = self.urls.api_base_url + path
        async with self.http.post(url, json=body, headers=self.bearer | headers) as answer:
            return answer.status, await answer.json()
