"""Between the library and the handlers: who speaks, is it new, what is wanted, the answer."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from telegram import CallbackQuery, Message, Update
from telegram.error import BadRequest, NetworkError, TelegramError
from telegram.ext import (
    Application,
    ApplicationHandlerStop,
    CallbackContext,
    CallbackQueryHandler,
    MessageHandler,
    TypeHandler,
    filters,
)

from bot.access import Caller, Doorman, Verdict, is_late
from bot.context import Answer, Call, Front, Keyboard, Role
from bot.handlers.route import answer_command, answer_press
from bot.language import N_, _, speaking
from bot.live import LiveMessages
from bot.parsing import read_command
from bot.seen import SeenUpdates
from bot.sender import AnyBot, Sender, Unreachable
from engine.domain.errors import JournalError

log = structlog.get_logger(__name__)

FAILED = N_(
    "Something went wrong inside; it is in the log. Nothing is known to be done: look at /status."
)
RETRY_AFTER_S = (1.0, 3.0, 9.0)
_T = TypeVar("_T")
_STORED_WITHIN_S = 0.5
AnyContext = CallbackContext[Any, Any, Any, Any]
AnyApplication = Application[AnyBot, Any, Any, Any, Any, None]


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """Registers itself with an application and answers its updates."""

    front: Front
    doorman: Doorman
    seen: SeenUpdates
    sender: Sender
    live: LiveMessages

    def register(self, application: AnyApplication) -> None:
        """Add the guard before everything else, then the two kinds of updates that may act."""
        application.add_handler(TypeHandler(Update, self.guard), group=-1)
        text = filters.UpdateType.MESSAGE & filters.TEXT
        application.add_handler(MessageHandler(text, self.on_message))
        application.add_handler(CallbackQueryHandler(self.on_press))
        application.add_error_handler(self.on_error)

    async def guard(self, update: Update, context: AnyContext) -> None:
        """Let an update through to the handlers, or stop it here.

        Raises:
            ApplicationHandlerStop: it goes no further.
        """
        caller = caller_of(update)
        verdict = self.doorman.judge(caller)
        if verdict not in {Verdict.OWNER, Verdict.VIEWER}:
            log.info("telegram.not_admitted", verdict=verdict.name, user_id=caller.user_id)
            raise ApplicationHandlerStop
        if not await self._is_new(update) or caller.user_id is None:
            log.info("telegram.seen_before", update_id=update.update_id)
            raise ApplicationHandlerStop
        if not self._never_refused(update) and not self.doorman.has_budget(caller.user_id):
            raise ApplicationHandlerStop

    async def _is_new(self, update: Update) -> bool:
        try:
            if self._never_refused(update):
                return await self.seen.is_new_soon(update.update_id, _STORED_WITHIN_S)
            return await self.seen.is_new(update.update_id)
        except JournalError as error:
            # The engine remembers command ids as well; a broken database must not take the chat.
            log.warning("telegram.seen_not_stored", reason=str(error))
            return True

    @staticmethod
    def _never_refused(update: Update) -> bool:
        typed = read_command((update.message.text or "") if update.message else "")
        return typed is not None and typed.name in {"panic", "pause"}

    async def on_message(self, update: Update, context: AnyContext) -> None:
        """Answer a typed command."""
        message = update.message
        if message is None or message.from_user is None:
            return
        typed = read_command(message.text or "")
        if typed is None:
            with speaking(self.front.language):
                text = _("I understand commands: /help lists them.")
            await self._say(message.chat_id, Answer(text=text))
            return
        if typed.addressee and typed.addressee.lower() != context.bot.username.lower():
            return
        late = is_late(round(message.date.timestamp() * 1000), self.front.clock.wall_ms())
        call = self._call(update, args=typed.args, late=late)
        with speaking(self.front.language):
            answer = await answer_command(typed.name, call, self.front)
        await self._say(message.chat_id, answer)

    async def on_press(self, update: Update, context: AnyContext) -> None:
        """Answer a pressed button; the waiting circle on the phone ends in any case."""
        query = update.callback_query
        if query is None or query.message is None:
            return
        answer = Answer()
        try:
            call = self._call(update, pressed=True, late=self.seen.has_waited(update.update_id))
            with speaking(self.front.language):
                answer = await answer_press(query.data or "", call, self.front)
        finally:
            await self._end_waiting(query, answer.toast)
        if answer.buttons is not None:
            await self._change_buttons(query, answer.buttons)
        if not answer.text:
            return
        is_text = isinstance(query.message, Message) and query.message.text is not None
        if answer.replace and answer.picture is None and is_text:
            await self._turn_into(query.message.chat.id, query.message.message_id, answer)
        else:
            await self._say(query.message.chat.id, answer)

    async def _change_buttons(self, query: CallbackQuery, buttons: Keyboard) -> None:
        assert query.message is not None
        try:
            chat_id, message_id = query.message.chat.id, query.message.message_id
            await self.sender.edit_buttons(chat_id, message_id, buttons)
        except TelegramError as error:
            log.debug("telegram.buttons_kept", reason=str(error))

    async def on_error(self, update: object, context: AnyContext) -> None:
        """Log what a handler raised and, unless the line itself failed, tell the person."""
        if isinstance(context.error, TelegramError | Unreachable):
            log.warning("telegram.not_answered", reason=str(context.error))
            return
        log.error("telegram.handler_failed", exc_info=context.error)
        chat = update.effective_chat if isinstance(update, Update) else None
        if chat is None:
            return
        with speaking(self.front.language):
            text = _(FAILED)
        try:
            await self._say(chat.id, Answer(text=text))
        except (TelegramError, Unreachable) as error:
            log.warning("telegram.not_answered", reason=str(error))

    async def _say(self, chat_id: int, answer: Answer) -> None:
        if not answer.text and answer.picture is None:
            return
        message_id = await _insist(
            lambda: self.sender.send(
                chat_id, answer.text, keyboard=answer.keyboard, picture=answer.picture
            )
        )
        self._keep_fresh(chat_id, message_id, answer)

    async def _turn_into(self, chat_id: int, message_id: int, answer: Answer) -> None:
        """Show the answer in place of the question; anew if the question is gone."""
        self.live.release(chat_id, message_id)
        try:
            await _insist(
                lambda: self.sender.edit(chat_id, message_id, answer.text, keyboard=answer.keyboard)
            )
        except BadRequest as error:
            log.info("telegram.question_gone", reason=error.message)
            await self._say(chat_id, answer)
            return
        self._keep_fresh(chat_id, message_id, answer)

    def _keep_fresh(self, chat_id: int, message_id: int, answer: Answer) -> None:
        if answer.live is not None:
            self.live.keep(chat_id, message_id, answer.live)

    async def _end_waiting(self, query: CallbackQuery, toast: str) -> None:
        try:
            await self.sender.toast(query.id, toast)
        except TelegramError as error:
            log.debug("telegram.toast_failed", reason=str(error))

    def _call(
        self,
        update: Update,
        *,
        args: tuple[str, ...] = (),
        pressed: bool = False,
        late: bool = False,
    ) -> Call:
        user = update.effective_user
        assert user is not None
        config = self.front.config
        return Call(
            command_id=f"tg-{config.bot_id}-{update.update_id}",
            user_id=user.id,
            user=user.username or user.full_name or str(user.id),
            role=Role.OWNER if user.id in config.owners else Role.VIEWER,
            args=args,
            pressed=pressed,
            late=late,
        )


async def _insist(send: Callable[[], Awaitable[_T]]) -> _T:
    """Say it, on a broken line several times: who commanded must learn what came of it.

    Raises:
        TelegramError: it cannot be said.
    """
    for pause_s in RETRY_AFTER_S:
        try:
            return await send()
        except BadRequest:  # the library counts it as a network error
            raise
        except NetworkError as error:
            log.warning("telegram.answer_delayed", reason=str(error))
            await asyncio.sleep(pause_s)
    return await send()


def caller_of(update: Update) -> Caller:
    """Return who sent an update of any kind, and whether it is a way to speak at all."""
    user, chat = update.effective_user, update.effective_chat
    message = update.message
    typed = message is not None and message.forward_origin is None and message.via_bot is None
    query = update.callback_query
    pressed = query is not None and query.message is not None
    return Caller(
        user_id=user.id if user else None,
        name=user.full_name if user else "",
        chat_id=chat.id if chat else None,
        chat_type=str(chat.type) if chat else "",
        direct=typed or pressed,
    )
