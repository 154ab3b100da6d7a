"""A message that stays fresh: edited every 10 s for five minutes, one a chat."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from telegram.error import BadRequest, TelegramError

from bot.context import Answer
from bot.sender import Sender, Unreachable
from bot.throttle import NoRoom, Urgency
from engine.ports import Clock

log = structlog.get_logger(__name__)

EVERY_S = 10.0
FOR_S = 300.0


@dataclass(frozen=True, slots=True)
class _Kept:
    message_id: int
    fresh: Callable[[], Answer]
    until_s: float


class LiveMessages:
    """Keeps at most one message a chat up to date; a newer one takes over."""

    def __init__(self, sender: Sender, clock: Clock) -> None:
        self._sender = sender
        self._clock = clock
        self._kept: dict[int, _Kept] = {}
        self._some = asyncio.Event()

    def keep(self, chat_id: int, message_id: int, fresh: Callable[[], Answer]) -> None:
        """Keep a message fresh from now on."""
        until_s = self._clock.monotonic() + FOR_S
        self._kept[chat_id] = _Kept(message_id, fresh, until_s)
        self._some.set()

    def release(self, chat_id: int, message_id: int) -> None:
        """Leave a message alone: it becomes something else."""
        kept = self._kept.get(chat_id)
        if kept is not None and kept.message_id == message_id:
            del self._kept[chat_id]

    async def run(self) -> None:
        """Refresh for ever."""
        while True:
            await self._some.wait()
            await asyncio.sleep(EVERY_S)
            for chat_id, kept in list(self._kept.items()):
                if not await self._refresh(chat_id, kept):
                    self.release(chat_id, kept.message_id)
            if not self._kept:
                self._some.clear()

    async def _refresh(self, chat_id: int, kept: _Kept) -> bool:
        """Edit one message; False when it need not be kept any longer."""
        if self._clock.monotonic() > kept.until_s:
            return False
        answer = kept.fresh()
        try:
            await self._sender.edit(
                chat_id,
                kept.message_id,
                answer.text,
                keyboard=answer.keyboard,
                urgency=Urgency.OPTIONAL,
            )
        except (BadRequest, Unreachable):
            return False  # the message is gone
        except NoRoom:
            log.debug("telegram.live_skipped", reason="the chat is busy")
        except TelegramError as error:
            log.debug("telegram.live_skipped", reason=str(error))
        return True
