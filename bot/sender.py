"""The wire to the chat: sends and edits messages, and knows what to do when Telegram says no."""

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    Message,
    ReplyParameters,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden
from telegram.ext import ExtBot

from bot.context import Keyboard
from bot.formats import MAX_CAPTION, MAX_TEXT, clip, plain
from bot.throttle import Urgency

log = structlog.get_logger(__name__)

AnyBot = ExtBot[Urgency]
_NOT_MODIFIED = "message is not modified"
_NO_CAPTION = "no caption in the message"
_BAD_FORMAT = ("can't parse", "entities", "entity", "too long")
_BAD_PICTURE = ("photo", "image", "file", "media")
_NOBODY_THERE = ("chat not found", "bot can't initiate conversation", "peer_id_invalid")


class Unreachable(Exception):  # noqa: N818 - the operator's side, not ours
    """The operator has not started a chat with the bot, or has blocked it."""


class Sender:
    """Sends through whichever bot is connected; waits for one when there is none."""

    def __init__(self) -> None:
        self._bot: AnyBot | None = None
        self._connected = asyncio.Event()

    def connect(self, bot: AnyBot) -> None:
        """Use this bot from now on."""
        self._bot = bot
        self._connected.set()

    def disconnect(self) -> None:
        """The line is down: nothing can be sent until `connect` is called again."""
        self._bot = None
        self._connected.clear()

    @property
    def is_connected(self) -> bool:
        """Whether there is a bot to send with."""
        return self._bot is not None

    async def bot(self) -> AnyBot:
        """Return the connected bot, waiting for it."""
        while self._bot is None:
            await self._connected.wait()
        return self._bot

    async def send(
        self,
        chat_id: int,
        text: str,
        *,
        keyboard: Keyboard = (),
        picture: bytes | None = None,
        reply_to: int | None = None,
        silent: bool = False,
        urgency: Urgency = Urgency.URGENT,
    ) -> int:
        """Send one message and return its id.

        Formatting that Telegram refuses is sent again as plain text, a picture that it refuses
        is left out.

        Raises:
            Unreachable: nobody is on the other side.
            TelegramError: everything else, network troubles included.
        """
        bot = await self.bot()
        html = True
        while True:
            try:
                message = await _send(
                    bot, chat_id, text, keyboard, picture, reply_to, silent, urgency, html=html
                )
                return message.message_id
            except Forbidden as error:
                raise Unreachable(str(error)) from error
            except BadRequest as error:
                if picture is not None and text and _blames_picture(error):
                    log.warning("telegram.picture_refused", reason=error.message)
                    picture = None
                    continue
                _judge(error, retried=not html)
                html = False

    async def album(
        self,
        chat_id: int,
        pictures: Sequence[bytes],
        caption: str,
        *,
        silent: bool = False,
        urgency: Urgency,
    ) -> int:
        """Send 2 to 10 pictures with one caption and return the first message's id.

        Raises:
            Unreachable: nobody is on the other side.
            TelegramError: everything else.
        """
        bot = await self.bot()
        for html in (True, False):
            text, mode = _formatted(caption, MAX_CAPTION, html=html)
            media = [
                InputMediaPhoto(p, caption=text if i == 0 else None, parse_mode=mode)
                for i, p in enumerate(pictures)
            ]
            try:
                sent = await bot.send_media_group(
                    chat_id, media, disable_notification=silent, rate_limit_args=urgency
                )
                return sent[0].message_id
            except Forbidden as error:
                raise Unreachable(str(error)) from error
            except BadRequest as error:
                _judge(error, retried=not html)
        raise AssertionError("unreachable")

    async def edit(
        self,
        chat_id: int,
        message_id: int,
        text: str,
        *,
        keyboard: Keyboard = (),
        urgency: Urgency = Urgency.URGENT,
    ) -> None:
        """Turn a text message into another one; an equal one is fine.

        Raises:
            TelegramError: also when the message is gone or has no text.
        """
        bot = await self.bot()
        for html in (True, False):
            shown, mode = _formatted(text, MAX_TEXT, html=html)
            try:
                await bot.edit_message_text(
                    shown,
                    chat_id,
                    message_id,
                    parse_mode=mode,
                    reply_markup=markup(keyboard),
                    rate_limit_args=urgency,
                )
            except BadRequest as error:
                if _NOT_MODIFIED in error.message.lower():
                    return
                _judge(error, retried=not html)
            else:
                return

    async def edit_caption(
        self,
        chat_id: int,
        message_id: int,
        text: str,
        *,
        keyboard: Keyboard = (),
        urgency: Urgency = Urgency.ORDINARY,
    ) -> None:
        """Change what stands under a picture; a message without one gets the text instead.

        Raises:
            TelegramError: also when the message is gone.
        """
        bot = await self.bot()
        for html in (True, False):
            shown, mode = _formatted(text, MAX_CAPTION, html=html)
            try:
                await bot.edit_message_caption(
                    chat_id,
                    message_id,
                    caption=shown,
                    parse_mode=mode,
                    reply_markup=markup(keyboard),
                    rate_limit_args=urgency,
                )
            except BadRequest as error:
                reason = error.message.lower()
                if _NOT_MODIFIED in reason:
                    return
                if _NO_CAPTION in reason:
                    await self.edit(chat_id, message_id, text, keyboard=keyboard, urgency=urgency)
                    return
                _judge(error, retried=not html)
            else:
                return

    async def edit_buttons(self, chat_id: int, message_id: int, keyboard: Keyboard) -> None:
        """Change the buttons under a message; equal ones are fine.

        Raises:
            TelegramError: also when the message is gone.
        """
        bot = await self.bot()
        try:
            await bot.edit_message_reply_markup(
                chat_id, message_id, reply_markup=markup(keyboard), rate_limit_args=Urgency.URGENT
            )
        except BadRequest as error:
            if _NOT_MODIFIED not in error.message.lower():
                raise

    async def toast(self, query_id: str, text: str) -> None:
        """End the waiting of a pressed button; a press that is too old to answer is no matter."""
        bot = await self.bot()
        try:
            await bot.answer_callback_query(query_id, text[:200] or None)
        except BadRequest as error:
            log.debug("telegram.press_expired", reason=error.message)


