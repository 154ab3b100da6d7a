"""The language of the chat: English in the source, every other one a catalogue in `locales`.

Standard gettext: `_("No {thing} yet.", thing=name)` looks the message up in the catalogue of the
language spoken now and fills in its named placeholders. A language is one `.po` file; a new file
is a new language. Babel reads it, and neither Babel nor any catalogue is loaded for English.

What is spoken now is a context variable, set by `speaking` wherever a message is made (a command,
a push, a digest, a picture), so that the texts stay pure functions without a language argument.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

ENGLISH = "en"
_FOLDER = Path(__file__).parent / "locales"
_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """Return the codes of every language there is, English first."""
    return (ENGLISH, *sorted(path.stem for path in _FOLDER.glob("*.po")))


def spoken() -> str:
    """Return the code of the language spoken now."""
    return _spoken.get()


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak a language inside the block; one that there is no catalogue of is English."""
    token = _spoken.set(language if language in languages() else ENGLISH)
    try:
        yield
    finally:
        _spoken.reset(token)


# --- messages ------------------------------------------------------------------------------------


def _(message: str, /, **values: object) -> str:
    """Return a message in the language spoken now.

    Args:
        message: the English text with placeholders by name, as a literal.
        values: what stands in the placeholders.
    """
    if _spoken.get() == ENGLISH or not message:
        return _filled(message, values)
    return _filled(_catalogue().gettext(message), values, message)


def ngettext(one: str, many: str, count: int, /, **values: object) -> str:
    """Return a message that counts, in the plural form of the language spoken now.

    Args:
        one: the English text for 1; `{count}` is the number with its thousands separated.
        many: the English text for every other number.
        count: how many.
        values: what stands in the other placeholders.
    """
    english = one if count == 1 else many
    told = {"count": f"{count:,}", **values}
    if _spoken.get() == ENGLISH:
        return _filled(english, told)
    return _filled(_catalogue().ngettext(one, many, count), told, english)


def pgettext(context: str, message: str, /, **values: object) -> str:
    """Return a message whose English words mean different things in different places.

    Args:
        context: where it stands, for the translator.
        message: the English text with placeholders by name.
        values: what stands in the placeholders.
    """
    if _spoken.get() == ENGLISH:
        return _filled(message, values)
    return _filled(_catalogue().pgettext(context, message), values, message)


def N_(message: str) -> str:  # noqa: N802 - the name gettext's tools look for
    """Mark a text for the catalogue that `_` looks up later."""
    return message


def _filled(text: str, values: dict[str, object], english: str | None = None) -> str:
    if not values:
        return text
    try:
        return text.format(**values)
    except (KeyError, IndexError, ValueError):
        if english is None:
            raise
        # A slip of a translator must not cost the operator the message.
        log.error("language.placeholder", language=spoken(), text=text)
        return english.format(**values)


# --- catalogues ----------------------------------------------------------------------------------


async def learn(language: str) -> None:
    """Load a catalogue beside the event loop, before it is spoken; English has none."""
    if language != ENGLISH and language in languages():
        await asyncio.to_thread(catalogue, language)


def _catalogue() -> NullTranslations:
    return catalogue(_spoken.get())


@lru_cache(maxsize=4)
def catalogue(language: str) -> NullTranslations:
    """Return the messages of a language; what cannot be read is logged and stays English."""
    try:
        return _read(_FOLDER / f"{language}.po")
    except (OSError, ValueError) as error:
        log.error("language.unreadable", language=language, reason=str(error))
        return NullTranslations()


def _read(path: Path) -> NullTranslations:
    from babel.messages.mofile import write_mo  # noqa: PLC0415 - Babel costs memory
    from babel.messages.pofile import PoFileError, read_po  # noqa: PLC0415

    try:
        messages = read_po(BytesIO(path.read_bytes()), abort_invalid=True)
    except PoFileError as error:
        raise ValueError(str(error)) from error
    compiled = BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return GNUTranslations(compiled)
