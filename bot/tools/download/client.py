"""A polite reader of public files: few at a time, patient with trouble, quiet when told so."""

import asyncio
import random
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

from bot.tools.download.errors import RequestRefused, SourceUnreachable

_LATER = frozenset({429, 500, 502, 503, 504})
_BANNED = 418
"""Binance's REST: too many requests after 429; the next ones only make it longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How politely.

    Attributes:
        at_once: requests in flight.
        attempts: tries of one request.
        first_wait_s: wait before the second try; doubles with each further one, with jitter.
        most_wait_s: longest wait, whatever the server asks for.
        timeout_s: for one request.
    """

    at_once: int = 4
    attempts: int = 5
    first_wait_s: float = 1.0
    most_wait_s: float = 60.0
    timeout_s: float = 120.0


class PoliteClient:
    """Reads URLs with retries. Use as an asynchronous context manager."""

    def __init__(self, chance: random.Random, manners: Manners | None = None) -> None:
        self._manners = manners or Manners()
        self._chance = chance
        self._slots = asyncio.Semaphore(self._manners.at_once)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "PoliteClient":
        timeout = aiohttp.ClientTimeout(total=self._manners.timeout_s)
        self._session = aiohttp.ClientSession(timeout=timeout, trust_env=True)
        return self

    async def __aexit__(self, *_exception: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def read(self, url: str, params: dict[str, str] | None = None) -> bytes | None:
        """Return the body, or None if there is no such thing.

        Raises:
            SourceUnreachable: every attempt failed, or the server forbids more requests.
            RequestRefused: any other answer than yes, no such thing, or later.
        """
        wait = self._manners.first_wait_s
        reason = ""
        for attempt in range(self._manners.attempts):
            if attempt:
                await asyncio.sleep(min(wait * self._chance.uniform(0.5, 1.5), self._most))
                wait *= 2
            try:
                async with self._slots:
                    status, body, asked = await self._once(url, params)
            except (aiohttp.ClientError, TimeoutError) as error:
                reason = str(error) or type(error).__name__
                continue
            if status == 200:
                return body
            if status == 404:
                return None
            reason = f"HTTP {status}"
            if status == _BANNED:
                break
            if status not in _LATER:
                raise RequestRefused(f"{_shown(url)}: {reason}", status)
            wait = max(wait, asked)
        raise SourceUnreachable(f"{_shown(url)}: {reason}")

    @property
    def _most(self) -> float:
        return self._manners.most_wait_s

    async def _once(self, url: str, params: dict[str, str] | None) -> tuple[int, bytes, float]:
        if self._session is None:
            raise RuntimeError("PoliteClient is used outside its context")
        async with self._session.get(url, params=params) as reply:
            asked = reply.headers.get("Retry-After", "")
            return reply.status, await reply.read(), float(asked) if asked.isdigit() else 0.0


def _shown(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}{parts.path}"
