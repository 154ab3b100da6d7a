"""The command menu of the chat, in the operator's language."""

import asyncio

import structlog
from telegram import BotCommand
from telegram.error import TelegramError

from bot.language import speaking
from bot.preferences import PreferenceBook, Preferences
from bot.sender import Sender
from bot.views.texts import menu

log = structlog.get_logger(__name__)


class CommandMenu:
    """Sets the menu once the line is open, and again when another language is chosen.

    It is the default menu without a language code: Telegram prefers a menu with the code of the
    phone's language, which would win over the operator's choice here.
    """

    def __init__(self, sender: Sender, preferences: PreferenceBook) -> None:
        self._sender = sender
        self._preferences = preferences
        self._wake = asyncio.Event()
        self._shown = ""
        preferences.subscribe(self._changed)

    def refresh(self) -> None:
        """Look soon whether the menu is the right one: the line is open."""
        self._wake.set()

    def _changed(self, chosen: Preferences) -> None:
        if self._shown and chosen.language != self._shown:
            self._wake.set()

    async def run(self) -> None:
        """Keep the menu right for ever; one that could not be set waits for the next line."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self._set(self._preferences.current.language)

    async def _set(self, language: str) -> None:
        if language == self._shown:
            return
        with speaking(language):
            commands = [BotCommand(name, text) for name, text in menu()]
        bot = await self._sender.bot()
        try:
            await bot.set_my_commands(commands)
            self._shown = language
        except TelegramError as error:
            log.warning("telegram.menu_not_set", reason=str(error))