async def _send(
    bot: Bot,
    chat_id: int,
    text: str,
    keyboard: Keyboard,
    picture: bytes | None,
    reply_to: int | None,
    silent: bool,
    urgency: Urgency,
    *,
    html: bool,
) -> Message:
    shown, mode = _formatted(text, MAX_TEXT if picture is None else MAX_CAPTION, html=html)
    common: dict[str, Any] = {
        "parse_mode": mode,
        "reply_markup": markup(keyboard),
        "reply_parameters": _reply(reply_to),
        "disable_notification": silent,
        "rate_limit_args": urgency,
    }
    if picture is None:
        return await bot.send_message(chat_id, shown, **common)
    return await bot.send_photo(chat_id, picture, caption=shown or None, **common)


def _formatted(text: str, limit: int, *, html: bool) -> tuple[str, ParseMode | None]:
    if html:
        return clip(text, limit), ParseMode.HTML
    return plain(text)[:limit], None


def _reply(message_id: int | None) -> ReplyParameters | None:
    if message_id is None:
        return None
    return ReplyParameters(message_id, allow_sending_without_reply=True)


def markup(keyboard: Keyboard) -> InlineKeyboardMarkup | None:
    """Return the library's form of a keyboard, None for none."""
    if not keyboard:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(b.label, callback_data=b.data) for b in row] for row in keyboard]
    )


def _blames_picture(error: BadRequest) -> bool:
    reason = error.message.lower()
    return any(sign in reason for sign in _BAD_PICTURE)


def _judge(error: BadRequest, *, retried: bool) -> None:
    """Return when plain text may help, raise otherwise. A 400 is never sent again unchanged."""
    reason = error.message.lower()
    if any(sign in reason for sign in _NOBODY_THERE):
        raise Unreachable(error.message) from error
    if retried or not any(sign in reason for sign in _BAD_FORMAT):
        raise error
    log.warning("telegram.format_refused", reason=error.message)
