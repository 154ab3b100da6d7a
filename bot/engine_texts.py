"""Sentences of the engine in the operator's language.

The engine writes English and knows no languages; what it says is journalled and queued as it was
said. `bot.sentences` holds its patterns: a text is recognised when it is shown and said again in
the language spoken now. What is not recognised stays English. A test holds the patterns to the
engine's sources.
"""

import re
from functools import lru_cache

from bot.language import ENGLISH, _, spoken
from bot.sentences import SENTENCES
from bot.words import rule_name, word

_NESTED = frozenset({"reason", "detail", "rule", "failure"})
"""Placeholders in which a sentence or a word of the engine stands."""


_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_BETWEEN = re.compile(r"(?<=[.!?]) (?=[A-Z])")
_VALUES = {"book": "paper|live", "symbol": r"\S+", "count": "[0-9,]+"}
_FREE = _NESTED | {"answer", "error", "text"}
_LONGEST = 1_000
"""Longer ones quote something; looking for a sentence in them would hold up the bot."""
_WITHIN_A_SENTENCE = r"(?:(?![.!?] [A-Z]).)+?"


def said(text: str) -> str:
    """Return what the engine said in the language spoken now."""
    if spoken() == ENGLISH or not text or len(text) > _LONGEST:
        return text
    whole = _sentence(text)
    if whole is not None:
        return whole
    sentences = _BETWEEN.split(text)
    if len(sentences) == 1:
        return rule_name(text)
    return " ".join(_sentence(one) or one for one in sentences)


def _sentence(text: str) -> str | None:
    known = recognised(text)
    if known is None:
        return None
    pattern, values = known
    told = {name: said(v) if name in _NESTED else v for name, v in values.items()}
    if "names" in told:
        told["names"] = ", ".join(word(name) for name in told["names"].split(", "))
    return _(pattern, **told)


def recognised(text: str) -> tuple[str, dict[str, str]] | None:
    """Return the pattern of a sentence of the engine and what stands in its placeholders."""
    for pattern, expression in _expressions():
        match = expression.fullmatch(text)
        if match is not None:
            return pattern, match.groupdict()
    return None


@lru_cache(maxsize=1)
def _expressions() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The most literal patterns come first: they say the most about a text."""
    ranked = sorted(SENTENCES, key=lambda one: -len(_PLACEHOLDER.sub("", one)))
    return tuple((one, _expression(one)) for one in ranked)


def _expression(pattern: str) -> re.Pattern[str]:
    pieces = _PLACEHOLDER.split(pattern)
    parts = [
        f"(?P<{piece}>{_value(piece)})" if i % 2 else re.escape(piece)
        for i, piece in enumerate(pieces)
    ]
    return re.compile("".join(parts), re.DOTALL)


def _value(placeholder: str) -> str:
    if placeholder in _FREE:
        return ".+?"
    return _VALUES.get(placeholder, _WITHIN_A_SENTENCE)
