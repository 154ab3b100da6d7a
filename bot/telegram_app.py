"""The chat as one object: start it, and the operator can look, command and is told."""

import asyncio
import random
from functools import partial

import structlog
from telegram.error import TelegramError

from bot.access import Doorman
from bot.callbacks import Nonces
from bot.charts.renderer import ChartError, ChartRenderer, Curves
from bot.connection import Connection, Deaf, pause_after, quiet_loggers
from bot.context import Front, TelegramConfig
from bot.desk import ChartData, Desk
from bot.digest import DailyDigest, DigestSchedule, WeeklyDigest
from bot.dispatch import Dispatcher
from bot.language import _, learn, speaking
from bot.live import LiveMessages
from bot.menu import CommandMenu
from bot.notifier import TelegramNotifier
from bot.outbox import NoticeStore
from bot.outcomes import Outcomes
from bot.preferences import PreferenceBook, Preferences
from bot.pushes import Pusher
from bot.seen import SeenUpdates, StateStore
from bot.sender import AnyBot, Sender, Unreachable
from bot.settings import prefer_timedeltas_of_telegram
from bot.throttle import ChatRateLimiter
from bot.views.notices import strangers
from engine.domain.errors import JournalError
from engine.ports import Clock
from engine.runtime.backoff import Backoff
from engine.runtime.tasks import Supervisor

log = structlog.get_logger(__name__)

_HEALTHY_AFTER_S = 60.0
_LAST_WORDS_S = 3.0
_GUARD_EVERY_S = 60.0


