"""The day in one message, at the operator's hour: told once a day, also over restarts."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog
from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from telegram.error import TelegramError

from bot.context import Front
from bot.desk import AskPnl, Period
from bot.formats import MAX_CAPTION
from bot.handlers.results import equity_picture
from bot.seen import StateStore
from bot.sender import Sender, Unreachable
from bot.throttle import Urgency
from bot.views.digest import daily_digest
from engine.domain.errors import JournalError

log = structlog.get_logger(__name__)


class DailyDigest:
    """Writes and sends the digest.

    Args:
        front: the desk, the clock, the pictures.
        sender: the wire.
        state: remembers the last day told.
        chat_id: where to.
    """

    def __init__(self, front: Front, sender: Sender, state: StateStore, chat_id: int) -> None:
        self._front = front
        self._sender = sender
        self._state = state
        self._chat_id = chat_id
        self._key = f"digest:{front.config.bot_id}"

    async def deliver(self) -> None:
        """Send today's digest unless it was sent already; failures are logged."""
        moment = datetime.fromtimestamp(self._front.clock.wall_ms() / 1000, UTC)
        today = moment.astimezone(self._front.zone).date().isoformat()
        try:
            if await self._state.get(self._key) == today:
                return
            await self._send()
            await self._state.put(self._key, today)
        except (TelegramError, Unreachable, JournalError) as error:
            log.warning("digest.not_sent", reason=str(error))

    async def _send(self) -> None:
        results = await self._front.desk.pnl(AskPnl(Period.DAY))
        text = daily_digest(results, self._front.desk.snapshot(), self._front.zone)
        picture = await equity_picture(self._front, results) if len(text) <= MAX_CAPTION else None
        await self._sender.send(self._chat_id, text, picture=picture, urgency=Urgency.ORDINARY)


class DigestSchedule:
    """Calls `deliver` every day at an hour of the operator's zone, in wall time."""

    def __init__(self, front: Front, deliver: Callable[[], Awaitable[None]]) -> None:
        config = front.config
        self._scheduler = AsyncIOScheduler(
            executors={"default": AsyncIOExecutor()}, timezone=config.zone
        )
        if config.digest_hour is not None:
            self._scheduler.add_job(
                deliver,
                CronTrigger(hour=config.digest_hour, minute=0, timezone=config.zone),
                id="daily-digest",
                misfire_grace_time=None,
                coalesce=True,
                max_instances=1,
            )

    def start(self) -> None:
        """Begin on the running loop; without an hour there is nothing to begin."""
        if self._scheduler.get_jobs():
            self._scheduler.start()

    def stop(self) -> None:
        """End at once."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
