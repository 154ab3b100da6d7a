"""Telegram's HTML subset, parsed strictly: what Telegram refuses is refused with its words.

Source of rules and error texts: https://core.telegram.org/bots/api#html-style and the answers
of the real Bot API. Offsets in errors are bytes of the UTF-8 text, as Telegram reports them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from bot.localchat.content.entities import (
    Entity,
    RichText,
    finish,
    is_safe_url,
    utf16_length,
)
from bot.localchat.errors import BotApiError, bad_request

TAGS: Final = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
}
_NAMED: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE: Final = re.compile(r"&(?:#(\d{1,7})|#[xX]([0-9A-Fa-f]{1,6})|([a-z]+));?")
_TAG_NAME: Final = re.compile(r"[^\s>/]*")
_ATTRIBUTE: Final = re.compile(r"\s*([^\s=>]+)")
_VALUE: Final = re.compile(r"\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([A-Za-z0-9.\-]+))")
_LAST_CODE_POINT: Final = 0x10FFFF
_SURROGATES: Final = range(0xD800, 0xE000)


@dataclass(frozen=True, slots=True)
class _OpenTag:
    name: str
    attributes: dict[str, str]
    offset: int
    chunk: int


def parse_html(source: str) -> RichText:
    """Text and entities of a message in HTML parse mode.

    Raises:
        BotApiError: 400 `can't parse entities: ...` when the markup is not well formed.
    """
    reader = _Reader(source)
    while reader.position < len(source):
        reader.step()
    if reader.open_tags:
        name = reader.open_tags[-1].name
        raise _refused(f'Can\'t find end tag corresponding to start tag "{name}"')
    return finish("".join(reader.chunks), reader.entities)


def _refused(reason: str) -> BotApiError:
    return bad_request(f"can't parse entities: {reason}")


class _Reader:
    """One pass over the source; `chunks` is the text so far, `units` its UTF-16 length."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.position = 0
        self.units = 0
        self.chunks: list[str] = []
        self.open_tags: list[_OpenTag] = []
        self.entities: list[Entity] = []

    def step(self) -> None:
        """Consume one tag, or the text up to the next one."""
        if self.source[self.position] != "<":
            stop = self.source.find("<", self.position)
            stop = len(self.source) if stop < 0 else stop
            self._emit(_decode(self.source[self.position : stop]))
            self.position = stop
        elif self.source.startswith("</", self.position):
            self._end_tag()
        else:
            self._start_tag()

    def _emit(self, text: str) -> None:
        self.chunks.append(text)
        self.units += utf16_length(text)

    def _byte_offset(self, position: int) -> int:
        return len(self.source[:position].encode("utf-8", "surrogatepass"))

    def _name_at(self, position: int) -> str:
        match = _TAG_NAME.match(self.source, position)
        return match.group() if match else ""

    def _start_tag(self) -> None:
        begin = self.position
        raw = self._name_at(begin + 1)
        name = raw.lower()
        if begin + 1 + len(raw) >= len(self.source):
            raise _refused(f"Unclosed start tag at byte offset {self._byte_offset(begin)}")
        if name not in TAGS:
            where = self._byte_offset(begin)
            raise _refused(f'Unsupported start tag "{name}" at byte offset {where}')
        self.position = begin + 1 + len(raw)
        attributes = self._attributes(name, begin)
        if name == "span" and attributes.get("class") != "tg-spoiler":
            where = self._byte_offset(begin)
            raise _refused(f'Tag "span" must have class "tg-spoiler" at byte offset {where}')
        self.open_tags.append(_OpenTag(name, attributes, self.units, len(self.chunks)))

    def _attributes(self, name: str, begin: int) -> dict[str, str]:
        found: dict[str, str] = {}
        while True:
            rest = self.source[self.position :]
            self.position += len(rest) - len(rest.lstrip())
            if self.position >= len(self.source):
                where = self._byte_offset(begin)
                raise _refused(f'Unclosed start tag "{name}" at byte offset {where}')
            if self.source[self.position] == ">":
                self.position += 1
                return found
            key, value = self._attribute(name, begin)
            found.setdefault(key, value)

    def _attribute(self, name: str, begin: int) -> tuple[str, str]:
        where = self._byte_offset(begin)
        key = _ATTRIBUTE.match(self.source, self.position)
        if key is None:
            raise _refused(f'Empty attribute name in the tag "{name}" at byte offset {where}')
        value = _VALUE.match(self.source, key.end())
        if value is not None:
            self.position = value.end()
            text = next(group for group in value.groups() if group is not None)
            return key.group(1).lower(), _decode(text)
        if (name, key.group(1).lower()) == ("blockquote", "expandable"):
            self.position = key.end()
            return "expandable", ""
        raise _refused(
            "Expected equal sign in declaration of an attribute of the tag "
            f'"{name}" at byte offset {where}'
        )

    def _end_tag(self) -> None:
        begin = self.position
        where = self._byte_offset(begin)
        if not self.open_tags:
            raise _refused(f"Unexpected end tag at byte offset {where}")
        raw = self._name_at(begin + 2)
        after = begin + 2 + len(raw)
        after += len(self.source[after:]) - len(self.source[after:].lstrip())
        if after >= len(self.source) or self.source[after] != ">":
            raise _refused(f"Unclosed end tag at byte offset {where}")
        expected = self.open_tags[-1].name
        if raw and raw.lower() != expected:
            raise _refused(
                f'Unmatched end tag at byte offset {where}, expected "</{expected}>", '
                f'found "</{raw.lower()}>"'
            )
        self.position = after + 1
        self._close(self.open_tags.pop())

    def _close(self, tag: _OpenTag) -> None:
        length = self.units - tag.offset
        if length == 0:
            return
        kind = TAGS[tag.name]
        if tag.name == "a":
            self._close_link(tag, length)
        elif tag.name == "code" and self.open_tags and self.open_tags[-1].name == "pre":
            language = tag.attributes.get("class", "").removeprefix("language-")
            if language and self.open_tags[-1].offset == tag.offset:
                self.entities.append(Entity("pre", tag.offset, length, language=language))
        elif tag.name == "blockquote" and "expandable" in tag.attributes:
            self.entities.append(Entity("expandable_blockquote", tag.offset, length))
        elif not self._same_range_exists(kind, tag.offset, length):
            self.entities.append(Entity(kind, tag.offset, length))

    def _same_range_exists(self, kind: str, offset: int, length: int) -> bool:
        return any((e.kind, e.offset, e.length) == (kind, offset, length) for e in self.entities)

    def _close_link(self, tag: _OpenTag, length: int) -> None:
        inner = "".join(self.chunks[tag.chunk :])
        url = tag.attributes.get("href", inner).strip()
        if is_safe_url(url):
            self.entities.append(Entity("text_link", tag.offset, length, url=url))


def _decode(text: str) -> str:
    return _REFERENCE.sub(_reference, text)


def _reference(match: re.Match[str]) -> str:
    decimal, hexadecimal, named = match.groups()
    if named is not None:
        return _NAMED.get(named, match.group())
    code = int(decimal) if decimal is not None else int(hexadecimal, 16)
    valid = 0 < code <= _LAST_CODE_POINT and code not in _SURROGATES
    return chr(code) if valid else match.group()
