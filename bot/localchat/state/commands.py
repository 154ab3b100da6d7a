"""The command menus a bot has set, by scope and language."""

from __future__ import annotations

import json
import re
from typing import Final

from bot.localchat.errors import bad_request

MAX_COMMANDS: Final = 100
MAX_DESCRIPTION: Final = 256
DEFAULT_SCOPE: Final = '{"type": "default"}'
PRIVATE_SCOPE: Final = '{"type": "all_private_chats"}'
_NAME: Final = re.compile(r"[a-z0-9_]{1,32}")

Command = dict[str, str]


class CommandMenus:
    """Menus as set by setMyCommands; the narrowest scope and the exact language win."""

    def __init__(self) -> None:
        self._menus: dict[tuple[str, str], list[Command]] = {}

    def put(self, commands: object, scope: object, language: str) -> None:
        """Replace one menu.

        Raises:
            BotApiError: 400 in Telegram's words for a bad name, description or count.
        """
        if not isinstance(commands, list):
            raise bad_request("can't parse commands JSON object")
        if len(commands) > MAX_COMMANDS:
            raise bad_request("BOT_COMMANDS_TOO_MUCH")
        self._menus[scope_key(scope), language] = [_checked(command) for command in commands]

    def get(self, scope: object, language: str) -> list[Command]:
        """Exactly this menu; empty when it was not set."""
        return self._menus.get((scope_key(scope), language), [])

    def remove(self, scope: object, language: str) -> None:
        """Forget one menu."""
        self._menus.pop((scope_key(scope), language), None)

    def shown_in(self, chat_id: int, language: str) -> list[Command]:
        """The menu the operator sees."""
        chat_scope = scope_key({"type": "chat", "chat_id": chat_id})
        for scope in (chat_scope, PRIVATE_SCOPE, DEFAULT_SCOPE):
            for wanted in (language, ""):
                if menu := self._menus.get((scope, wanted)):
                    return menu
        return []


def scope_key(scope: object) -> str:
    """A scope object as a comparable text; none means the default scope."""
    if scope is None:
        return DEFAULT_SCOPE
    if not isinstance(scope, dict) or "type" not in scope:
        raise bad_request('can\'t parse BotCommandScope: field "type" must be of type String')
    return json.dumps(scope, sort_keys=True)


def _checked(command: object) -> Command:
    if not isinstance(command, dict):
        raise bad_request("can't parse BotCommand: expected an Object")
    name = str(command.get("command", "")).removeprefix("/")
    description = str(command.get("description", "")).strip()
    if not _NAME.fullmatch(name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= MAX_DESCRIPTION:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description}
