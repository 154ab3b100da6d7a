import asyncio
import subprocess
import sys
from gettext import NullTranslations
from pathlib import Path

import pytest

from bot import language
from bot.language import (
    ENGLISH,
    N_,
    _,
    catalogue,
    languages,
    learn,
    ngettext,
    pgettext,
    speaking,
    spoken,
)

SLIPS = """
msgid ""
msgstr ""
"Language: pl\\n"
"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n==2 ? 1 : 2);\\n"
"Content-Type: text/plain; charset=utf-8\\n"

msgid "Paused: {reason}"
msgstr "PAUSED: {raison}"

msgid "{count} trade"
msgid_plural "{count} trades"
msgstr[0] "one trade"
msgstr[1] "a pair of trades"
msgstr[2] "{count} TRADES"

msgctxt "button"
msgid "Close"
msgstr "SHUT"

msgid "Close"
msgstr "NEAR"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A folder of catalogues of our own."""
    monkeypatch.setattr(language, "_FOLDER", tmp_path)
    languages.cache_clear()
    catalogue.cache_clear()
    yield tmp_path
    languages.cache_clear()
    catalogue.cache_clear()


def test_languages_when_listed_begin_with_english_and_hold_german():
    assert languages()[0] == ENGLISH
    assert "de" in languages()


def test_message_when_english_is_the_source_with_its_values():
    assert _("No open positions.") == "No open positions."
    assert _("Paused: {reason}", reason="rest") == "Paused: rest"
    assert _("half a {brace") == "half a {brace"
    assert pgettext("button", "Close") == "Close"


def test_message_when_german_is_spoken_is_german_and_only_inside():
    with speaking("de"):
        assert spoken() == "de"
        assert _("No open positions.") == "Keine offenen Positionen."
        assert _("Paused: {reason}", reason="{braces}") == "Pausiert: {braces}"
        assert _("nobody has translated {this}", this=1) == "nobody has translated 1"
        assert _("") == ""
    assert spoken() == ENGLISH
    assert _("No open positions.") == "No open positions."


def test_message_when_it_counts_has_the_plural_and_thousands():
    forms = N_("{count} open position"), "{count} open positions"

    assert [ngettext(*forms, n) for n in (0, 1, 1234)] == [
        "0 open positions",
        "1 open position",
        "1,234 open positions",
    ]
    with speaking("de"):
        assert [ngettext(*forms, n) for n in (0, 1, 1234)] == [
            "0 offene Positionen",
            "1 offene Position",
            "1,234 offene Positionen",
        ]


def test_language_when_unknown_is_english():
    with speaking("tlh"):
        assert spoken() == ENGLISH
        assert _("No open positions.") == "No open positions."


def test_language_when_two_tasks_speak_at_once_is_each_ones_own():
    async def say(code: str, turns: int) -> list[str]:
        told = []
        with speaking(code):
            for _turn in range(turns):
                told.append(_("No open positions."))
                await asyncio.sleep(0)
        return told

    async def both() -> list[list[str]]:
        return await asyncio.gather(say("de", 3), say(ENGLISH, 3))

    german, english = asyncio.run(both())

    assert set(german) == {"Keine offenen Positionen."}
    assert set(english) == {"No open positions."}


def test_language_when_a_file_is_added_is_known_with_its_own_plurals(folder: Path):
    (folder / "pl.po").write_text(SLIPS, encoding="utf-8")

    assert languages() == (ENGLISH, "pl")
    with speaking("pl"):
        told = [ngettext("{count} trade", "{count} trades", n) for n in (1, 2, 5)]
        assert told == ["one trade", "a pair of trades", "5 TRADES"]
        assert pgettext("button", "Close") == "SHUT"
        assert _("Close") == "NEAR"


def test_message_when_the_translator_slipped_is_told_in_english(folder: Path):
    (folder / "pl.po").write_text(SLIPS, encoding="utf-8")

    with speaking("pl"):
        assert _("Paused: {reason}", reason="rest") == "Paused: rest"


@pytest.mark.parametrize("text", ["msgid nonsense without quotes\n", "\xff\xfe"])
def test_catalogue_when_unreadable_leaves_english(folder: Path, text: str):
    (folder / "pl.po").write_text(text, encoding="latin-1")

    with speaking("pl"):
        assert _("No open positions.") == "No open positions."
    assert type(catalogue("pl")) is NullTranslations


async def test_catalogue_when_learnt_is_there_before_it_is_spoken():
    catalogue.cache_clear()

    for code in (ENGLISH, "tlh", "de"):
        await learn(code)

    assert catalogue.cache_info().currsize == 1


def test_message_when_english_names_a_wrong_value_fails_loudly():
    with pytest.raises(KeyError):
        _("Paused: {reason}", cause="rest")


def test_english_when_spoken_loads_neither_babel_nor_a_catalogue():
    code = (
        "import sys\n"
        "from bot.language import _, ngettext, speaking\n"
        "import bot.views.status, bot.views.texts, bot.keyboards\n"
        "bot.views.texts.menu(); ngettext('{count} a', '{count} b', 2)\n"
        "print(sorted(name for name in sys.modules if name.split('.')[0] == 'babel'))\n"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[]"
