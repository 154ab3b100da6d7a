"""Bot API methods that create messages."""

from __future__ import annotations

from typing import Final

from bot.localchat.botapi.body import (
    admit,
    check_chat,
    known_file,
    read_caption,
    read_file,
    read_reply,
    read_text,
)
from bot.localchat.botapi.params import Params
from bot.localchat.content.markup import parse_keyboard
from bot.localchat.content.messages import Draft, FileKind, Sender, StoredFile
from bot.localchat.errors import bad_request
from bot.localchat.state.conversation import Conversation

MIN_ALBUM: Final = 2
MAX_ALBUM: Final = 10


def send_message(chat: Conversation, params: Params) -> object:
    """SendMessage."""
    check_chat(chat, params)
    draft = Draft(
        Sender.BOT,
        read_text(params),
        keyboard=parse_keyboard(params.json("reply_markup")),
        reply_to=read_reply(chat, params),
        silent=params.flag("disable_notification"),
    )
    admit(chat)
    return chat.bot_view(chat.store.add(draft))


def send_photo(chat: Conversation, params: Params) -> object:
    """SendPhoto: an upload, `attach://`, or a file_id."""
    return _send_file(chat, params, FileKind.PHOTO)


def send_document(chat: Conversation, params: Params) -> object:
    """SendDocument: an upload, `attach://`, or a file_id."""
    return _send_file(chat, params, FileKind.DOCUMENT)


def _send_file(chat: Conversation, params: Params, kind: FileKind) -> object:
    check_chat(chat, params)
    body = read_caption(params)
    keyboard = parse_keyboard(params.json("reply_markup"))
    reply_to = read_reply(chat, params)
    admit(chat)
    draft = Draft(
        Sender.BOT,
        body,
        file=read_file(chat, params, kind.value, kind),
        keyboard=keyboard,
        reply_to=reply_to,
        silent=params.flag("disable_notification"),
    )
    return chat.bot_view(chat.store.add(draft))


def send_media_group(chat: Conversation, params: Params) -> object:
    """SendMediaGroup of 2-10 photos or of 2-10 documents; each counts against the limits."""
    check_chat(chat, params)
    media = params.json("media")
    if not isinstance(media, list) or not MIN_ALBUM <= len(media) <= MAX_ALBUM:
        raise bad_request("there must be 2-10 items in an album")
    if len({str(_field(item, "type")) for item in media}) != 1:
        raise bad_request("document can't be mixed with other media types")
    reply_to = read_reply(chat, params)
    captions = [read_caption(Params(item)) for item in media]
    admit(chat, len(media))
    files = [read_media(chat, params, item) for item in media]
    album = files[0].file_id
    drafts = [
        Draft(
            Sender.BOT,
            body,
            file=file,
            reply_to=reply_to,
            album=album,
            silent=params.flag("disable_notification"),
        )
        for body, file in zip(captions, files, strict=True)
    ]
    return [chat.bot_view(chat.store.add(draft)) for draft in drafts]


def read_media(chat: Conversation, params: Params, media: object) -> StoredFile:
    """The file of an InputMedia object.

    Raises:
        BotApiError: 400 for a kind other than photo and document, or a missing file.
    """
    kind = _field(media, "type")
    if kind not in set(FileKind):
        raise bad_request(f"media type {kind!r} is not supported; use photo or document")
    wanted = FileKind(str(kind))
    reference = str(_field(media, "media"))
    upload = params.attached(reference)
    if upload is None:
        return known_file(chat, reference, wanted)
    if wanted is FileKind.PHOTO:
        return chat.files.add_photo(upload.data)
    return chat.files.add_document(upload.data, upload.name)


def _field(media: object, name: str) -> object:
    if not isinstance(media, dict) or name not in media:
        raise bad_request(f'can\'t parse InputMedia: field "{name}" is missing')
    return media[name]
