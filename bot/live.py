"""A message that stays fresh: edited every 10 s for five minutes, one a chat."""

import asyncio
from collections.abc import Callable

import structlog
from telegram.error import BadRequest, TelegramError

from bot.context import Answer
from bot.sender import Sender, Unreachable
from bot.throttle import NoRoom, Urgency
from engine.runtime.tasks import Supervisor

log = structlog.get_logger(__name__)

EVERY_S = 10.0
FOR_S = 300.0


class LiveMessages:
    """Keeps at most one message a chat up to date; a newer one takes over."""

    def __init__(self, sender: Sender, tasks: Supervisor) -> None:
        self._sender = sender
        self._tasks = tasks
        self._running: dict[int, tuple[int, asyncio.Task[None]]] = {}

    def keep(self, chat_id: int, message_id: int, fresh: Callable[[], Answer]) -> None:
        """Begin, in the background."""
        self._stop(chat_id)
        work = self._refresh(chat_id, message_id, fresh)
        self._running[chat_id] = message_id, self._tasks.once(f"live-{chat_id}", work)

    def release(self, chat_id: int, message_id: int) -> None:
        """Leave a message alone: it becomes something else."""
        kept, _ = self._running.get(chat_id, (None, None))
        if kept == message_id:
            self._stop(chat_id)

    def _stop(self, chat_id: int) -> None:
        _, task = self._running.pop(chat_id, (0, None))
        if task is not None:
            task.cancel()

    async def _refresh(self, chat_id: int, message_id: int, fresh: Callable[[], Answer]) -> None:
        for _ in range(round(FOR_S / EVERY_S)):
            await asyncio.sleep(EVERY_S)
            answer = fresh()
            try:
                await self._sender.edit(
                    chat_id,
                    message_id,
                    answer.text,
                    keyboard=answer.keyboard,
                    urgency=Urgency.OPTIONAL,
                )
            except NoRoom:
                continue
            except (BadRequest, Unreachable):
                return  # the message is gone
            except TelegramError as error:
                log.debug("telegram.live_skipped", reason=str(error))
