"""The people in the chat as Bot API users."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_TOKEN: Final = re.compile(r"(\d{1,15}):[A-Za-z0-9_\-]+")


@dataclass(frozen=True, slots=True)
class Profile:
    """A user: a person, or a bot when `username` is set."""

    user_id: int
    first_name: str
    username: str | None = None
    language: str = "en"

    def user_json(self) -> dict[str, object]:
        """The Bot API's User."""
        row: dict[str, object] = {
            "id": self.user_id,
            "is_bot": self.username is not None,
            "first_name": self.first_name,
        }
        if self.username is not None:
            return row | {"username": self.username}
        return row | {"language_code": self.language}

    def chat_json(self) -> dict[str, object]:
        """The Bot API's Chat of a person's private chat."""
        return {"id": self.user_id, "type": "private", "first_name": self.first_name}


def bot_profile(bot_token: str, name: str) -> Profile:
    """The bot behind a token `<numeric id>:<secret>`.

    Raises:
        ValueError: when the token has another form. The token itself is not repeated.
    """
    match = _TOKEN.fullmatch(bot_token)
    if match is None:
        raise ValueError("bot token must look like <digits>:<letters, digits, _ or ->")
    return Profile(int(match.group(1)), name, username="smcbot_local_bot")
