"""The operator's chat: Telegram with a token, else the local page; the same front on both."""

import hashlib
import random
import secrets
from contextlib import AsyncExitStack
from zoneinfo import ZoneInfo

from bot.charts.renderer import ChartRenderer
from bot.context import TelegramConfig
from bot.desk import Desk
from bot.localchat.server import LocalChat
from bot.notifier import TelegramNotifier
from bot.run_options import RunOptions
from bot.settings import Settings
from bot.telegram_app import TelegramFront
from bot.venue_link import VenueLink
from engine.domain.notices import AlarmKind, AlarmNotice, LifeNotice, Notice
from engine.ports import Clock
from storage.database import Database
from storage.notices import Outbox
from storage.telegram import TelegramState

LOCAL_OPERATOR = 1
_LOCAL_BOT = 1
VENUE_WORDS = {
    "sim": "embedded exchange",
    "binance": "Binance",
    "binance-demo": "Binance demo",
}


class Chat:
    """Queues notices from the first moment; answers once it is given the desk."""

    def __init__(
        self,
        config: TelegramConfig,
        clock: Clock,
        database: Database,
        charts: ChartRenderer,
        stack: AsyncExitStack,
        page: LocalChat | None,
    ) -> None:
        """Args: page: the local page that stands in for Telegram, None with Telegram itself."""
        self._config = config
        self._clock = clock
        self._outbox = Outbox(database)
        self._state = TelegramState(database)
        self._charts = charts
        self._stack = stack
        # Confirmations are worth money: their tokens come from the system's own chance.
        self._rng = random.SystemRandom()
        self.notifier = TelegramNotifier(self._outbox, self._rng)
        self._page = page

    def new_page_url(self) -> str | None:
        """Return a fresh one-time link to the local page, None with Telegram."""
        return self._page.new_page_url() if self._page else None

    async def open(self, desk: Desk) -> TelegramFront:
        """Let the operator in; closed with the stack."""
        front = TelegramFront(
            desk=desk,
            clock=self._clock,
            rng=self._rng,
            config=self._config,
            notifier=self.notifier,
            notices=self._outbox,
            state=self._state,
            charts=self._charts,
        )
        await front.start()
        self._stack.push_async_callback(front.stop)
        return front

    def alarm(self, kind: AlarmKind, text: str) -> None:
        """Tell something the operator must know now."""
        at_ms = self._clock.exchange_ms()
        self._tell(AlarmNotice(notice_id=f"app:{kind}:{at_ms}", at_ms=at_ms, kind=kind, text=text))

    def life(self, what: str, text: str) -> None:
        """Tell of start, readiness or stop."""
        at_ms = self._clock.exchange_ms()
        self._tell(LifeNotice(notice_id=f"app:{what}:{at_ms}", at_ms=at_ms, text=text))

    def _tell(self, notice: Notice) -> None:
        self.notifier.notify(notice)


async def open_chat(
    settings: Settings,
    options: RunOptions,
    link: VenueLink,
    database: Database,
    charts: ChartRenderer,
    stack: AsyncExitStack,
) -> Chat:
    """Choose the chat; the local page listens at once.

    Raises:
        LocalChatError: its port is taken.
    """
    if settings.telegram_token.get_secret_value():
        return Chat(_telegram(settings, link), link.clock, database, charts, stack, None)
    token = settings.chat_token.get_secret_value() or secrets.token_urlsafe(32)
    bot_token = _local_bot_token(token)
    port = settings.chat_port if options.chat_port is None else options.chat_port
    page = LocalChat(
        link.clock, token=token, operator_id=LOCAL_OPERATOR, bot_token=bot_token, port=port
    )
    urls = await page.start()
    stack.push_async_callback(page.stop)
    config = TelegramConfig(
        token=bot_token,
        base_url=urls.bot_base_url,
        base_file_url=urls.bot_file_url,
        owners=frozenset({LOCAL_OPERATOR}),
        zone=ZoneInfo(settings.timezone),
        digest_hour=settings.digest_hour,
        language=settings.language,
        venue=VENUE_WORDS[link.name],
        real_money=link.name == "binance",
        local=True,
        allow_live=settings.localchat_live or link.name == "sim",
    )
    return Chat(config, link.clock, database, charts, stack, page)


def _telegram(settings: Settings, link: VenueLink) -> TelegramConfig:
    return TelegramConfig(
        token=settings.telegram_token.get_secret_value(),
        owners=frozenset(settings.telegram_owners),
        viewers=frozenset(settings.telegram_viewers),
        chat_id=settings.telegram_chat,
        zone=ZoneInfo(settings.timezone),
        digest_hour=settings.digest_hour,
        language=settings.language,
        venue=VENUE_WORDS[link.name],
        real_money=link.name == "binance",
    )


def _local_bot_token(chat_token: str) -> str:
    # Derived, so that the page and the bot agree over restarts when the chat token is fixed.
    return f"{_LOCAL_BOT}:{hashlib.sha256(f'bot {chat_token}'.encode()).hexdigest()[:35]}"
