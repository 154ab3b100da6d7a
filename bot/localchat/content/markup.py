"""Inline keyboards: read from the Bot API's JSON with Telegram's limits, written back to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.localchat.content.entities import is_safe_url
from bot.localchat.errors import bad_request

MAX_CALLBACK_BYTES: Final = 64
MAX_BUTTONS: Final = 100


@dataclass(frozen=True, slots=True)
class Button:
    """One inline button; exactly one of `data` and `url` is set.

    Attributes:
        text: label, not empty.
        data: 1-64 bytes sent back when it is pressed.
        url: http, https or tg link opened by the operator.
    """

    text: str
    data: str | None = None
    url: str | None = None

    def as_json(self) -> dict[str, str]:
        """The Bot API's InlineKeyboardButton."""
        if self.url is not None:
            return {"text": self.text, "url": self.url}
        return {"text": self.text, "callback_data": self.data or ""}


Keyboard = tuple[tuple[Button, ...], ...]


def keyboard_json(keyboard: Keyboard) -> dict[str, object]:
    """The Bot API's InlineKeyboardMarkup."""
    return {"inline_keyboard": [[button.as_json() for button in row] for row in keyboard]}


def has_button(keyboard: Keyboard, data: str) -> bool:
    """Whether a button with this callback data is on the keyboard."""
    return any(button.data == data for row in keyboard for button in row)


def parse_keyboard(markup: object) -> Keyboard:
    """The keyboard in a `reply_markup` value; empty when there is none.

    Raises:
        BotApiError: 400 in Telegram's words, also for markup that is not inline.
    """
    if markup is None:
        return ()
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if not markup:
        return ()
    if "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    rows = markup["inline_keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request("can't parse inline keyboard: array of arrays expected")
    keyboard = tuple(tuple(_parse_button(button) for button in row) for row in rows if row)
    if sum(map(len, keyboard)) > MAX_BUTTONS:
        raise bad_request("reply markup is too long")
    return keyboard


def _parse_button(button: object) -> Button:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise bad_request("can't parse inline keyboard button: text is missing")
    text = button["text"].strip()
    if not text:
        raise bad_request("can't parse inline keyboard button: text must be non-empty")
    if "url" in button:
        return Button(text, url=_checked_url(str(button["url"])))
    if "callback_data" not in button:
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    data = str(button["callback_data"])
    if not 1 <= len(data.encode()) <= MAX_CALLBACK_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    return Button(text, data=data)


def _checked_url(url: str) -> str:
    if not is_safe_url(url):
        raise bad_request(
            f"inline keyboard button URL '{url}' is invalid: Unsupported URL protocol"
        )
    return url
