"""Telegram's sending limits, kept on our side: 1 message a second with a burst of 5 in a chat.

Answers to commands and critical notices may use all of the burst but a slack, everything else
leaves a reserve of three, so that a flood of signals never delays /close. What Telegram asks with
429 is obeyed to the second by everybody.
"""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from enum import Enum, auto
from typing import Any

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter
from typing_extensions import override

from engine.ports import Clock

PER_SECOND = 1.0
BURST = 5.0
RESERVE = 3.0
SLACK = 0.25
"""Seconds by which a request may overtake an earlier one before Telegram counts them."""
_ATTEMPTS = 5
_FREE = frozenset(
    {"answerCallbackQuery", "getMe", "setMyCommands", "deleteWebhook", "deleteMessage"}
)


class Urgency(Enum):
    """Who may use the reserve."""

    URGENT = auto()
    """Answers to the operator and critical notices."""
    ORDINARY = auto()
    OPTIONAL = auto()
    """Refreshing a message: done now or not at all."""


class NoRoom(Exception):  # noqa: N818 - a decision, not a failure
    """An optional request was left out because the chat is busy."""


class ChatBudget:
    """Tokens of one chat. Pure: the time is given in, in monotonic seconds."""

    def __init__(self, now: float) -> None:
        self._tokens = BURST
        self._filled_at = now
        self._closed_until = now

    def wait_s(self, count: int, urgency: Urgency, now: float) -> float:
        """Return seconds until `count` messages may be sent; 0 when they may go now."""
        self._tokens = min(BURST, self._tokens + max(0.0, now - self._filled_at) * PER_SECOND)
        self._filled_at = max(now, self._filled_at)
        floor = SLACK if urgency is Urgency.URGENT else RESERVE
        # An album may be larger than what lies above the reserve: it goes when the bucket is full.
        needed = min(floor + count, BURST)
        missing = needed - self._tokens
        wait = missing / PER_SECOND if missing > 1e-9 else 0.0
        return max(wait, self._closed_until - now, 0.0)

    def spend(self, count: int) -> None:
        """Take tokens; an album may leave a debt."""
        self._tokens -= count

    def close_until(self, until: float) -> None:
        """Send nothing before `until`: Telegram said so."""
        self._closed_until = max(self._closed_until, until)
        self._tokens = min(self._tokens, 1.0)


class ChatRateLimiter(BaseRateLimiter[Urgency]):
    """Makes every request of the bot respect the budget of its chat.

    A request without `rate_limit_args` is an answer to a person, hence urgent.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._chats: dict[int, ChatBudget] = {}
        self.refused = 0

    @override
    async def initialize(self) -> None:
        """Nothing to open."""

    @override
    async def shutdown(self) -> None:
        """Nothing to close."""

    def budget(self, chat_id: int) -> ChatBudget:
        """Return the budget of a chat."""
        if chat_id not in self._chats:
            self._chats[chat_id] = ChatBudget(self._clock.monotonic())
        return self._chats[chat_id]

    @override
    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Urgency | None,
    ) -> Any:
        """Wait for room, send, and obey 429.

        Raises:
            NoRoom: an optional request found no room.
            RetryAfter: refused for flooding five times.
        """
        urgency = rate_limit_args or Urgency.URGENT
        chat_id = data.get("chat_id")
        if endpoint in _FREE or not isinstance(chat_id, int):
            return await callback(*args, **kwargs)
        for attempt in range(_ATTEMPTS):
            await self._admit(chat_id, _messages(endpoint, data), urgency)
            try:
                return await callback(*args, **kwargs)
            except RetryAfter as flood:
                self._obey(chat_id, flood)
                if attempt == _ATTEMPTS - 1 or urgency is Urgency.OPTIONAL:
                    raise
        raise AssertionError("unreachable")

    async def _admit(self, chat_id: int, count: int, urgency: Urgency) -> None:
        budget = self.budget(chat_id)
        while wait := budget.wait_s(count, urgency, self._clock.monotonic()):
            if urgency is Urgency.OPTIONAL:
                raise NoRoom
            await asyncio.sleep(wait)
        budget.spend(count)

    def _obey(self, chat_id: int, flood: RetryAfter) -> None:
        self.refused += 1
        now = self._clock.monotonic()
        self.budget(chat_id).close_until(now + seconds_of(flood))


def seconds_of(flood: RetryAfter) -> float:
    """Return how long Telegram wants us to wait, in seconds."""
    after = flood.retry_after
    return after.total_seconds() if isinstance(after, timedelta) else float(after)


def _messages(endpoint: str, data: dict[str, Any]) -> int:
    media = data.get("media")
    return len(media) if endpoint == "sendMediaGroup" and isinstance(media, list | tuple) else 1
