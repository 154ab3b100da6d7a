import pytest

from bot.localchat.errors import BotApiError
from bot.localchat.state.commands import CommandMenus, scope_key

HELP = {"command": "help", "description": "All commands"}
STATUS = {"command": "status", "description": "Live state"}


def test_menu_when_set_is_returned_for_its_scope_and_language_only() -> None:
    menus = CommandMenus()
    menus.put([HELP], None, "")
    assert menus.get(None, "") == [HELP]
    assert menus.get({"type": "default"}, "") == [HELP]
    assert menus.get(None, "de") == []


def test_shown_menu_when_several_are_set_is_the_narrowest() -> None:
    menus = CommandMenus()
    menus.put([HELP], None, "")
    assert menus.shown_in(5, "de") == [HELP]
    menus.put([STATUS], {"type": "all_private_chats"}, "")
    assert menus.shown_in(5, "de") == [STATUS]
    menus.put([HELP], {"type": "all_private_chats"}, "de")
    assert menus.shown_in(5, "de") == [HELP]
    menus.put([STATUS], {"chat_id": 5, "type": "chat"}, "")
    assert menus.shown_in(5, "de") == [STATUS]
    assert menus.shown_in(6, "de") == [HELP]


def test_menu_when_removed_is_gone() -> None:
    menus = CommandMenus()
    menus.put([HELP], None, "")
    menus.remove(None, "")
    menus.remove(None, "")
    assert menus.shown_in(5, "en") == []


def test_command_when_written_with_a_slash_is_accepted_without() -> None:
    menus = CommandMenus()
    menus.put([{"command": "/help", "description": " x "}], None, "")
    assert menus.get(None, "") == [{"command": "help", "description": "x"}]


@pytest.mark.parametrize(
    ("commands", "reason"),
    [
        ("x", "can't parse commands"),
        (["x"], "can't parse BotCommand"),
        ([{"command": "Help", "description": "x"}], "BOT_COMMAND_INVALID"),
        ([{"command": "a" * 33, "description": "x"}], "BOT_COMMAND_INVALID"),
        ([{"command": "help", "description": ""}], "BOT_COMMAND_DESCRIPTION_INVALID"),
        ([{"command": "help", "description": "x" * 257}], "BOT_COMMAND_DESCRIPTION_INVALID"),
        ([HELP] * 101, "BOT_COMMANDS_TOO_MUCH"),
    ],
)
def test_menu_when_wrong_is_refused_and_the_old_one_stays(commands: object, reason: str) -> None:
    menus = CommandMenus()
    menus.put([HELP], None, "")
    with pytest.raises(BotApiError, match=reason):
        menus.put(commands, None, "")
    assert menus.get(None, "") == [HELP]


@pytest.mark.parametrize("scope", ["default", 5, {}])
def test_scope_when_malformed_is_refused(scope: object) -> None:
    with pytest.raises(BotApiError, match="BotCommandScope"):
        scope_key(scope)
