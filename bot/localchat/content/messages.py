"""A chat message and a stored file as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.localchat.content.entities import RichText
from bot.localchat.content.markup import Keyboard


class Sender(StrEnum):
    """Who wrote a message."""

    BOT = "bot"
    OPERATOR = "operator"


class FileKind(StrEnum):
    """How a file is shown: as a picture, or as a card with its name."""

    PHOTO = "photo"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Facts about an uploaded file; the bytes live in the FileStore.

    Attributes:
        file_id: key for sending it again and for downloading it.
        size: bytes.
        width: pixels, zero for a document.
        height: pixels, zero for a document.
    """

    file_id: str
    kind: FileKind
    name: str
    mime: str
    size: int
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Draft:
    """What a new message should contain, before the store gives it an id and a time."""

    sender: Sender
    body: RichText
    file: StoredFile | None = None
    keyboard: Keyboard = ()
    reply_to: int | None = None
    album: str | None = None
    silent: bool = False


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message as it stands now.

    Attributes:
        message_id: unique and rising within a run.
        revision: the store's counter at the last change of this message.
        sent_ms: wall time.
        edited_ms: wall time of the last visible edit.
        body: text, or the caption when there is a file.
        reply_to: message id this one answers.
        album: media group it was sent with.
        silent: sent without a sound.
    """

    message_id: int
    revision: int
    sender: Sender
    sent_ms: int
    body: RichText
    file: StoredFile | None = None
    keyboard: Keyboard = ()
    reply_to: int | None = None
    edited_ms: int | None = None
    album: str | None = None
    silent: bool = False
