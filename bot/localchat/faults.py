"""Faults on request: what Telegram does to a bot on a bad day. In-process only."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.localchat.errors import BotApiError, too_many_requests

ANY_METHOD: Final = "*"


class FaultKind(StrEnum):
    """What goes wrong."""

    REFUSE = "refuse"
    GATEWAY = "gateway"
    LOSE_ANSWER = "lose_answer"
    DELAY = "delay"


@dataclass(slots=True)
class Fault:
    """One planned fault.

    Attributes:
        kind: what goes wrong.
        method: Bot API method it strikes, or `*`.
        remaining: how many calls it still strikes.
        error: the refusal, with REFUSE.
        status: HTTP status of an HTML page, with GATEWAY.
        seconds: with DELAY.
    """

    kind: FaultKind
    method: str
    remaining: int
    error: BotApiError | None = None
    status: int = 502
    seconds: float = 0.0


class Faults:
    """The plan. Tests and the simulation fill it; the Bot API consults it at every call.

    Faults of what the operator sends are made where it is sent: `UpdateQueue.redeliver` repeats
    updates, `Conversation.say(age_s=)` sends old ones, `press(stale=True)` presses a button that
    has gone, `say_as_stranger` is somebody else.
    """

    def __init__(self) -> None:
        self._plan: list[Fault] = []
        self._hearing = asyncio.Event()
        self._hearing.set()
        self._released = asyncio.Event()

    def refuse(
        self, code: int, description: str, *, method: str = ANY_METHOD, times: int = 1
    ) -> None:
        """Answer the next calls with an error (400, 403, 409, 500 ...) in the API's own form."""
        error = BotApiError(code, description)
        self._plan.append(Fault(FaultKind.REFUSE, method.lower(), times, error=error))

    def flood(self, retry_after: int, *, method: str = ANY_METHOD, times: int = 1) -> None:
        """Answer the next calls with 429 and `retry_after` seconds."""
        error = too_many_requests(retry_after)
        self._plan.append(Fault(FaultKind.REFUSE, method.lower(), times, error=error))

    def break_gateway(self, status: int = 502, *, method: str = ANY_METHOD, times: int = 1) -> None:
        """Answer the next calls with a proxy's HTML page."""
        self._plan.append(Fault(FaultKind.GATEWAY, method.lower(), times, status=status))

    def lose_answer(self, *, method: str = ANY_METHOD, times: int = 1) -> None:
        """Carry out the next calls but cut the connection before the answer."""
        self._plan.append(Fault(FaultKind.LOSE_ANSWER, method.lower(), times))

    def delay(self, seconds: float, *, method: str = ANY_METHOD, times: int = 1) -> None:
        """Answer the next calls late."""
        self._plan.append(Fault(FaultKind.DELAY, method.lower(), times, seconds=seconds))

    @property
    def deaf(self) -> bool:
        """Whether getUpdates hangs without an answer."""
        return not self._hearing.is_set()

    def deafen(self) -> None:
        """Let every getUpdates hang without an answer until `hear`."""
        self._hearing.clear()

    def hear(self) -> None:
        """End the deafness and forget no other fault."""
        self._hearing.set()

    def clear(self) -> None:
        """Forget the whole plan; calls that are being delayed go on at once."""
        self._plan.clear()
        self.hear()
        self._released.set()
        self._released.clear()

    async def hold(self, seconds: float) -> None:
        """Return after `seconds`, or when the plan is cleared."""
        try:
            async with asyncio.timeout(seconds):
                await self._released.wait()
        except TimeoutError:
            return

    async def until_hearing(self) -> None:
        """Return at once, or when the deafness ends."""
        await self._hearing.wait()

    def take(self, method: str) -> Fault | None:
        """The fault that strikes this call (lower-case method); it is used up by one."""
        for fault in self._plan:
            if fault.method in {ANY_METHOD, method}:
                fault.remaining -= 1
                if fault.remaining <= 0:
                    self._plan.remove(fault)
                return fault
        return None
