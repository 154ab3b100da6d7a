import re

from bot.formats import MAX_TEXT
from bot.handlers.table import COMMANDS
from bot.language import languages, speaking
from bot.localchat.content.html_text import parse_html
from bot.views.texts import MENU, greeting, help_text, menu


def commands_in(text: str) -> list[str]:
    return re.findall(r"/([a-z]+)", parse_html(text).text)


def test_help_when_shown_names_only_known_commands_and_nearly_all_of_them():
    told = set(commands_in(help_text()))

    assert told <= COMMANDS.keys()
    assert COMMANDS.keys() - told <= {"start", "help", "universe"}


def test_texts_when_spoken_in_any_language_name_the_same_commands_and_fit():
    english = commands_in(greeting() + help_text())
    for language in languages():
        with speaking(language):
            assert commands_in(greeting() + help_text()) == english
            assert len(help_text()) <= MAX_TEXT


def test_menu_when_spoken_in_any_language_is_one_telegram_takes():
    for language in languages():
        with speaking(language):
            told = menu()
        assert [name for name, _text in told] == [name for name, _text in MENU]
        assert all(3 <= len(text) <= 256 for _name, text in told)