class TelegramFront:
    """The Telegram front. The engine never waits for it; without a network it keeps trying."""

    def __init__(
        self,
        *,
        desk: Desk,
        clock: Clock,
        rng: random.Random,
        config: TelegramConfig,
        notifier: TelegramNotifier,
        notices: NoticeStore,
        state: StateStore,
        charts: ChartRenderer,
    ) -> None:
        """Nothing happens until `start`.

        Args:
            desk: the way to the engine.
            clock: wall time for the chat, exchange time for what is shown.
            rng: `random.SystemRandom()` in production: one-time tokens come from it.
            config: who may speak and through which server.
            notifier: what the engine notifies; its queue is delivered here.
            notices: the notifier's durable queue.
            state: remembers the last update over restarts.
            charts: draws pictures; closed by `stop`.

        Raises:
            ValueError: nobody may speak.
        """
        home = config.home
        if home is None:
            raise ValueError("a chat needs at least one owner: set SMCBOT_TELEGRAM_OWNERS")
        quiet_loggers()
        prefer_timedeltas_of_telegram()
        self._clock, self._rng, self._config, self._home = clock, rng, config, home
        self._charts, self._notifier = charts, notifier
        self._tasks = Supervisor(clock, rng)
        self._sender = Sender()
        self._limiter = ChatRateLimiter(clock)
        self._doorman = Doorman(config, clock)
        self._seen = SeenUpdates(state, clock, config.bot_id)
        self._connection: Connection | None = None
        self._rebuilt = 0
        chosen = Preferences(digest_hour=config.digest_hour, language=config.language)
        self._preferences = PreferenceBook(state, config.bot_id, chosen)
        self._menu = CommandMenu(self._sender, self._preferences)
        front = Front(
            desk=desk,
            clock=clock,
            config=config,
            nonces=Nonces(rng, clock),
            answered=notifier.answered,
            draw=self._draw,
            draw_equity=self._draw_equity,
            meters=self.meters,
            preferences=self._preferences,
        )
        self.front = front
        self._preferences.subscribe(lambda _: charts.use_zone(front.zone.key))
        self._outcomes = Outcomes(front, self._sender, notices, home)
        self._pusher = Pusher(front, self._sender, notices, home, self._outcomes.closed)
        self.digest = DailyDigest(front, self._sender, state, home)
        weekly = WeeklyDigest(front, self._sender, state, home)
        self._schedule = DigestSchedule(front, self.digest.deliver, weekly.deliver)
        self._live = LiveMessages(self._sender, clock)
        self._dispatcher = Dispatcher(front, self._doorman, self._seen, self._sender, self._live)

    async def start(self) -> None:
        """Begin in the background and return at once."""
        try:
            await self._seen.load()
            await self._preferences.load()
        except JournalError as error:
            log.warning("telegram.state_unreadable", reason=str(error))
        await learn(self.front.language)
        self._tasks.restarting("telegram", self._stay_connected)
        self._tasks.restarting("outbox-writer", self._notifier.run_writer)
        for lane in self._notifier.lanes:
            name = "critical" if lane.critical else "ordinary"
            work = partial(self._notifier.run_lane, lane, self._pusher.push)
            self._tasks.restarting(f"outbox-{name}", work)
        self._tasks.restarting("live-messages", self._live.run)
        self._tasks.restarting("outcomes", self._outcomes.run)
        self._tasks.restarting("command-menu", self._menu.run)
        self._tasks.restarting("telegram-guard", self._report_strangers)
        self._schedule.start()

    async def stop(self) -> None:
        """Say the last words if there is a line, then close everything."""
        try:
            async with asyncio.timeout(_LAST_WORDS_S):
                # The store has no event for "empty", and this lasts a moment only.
                while self._sender.is_connected and not await self._notifier.idle():  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
        except (TimeoutError, JournalError):
            log.debug("telegram.unsent_notices_kept")
        self._schedule.stop()
        await self._tasks.close()
        await self._charts.close()

    def silent_for_s(self) -> float | None:
        """Return seconds since the chat was heard last, None while it is not connected."""
        connection = self._connection
        connected = connection is not None and self._sender.is_connected
        return connection.silent_for_s() if connection is not None and connected else None

    def meters(self) -> tuple[tuple[str, str], ...]:
        """Return the chat's own figures for /health and the log."""
        connection = self._connection
        heard = _("never")
        if connection is not None:
            heard = _("{seconds} s ago", seconds=f"{connection.silent_for_s():.0f}")
        return (
            ("connected", "yes" if self._sender.is_connected else "no"),
            ("last poll", heard),
            ("rebuilt", str(self._rebuilt)),
            ("other pollers", str(connection.conflicts if connection else 0)),
            ("delivered", str(self._notifier.delivered)),
            ("refused", str(self._notifier.refused)),
            ("unstored", str(len(self._notifier.inbox))),
            ("lost", str(self._notifier.inbox.lost)),
            ("slowed down", str(self._limiter.refused)),
            ("strangers", str(self._doorman.strangers)),
        )

    # --- connection ------------------------------------------------------------------------------

    async def _stay_connected(self) -> None:
        backoff = Backoff(self._rng, base_s=1.0, cap_s=30.0)
        while True:
            began = self._clock.monotonic()
            self._connection = Connection(
                self._config, self._clock, self._limiter, self._dispatcher, self._sender
            )
            try:
                await self._connection.run(self._greet)
            except Deaf as error:
                self._rebuilt += 1
                log.error("telegram.deaf", reason=str(error))
                backoff.reset()
                continue
            except TelegramError as error:
                log.warning("telegram.unreachable", reason=str(error))
                if self._clock.monotonic() - began > _HEALTHY_AFTER_S:
                    backoff.reset()
                await asyncio.sleep(pause_after(error, backoff.next_delay()))

    async def _greet(self, bot: AnyBot) -> None:
        """The line is open: send what waits, and set the command menu."""
        self._notifier.wake()
        self._menu.refresh()

    async def _report_strangers(self) -> None:
        while True:
            await asyncio.sleep(_GUARD_EVERY_S)
            count = self._doorman.stranger_report()
            if not count:
                continue
            with speaking(self.front.language):
                text = strangers(count)
            try:
                await self._sender.send(self._home, text, silent=True)
            except (TelegramError, Unreachable) as error:
                log.warning("telegram.not_sent", reason=str(error))

    # --- pictures --------------------------------------------------------------------------------

    async def _draw(self, data: ChartData) -> bytes | None:
        try:
            return await self._charts.render(data)
        except ChartError as error:
            log.warning("charts.failed", symbol=data.symbol, reason=str(error))
            return None

    async def _draw_equity(self, curves: Curves) -> bytes | None:
        try:
            return await self._charts.render_equity(curves)
        except ChartError as error:
            log.warning("charts.failed", reason=str(error))
            return None
