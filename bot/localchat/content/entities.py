"""Text with entities, counted the way Telegram counts: offsets in UTF-16 code units."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

LAST_BMP: Final = 0xFFFF
VERBATIM: Final = frozenset({"code", "pre"})
_LINKING: Final = VERBATIM | {"text_link"}
_COMMAND: Final = re.compile(
    r"(?<![\w/@.<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>])"
)
_URL: Final = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?')\]]")
_SAFE_URL: Final = re.compile(r"(?:https?|tg)://[^\s]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entity:
    """A styled range of a text.

    Attributes:
        kind: Bot API name: `bold`, `code`, `text_link`, `bot_command` ...
        offset: first UTF-16 code unit.
        length: UTF-16 code units, above zero.
        url: only with `text_link`.
        language: only with `pre`.
    """

    kind: str
    offset: int
    length: int
    url: str | None = None
    language: str | None = None

    @property
    def end(self) -> int:
        """First UTF-16 code unit after the range."""
        return self.offset + self.length

    def as_json(self) -> dict[str, object]:
        """The Bot API's MessageEntity."""
        row: dict[str, object] = {"type": self.kind, "offset": self.offset, "length": self.length}
        if self.url is not None:
            row["url"] = self.url
        if self.language is not None:
            row["language"] = self.language
        return row


@dataclass(frozen=True, slots=True)
class RichText:
    """A text and its entities, ordered by offset, longer ones first."""

    text: str
    entities: tuple[Entity, ...] = ()

    @property
    def units(self) -> int:
        """Length in UTF-16 code units, the measure of Telegram's limits."""
        return utf16_length(self.text)

    def entities_json(self) -> list[dict[str, object]]:
        """The entities as Bot API objects."""
        return [entity.as_json() for entity in self.entities]


def utf16_length(text: str) -> int:
    """UTF-16 code units of `text`: characters above U+FFFF count twice."""
    return len(text) + sum(ord(character) > LAST_BMP for character in text)


def is_safe_url(url: str) -> bool:
    """Whether a link may become clickable: http, https and tg only."""
    return _SAFE_URL.fullmatch(url) is not None


def finish(text: str, entities: Iterable[Entity]) -> RichText:
    """Trim the text as Telegram does, find commands and links, order the entities.

    Nothing is detected or styled inside `code` and `pre`, nothing is detected inside links.
    """
    trimmed = _trim(text, entities)
    styled = _drop_inside_verbatim(trimmed.entities)
    closed = [entity for entity in styled if entity.kind in _LINKING]
    found = [e for e in _detect(trimmed.text) if not any(_overlap(e, other) for other in closed)]
    ordered = sorted([*styled, *found], key=lambda e: (e.offset, -e.length))
    return RichText(trimmed.text, tuple(ordered))


def plain(text: str) -> RichText:
    """Unformatted text with commands and links found."""
    return finish(text, ())


def _trim(text: str, entities: Iterable[Entity]) -> RichText:
    without_tail = text.rstrip()
    kept = without_tail.lstrip()
    lead = utf16_length(without_tail) - utf16_length(kept)
    size = utf16_length(kept)
    moved = []
    for entity in entities:
        start = min(max(entity.offset - lead, 0), size)
        stop = min(max(entity.end - lead, 0), size)
        if stop > start:
            moved.append(replace(entity, offset=start, length=stop - start))
    return RichText(kept, tuple(moved))


def _drop_inside_verbatim(entities: Iterable[Entity]) -> list[Entity]:
    rows = list(entities)
    verbatim = [entity for entity in rows if entity.kind in VERBATIM]

    def hidden(entity: Entity) -> bool:
        return any(
            other is not entity
            and other.offset <= entity.offset
            and entity.end <= other.end
            and (other.length > entity.length or entity.kind not in VERBATIM)
            for other in verbatim
        )

    return [entity for entity in rows if not hidden(entity)]


def _detect(text: str) -> list[Entity]:
    found: list[Entity] = []
    for kind, pattern in (("url", _URL), ("bot_command", _COMMAND)):
        for match in pattern.finditer(text):
            candidate = Entity(
                kind, utf16_length(text[: match.start()]), utf16_length(match.group())
            )
            if not any(_overlap(candidate, other) for other in found):
                found.append(candidate)
    return found


def _overlap(one: Entity, other: Entity) -> bool:
    return one.offset < other.end and other.offset < one.end
