"""Every text of the chat is in every catalogue, translated, and nothing else is."""

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from string import Formatter
from typing import TypeGuard

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
LOCALES = sorted((ROOT / "bot/locales").glob("*.po"))
MARKS = {"_", "N_", "ngettext", "pgettext"}
TAG = re.compile(r"</?(?:b|i|u|s|code|pre|blockquote|a)\b[^<>]*>")
COMMAND = re.compile(r"/[a-z]+")
ONE_WORD = re.compile(r"[^\W\d_]{3}")
TWO_WORDS = re.compile(r"[^\W\d_]{2} [^\W\d_]{2}")

SPEAKING = [
    *sorted((ROOT / "bot/views").glob("*.py")),
    *sorted((ROOT / "bot/handlers").glob("*.py")),
    *(ROOT / "bot" / name for name in ("keyboards.py", "parsing.py", "callbacks.py", "words.py")),
]
"""Modules whose every text is the chat's."""

UNITS = frozenset({"USDT", "min", "bps", "RSI", "ATR", "AUC", "Brier", "ms", "MB"})
"""Words that read the same in every language."""

NOT_TEXTS = {
    "last poll": "the name of a figure, shown by another one",
    "/settings quiet ": "a command and its arguments",
    "/settings digest ": "a command and its arguments",
    "/settings language ": "a command and its arguments",
    "/settings zone ": "a command and its arguments",
}


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def ids_of(message_id: object) -> tuple[str, ...]:
    return message_id if isinstance(message_id, tuple) else (str(message_id),)


@lru_cache(maxsize=1)
def extracted() -> set[tuple[str | None, object]]:
    found = extract_from_dir(str(ROOT / "bot"), method_map=[("**.py", "python")])
    return {(context, message) for _, _, message, _, context in found}


def catalogue(path: Path) -> Catalog:
    return read_po(BytesIO(path.read_bytes()), abort_invalid=True)


def messages(path: Path) -> list[Message]:
    return [message for message in catalogue(path) if message.id]


def placeholders(text: str) -> set[tuple[str, str | None, str | None]]:
    parsed = Formatter().parse(text)
    return {(name, spec, how) for _, name, spec, how in parsed if name is not None}


def pairs(message: Message) -> Iterator[tuple[str, str]]:
    """Each translation with the English it stands for."""
    english, told = ids_of(message.id), ids_of(message.string)
    for i, one in enumerate(told):
        yield english[min(i, len(english) - 1)], one


def test_locales_when_listed_hold_german():
    assert "de" in {path.stem for path in LOCALES}


@pytest.mark.parametrize("path", LOCALES, ids=relative)
def test_catalogue_when_compared_with_the_source_lacks_nothing_and_has_no_orphan(path: Path):
    known = {(message.context, message.id) for message in messages(path)}

    assert extracted() - known == set(), "run `make texts` and translate"
    assert known - extracted() == set(), "run `make texts`"
    assert catalogue(path).obsolete == {}


@pytest.mark.parametrize("path", LOCALES, ids=relative)
def test_catalogue_when_read_is_translated_whole(path: Path):
    missing = [m.id for m in messages(path) if not all(ids_of(m.string)) or m.fuzzy]

    assert missing == []


@pytest.mark.parametrize("path", LOCALES, ids=relative)
def test_translation_when_compared_has_the_placeholders_of_the_english(path: Path):
    for message in messages(path):
        for english, told in pairs(message):
            assert placeholders(told) == placeholders(english), told


@pytest.mark.parametrize("path", LOCALES, ids=relative)
def test_translation_when_compared_has_the_tags_and_commands_of_the_english(path: Path):
    for message in messages(path):
        for english, told in pairs(message):
            assert sorted(TAG.findall(told)) == sorted(TAG.findall(english)), told
            assert "<" not in TAG.sub("", told).replace("<=", ""), told
            assert set(COMMAND.findall(told)) == set(COMMAND.findall(english)), told


@pytest.mark.parametrize("path", LOCALES, ids=relative)
def test_translation_when_compared_begins_and_ends_like_the_english(path: Path):
    for message in messages(path):
        for english, told in pairs(message):
            edges = [(text[:1].isspace(), text[-1:].isspace()) for text in (english, told)]
            assert edges[0] == edges[1], told
            assert told.count("\n") == english.count("\n"), told


# --- the source ----------------------------------------------------------------------------------


def is_mark(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS


@lru_cache(maxsize=1)
def marks() -> tuple[tuple[str, ast.Call], ...]:
    found = []
    for path in sorted((ROOT / "bot").rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if "from bot.language import" in source:
            calls = [node for node in ast.walk(ast.parse(source)) if is_mark(node)]
            found += [(f"{relative(path)}:{call.lineno}", call) for call in calls]
    return tuple(found)


def marked() -> Iterator[tuple[str, tuple[str | None, object]]]:
    """Where each text is marked, and under which context and id the catalogue should have it."""
    for where, call in marks():
        texts = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
        yield from ((where, found) for found in ids_marked(call, texts))


def ids_marked(call: ast.Call, texts: list[object]) -> Iterator[tuple[str | None, object]]:
    match ast.unparse(call.func), texts:
        case "ngettext", [one, many, *_]:
            yield None, (one, many)
        case "pgettext", [context, text]:
            yield str(context), text
        case "_" | "N_", [text]:
            yield None, text


def test_source_when_it_marks_a_text_does_so_where_the_tools_see_it():
    """Babel sees no mark in the braces of an f-string, nor a plural around another mark."""
    known = extracted()

    assert [(where, found) for where, found in marked() if found not in known] == []


def test_source_when_it_marks_a_text_made_at_run_time_is_refused():
    for where, call in marks():
        assert not isinstance(call.args[0], ast.JoinedStr | ast.BinOp), where


def unmarked(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Texts a person would read that no mark leads to the catalogue.

    A literal counts when it holds two words side by side; in an f-string one word of three letters
    is enough, because everything in it is shown. Docstrings, names of a table's rows (the keys of a
    dictionary), commands, tags and units are no texts.
    """
    hidden = set(no_texts(tree))
    in_f_strings: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and id(node) not in hidden:
            parts = [part for part in node.values if isinstance(part, ast.Constant)]
            in_f_strings |= {id(part) for part in parts}
            yield from ((p.lineno, p.value) for p in parts if ONE_WORD.search(words_of(p.value)))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in hidden | in_f_strings:
            text = node.value if isinstance(node.value, str) else ""
            if TWO_WORDS.search(words_of(text)):
                yield node.lineno, text


def no_texts(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            yield from map(id, node.keys)
        if is_mark(node) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            yield from map(id, ast.walk(node))


def words_of(text: str) -> str:
    bare = re.sub(r"/[a-z]+(?: [A-Za-z0-9:.]+)*", "", TAG.sub("", text))
    return " ".join("" if word.strip(".,:;()·") in UNITS else word for word in bare.split())


@pytest.mark.parametrize("path", SPEAKING, ids=relative)
def test_source_when_it_speaks_marks_every_text(path: Path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [(line, text) for line, text in unmarked(tree) if text not in NOT_TEXTS]

    assert found == [], f"{relative(path)}: wrap them in _() of bot.language"


def test_unmarked_texts_when_planted_are_found():
    planted = 'def f():\n    """Doc string here."""\n    return "No trades yet", f"{n} more"\n'

    assert [text for _, text in unmarked(ast.parse(planted))] == [" more", "No trades yet"]
