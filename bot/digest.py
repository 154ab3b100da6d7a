"""The day and the week in a message each, at the operator's hour: once, also over restarts."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog
from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from telegram.error import TelegramError
from typing_extensions import override

from bot.context import Front
from bot.desk import AskPnl, Period, PnlView
from bot.formats import MAX_CAPTION, clip
from bot.handlers.results import equity_picture
from bot.language import speaking
from bot.seen import StateStore
from bot.sender import Sender, Unreachable
from bot.throttle import Urgency
from bot.views import model_evidence
from bot.views.digest import daily_digest
from bot.views.performance import weekly
from engine.domain.errors import JournalError

log = structlog.get_logger(__name__)

_SUNDAY = 6


class _Digest(ABC):
    """A report that is sent once a span of time.

    Args:
        front: the desk, the clock, the pictures.
        sender: the wire.
        state: remembers the last span told.
        chat_id: where to.
    """

    name: str
    period: Period

    def __init__(self, front: Front, sender: Sender, state: StateStore, chat_id: int) -> None:
        self._front = front
        self._sender = sender
        self._state = state
        self._chat_id = chat_id
        self._key = f"{self.name}:{front.config.bot_id}"

    async def deliver(self) -> None:
        """Send it unless it was sent already; failures are logged."""
        moment = datetime.fromtimestamp(self._front.clock.wall_ms() / 1000, UTC)
        span = self._span(moment.astimezone(self._front.zone))
        try:
            if await self._state.get(self._key) == span:
                return
            with speaking(self._front.language):
                await self._send()
            await self._state.put(self._key, span)
        except (TelegramError, Unreachable, JournalError) as error:
            log.warning("digest.not_sent", kind=self.name, reason=str(error))

    async def _send(self) -> None:
        results = await self._front.desk.pnl(AskPnl(self.period))
        text = await self._text(results)
        picture = await equity_picture(self._front, results) if len(text) <= MAX_CAPTION else None
        front = self._front
        silent = front.preferences.current.is_quiet(front.clock.wall_ms(), front.zone)
        await self._sender.send(
            self._chat_id, text, picture=picture, silent=silent, urgency=Urgency.ORDINARY
        )

    @abstractmethod
    def _span(self, moment: datetime) -> str:
        """Return the name of the day or week of the operator's calendar."""

    @abstractmethod
    async def _text(self, results: PnlView) -> str:
        """Return the message."""


class DailyDigest(_Digest):
    """Today: results, best and worst, what is open."""

    name = "digest"
    period = Period.DAY

    @override
    def _span(self, moment: datetime) -> str:
        return moment.date().isoformat()

    @override
    async def _text(self, results: PnlView) -> str:
        return daily_digest(results, self._front.desk.snapshot(), self._front.zone)


class WeeklyDigest(_Digest):
    """The last seven days: by day, exit reason and score; and whether the model still fits."""

    name = "weekly-digest"
    period = Period.WEEK

    @override
    def _span(self, moment: datetime) -> str:
        year, week, _ = moment.isocalendar()
        return f"{year}-W{week:02d}"

    @override
    async def _text(self, results: PnlView) -> str:
        traded = weekly(results, self._front.clock.exchange_ms())
        fares = model_evidence.weekly(await self._front.desk.model_evidence())
        return clip("\n\n".join(part for part in (traded, fares) if part))


class DigestSchedule:
    """Calls `daily` every day and `weekly` on Sundays at an hour of the operator's zone.

    Times are wall times.
    """

    def __init__(
        self,
        front: Front,
        daily: Callable[[], Awaitable[None]],
        weekly: Callable[[], Awaitable[None]],
    ) -> None:
        self._front = front
        self._jobs = (("daily-digest", daily, None), ("weekly-digest", weekly, _SUNDAY))
        self._scheduler = AsyncIOScheduler(
            executors={"default": AsyncIOExecutor()}, timezone=front.zone
        )
        self.set_hour(front.preferences.current.digest_hour)
        front.preferences.subscribe(lambda chosen: self.set_hour(chosen.digest_hour))

    def set_hour(self, hour: int | None) -> None:
        """Send at this hour from now on, None for never; the first one comes at the next hour."""
        self._scheduler.remove_all_jobs()
        if hour is None:
            return
        for name, work, weekday in self._jobs:
            self._scheduler.add_job(
                work,
                CronTrigger(day_of_week=weekday, hour=hour, minute=0, timezone=self._front.zone),
                id=name,
                misfire_grace_time=None,
                coalesce=True,
                max_instances=1,
            )

    def start(self) -> None:
        """Begin on the running loop."""
        self._scheduler.start()

    def stop(self) -> None:
        """End at once."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
