"""The one private chat between the operator and the bot: its state and what the operator does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.localchat.clock import ChatClock
from bot.localchat.content.entities import plain
from bot.localchat.content.markup import has_button
from bot.localchat.content.messages import ChatMessage, Draft, Sender
from bot.localchat.content.profiles import Profile, bot_profile
from bot.localchat.content.wire import callback_json, incoming_json, message_json
from bot.localchat.errors import OperatorRequestError
from bot.localchat.state.commands import CommandMenus
from bot.localchat.state.files import FileStore
from bot.localchat.state.presses import OpenPresses
from bot.localchat.state.store import ChatStore
from bot.localchat.state.throttle import SendThrottle
from bot.localchat.state.updates import UpdateQueue

MAX_TEXT: Final = 4096
MAX_CAPTION: Final = 1024
# Ids of a later run must lie above those of an earlier one, and Telegram's fit 32 bits:
# four a second since 2024 do both until 2041.
_ID_EPOCH_MS: Final = 1_704_067_200_000
_IDS_PER_SECOND: Final = 4
# Not printable, yet part of a text: the line break and the joiner inside emoji.
_KEPT: Final = frozenset("\n\u200d")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who talks to whom.

    Attributes:
        operator: the person; their chat id equals their user id.
        bot: the bot, its id taken from the token.
        bot_token: what the bot authenticates with.
    """

    operator: Profile
    bot: Profile
    bot_token: str


def first_id(wall_ms: int) -> int:
    """Where ids of this run start: above every id of a run that began earlier."""
    return max(1, (wall_ms - _ID_EPOCH_MS) * _IDS_PER_SECOND // 1000)


def make_identity(
    *, operator_id: int, bot_token: str, bot_name: str, language: str = "en"
) -> Identity:
    """Identities from settings.

    Raises:
        ValueError: when the token does not start with a numeric bot id and a colon.
    """
    operator = Profile(operator_id, "Operator", language=language)
    return Identity(operator, bot_profile(bot_token, bot_name), bot_token)


class Conversation:
    """Owns all state of the chat. Synchronous; the servers on both sides call into it."""

    def __init__(self, clock: ChatClock, identity: Identity) -> None:
        start = first_id(clock.wall_ms())
        self.clock = clock
        self.identity = identity
        self.store = ChatStore(clock, first_id=start)
        self.files = FileStore()
        self.updates = UpdateQueue(first_id=start)
        self.commands = CommandMenus()
        self.presses = OpenPresses(first_id=start)
        self.throttle = SendThrottle(clock.monotonic())
        self.closed = False

    def close(self) -> None:
        """End every wait of both sides: the server is stopping."""
        self.closed = True
        self.updates.close()
        self.store.wake()

    def bot_view(self, message: ChatMessage) -> dict[str, object]:
        """A message as the Bot API shows it, with the one it replies to."""
        replied = self.store.get(message.reply_to) if message.reply_to is not None else None
        return message_json(message, self.identity.operator, self.identity.bot, replied)

    def say(self, text: str, *, age_s: float = 0.0) -> ChatMessage:
        """The operator writes; the bot gets an update.

        Args:
            text: 1-4096 characters after trimming.
            age_s: how long ago it was written, for updates that arrive late.

        Raises:
            OperatorRequestError: 400 when the text is empty or too long.
        """
        body = plain("".join(c for c in text if c.isprintable() or c in _KEPT))
        if not body.text:
            raise OperatorRequestError(400, "text is empty; give 1-4096 characters")
        if body.units > MAX_TEXT:
            raise OperatorRequestError(
                400, f"text has {body.units} characters; allowed are 1-{MAX_TEXT}"
            )
        sent_ms = self.clock.wall_ms() - round(age_s * 1000)
        message = self.store.add(Draft(Sender.OPERATOR, body), sent_ms=sent_ms)
        self.updates.push("message", self.bot_view(message))
        return message

    def say_as_stranger(self, text: str, user_id: int) -> None:
        """Somebody else writes to the bot in their own private chat; nothing is shown."""
        stranger = Profile(user_id, "Stranger")
        message = ChatMessage(
            message_id=1,
            revision=0,
            sender=Sender.OPERATOR,
            sent_ms=self.clock.wall_ms(),
            body=plain(text),
        )
        self.updates.push("message", incoming_json(message, stranger))

    def press(self, message_id: int, data: str, *, stale: bool = False) -> str:
        """The operator presses a button; the id of the callback query.

        Args:
            message_id: the message the button is on.
            data: its callback data.
            stale: press it though it is no longer there, as a slow phone does.

        Raises:
            OperatorRequestError: 404 without such a message, 409 without such a button.
        """
        message = self.store.get(message_id)
        if message is None:
            raise OperatorRequestError(404, f"no message {message_id}")
        if not stale and not has_button(message.keyboard, data):
            raise OperatorRequestError(409, f"message {message_id} has no button {data!r} now")
        query_id = self.presses.open(self.clock.monotonic())
        view = self.bot_view(message)
        self.updates.push(
            "callback_query", callback_json(query_id, self.identity.operator, view, data)
        )
        return query_id

    def menu(self) -> list[dict[str, str]]:
        """The commands offered to the operator."""
        operator = self.identity.operator
        return self.commands.shown_in(operator.user_id, operator.language)
