"""The local chat as one object: start it, point the bot at it, open the page."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from bot.localchat.access import LOOPBACK_HOSTS, Gate, Keyring
from bot.localchat.botapi.params import MAX_BODY_BYTES
from bot.localchat.botapi.server import BotApiServer
from bot.localchat.clock import ChatClock
from bot.localchat.errors import LocalChatError
from bot.localchat.faults import Faults
from bot.localchat.operator_api import OperatorApi
from bot.localchat.page import Page
from bot.localchat.state.conversation import Conversation, make_identity

# Long polls end by themselves when the chat closes; what is left after this is cut.
SHUTDOWN_S: Final = 1.0


class ChatPortTakenError(LocalChatError):
    """The port cannot be bound."""


@dataclass(frozen=True, slots=True)
class ChatUrls:
    """Where the chat is.

    Attributes:
        page_url: the page, with a one-time code; show it to the operator only.
        api_base_url: append `/api/...`.
        bot_base_url: python-telegram-bot's `base_url`; it appends the token.
        bot_file_url: python-telegram-bot's `base_file_url`.
    """

    page_url: str
    api_base_url: str
    bot_base_url: str
    bot_file_url: str


def new_secret() -> str:
    """192 random bits from the operating system, as text that fits an address."""
    return secrets.token_urlsafe(24)


class LocalChat:
    """A Bot API server and a chat page on loopback, for one operator and one bot.

    Attributes:
        conversation: the state, and what the operator does when a test plays them in-process.
        faults: faults on request; not reachable over HTTP.
    """

    def __init__(
        self,
        clock: ChatClock,
        *,
        token: str,
        operator_id: int,
        bot_token: str,
        host: str = "127.0.0.1",
        port: int = 0,
        bot_name: str = "smcbot",
        language: str = "en",
        secret_source: Callable[[], str] = new_secret,
    ) -> None:
        """Nothing listens until `start`.

        Args:
            clock: wall and monotonic time.
            token: bearer of the operator's side.
            operator_id: user id of the one operator; also the chat id.
            bot_token: what the bot authenticates with, `<digits>:<text>`.
            host: a loopback name or address.
            port: TCP port, 0 for any free one.
            bot_name: shown at the head of the page.
            language: the operator's, for command menus.
            secret_source: source of one-time codes; give one to make a run repeatable.

        Raises:
            ValueError: for a host that is not loopback or a malformed token.
        """
        if host not in LOOPBACK_HOSTS:
            allowed = ", ".join(LOOPBACK_HOSTS)
            raise ValueError(f"local chat host {host!r} is not loopback; allowed are {allowed}")
        identity = make_identity(
            operator_id=operator_id, bot_token=bot_token, bot_name=bot_name, language=language
        )
        self.conversation = Conversation(clock, identity)
        self.faults = Faults()
        self._host = host
        self._port = port
        self._keyring = Keyring(token, secret_source)
        self._gate = Gate(self._keyring)
        self._run = secret_source()
        self._runner: web.AppRunner | None = None

    async def start(self) -> ChatUrls:
        """Listen, and say where.

        Raises:
            ChatPortTakenError: when the port cannot be bound.
        """
        runner = web.AppRunner(
            self._build_app(),
            access_log=None,  # a request line would carry the bot's token into the log
            handle_signals=False,
            shutdown_timeout=SHUTDOWN_S,
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except OSError as error:
            await runner.cleanup()
            raise ChatPortTakenError(
                f"local chat cannot listen on {self._host}:{self._port}: {error.strerror}"
            ) from error
        self._runner = runner
        self._port = self._port or runner.addresses[0][1]
        self._gate.open(self._port)
        base = self._base_url()
        return ChatUrls(self.new_page_url(), base, f"{base}/bot", f"{base}/file/bot")

    async def stop(self) -> None:
        """End every wait, stop listening, drop connections. May be called twice."""
        self.conversation.close()
        self.faults.clear()
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    def new_page_url(self) -> str:
        """The page's address with a fresh one-time code.

        The code stands behind `#`: browsers keep that part to themselves, it reaches no log.
        """
        return f"{self._base_url()}/#code={self._keyring.new_code()}"

    def _base_url(self) -> str:
        name = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{name}:{self._port}"

    def _build_app(self) -> web.Application:
        app = web.Application(
            middlewares=[web.middleware(self._gate)], client_max_size=MAX_BODY_BYTES
        )
        operator = OperatorApi(self.conversation, self._keyring, self._run, self.new_page_url)
        app.add_routes(BotApiServer(self.conversation, self.faults).routes())
        app.add_routes(operator.routes())
        app.add_routes(Page().routes())
        return app
