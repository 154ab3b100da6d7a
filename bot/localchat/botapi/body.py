"""What every sending and editing method reads alike: text, keyboard, reply, file."""

from __future__ import annotations

from typing import Final

from bot.localchat.botapi.params import Params
from bot.localchat.content.entities import Entity, RichText, finish, plain
from bot.localchat.content.html_text import TAGS, parse_html
from bot.localchat.content.messages import ChatMessage, FileKind, StoredFile
from bot.localchat.errors import bad_request, too_many_requests
from bot.localchat.state.conversation import MAX_CAPTION, MAX_TEXT, Conversation

_ENTITY_KINDS: Final = frozenset(TAGS.values()) | {"expandable_blockquote"}


def check_chat(chat: Conversation, params: Params) -> None:
    """Only the operator's chat exists.

    Raises:
        BotApiError: 400 `chat not found` for any other id.
    """
    if not params.text("chat_id"):
        raise bad_request("chat_id is empty")
    if params.integer("chat_id") != chat.identity.operator.user_id:
        raise bad_request("chat not found")


def admit(chat: Conversation, count: int = 1) -> None:
    """Count messages against the sending limits.

    Raises:
        BotApiError: 429 with the seconds to wait.
    """
    wait = chat.throttle.admit(count, chat.clock.monotonic())
    if wait:
        raise too_many_requests(wait)


def read_text(params: Params) -> RichText:
    """`text` with its formatting, 1-4096 characters after entity parsing.

    Raises:
        BotApiError: 400 in Telegram's words.
    """
    body = _formatted(params, "text", "entities")
    if not body.text:
        raise bad_request("message text is empty")
    if body.units > MAX_TEXT:
        raise bad_request("message is too long")
    return body


def read_caption(params: Params) -> RichText:
    """`caption` with its formatting, up to 1024 characters after entity parsing.

    Raises:
        BotApiError: 400 in Telegram's words.
    """
    body = _formatted(params, "caption", "caption_entities")
    if body.units > MAX_CAPTION:
        raise bad_request("message caption is too long")
    return body


def read_reply(chat: Conversation, params: Params) -> int | None:
    """The id of the message to be replied, from `reply_parameters` or the older parameter.

    Raises:
        BotApiError: 400 when it does not exist and sending without it was not allowed.
    """
    reply = params.json("reply_parameters")
    wanted: object = params.integer("reply_to_message_id")
    optional = params.flag("allow_sending_without_reply")
    if isinstance(reply, dict):
        wanted = reply.get("message_id")
        optional = bool(reply.get("allow_sending_without_reply"))
    if wanted is None:
        return None
    if isinstance(wanted, int) and chat.store.get(wanted) is not None:
        return wanted
    if optional:
        return None
    raise bad_request("message to be replied not found")


def read_file(chat: Conversation, params: Params, source: str, kind: FileKind) -> StoredFile:
    """The file of a parameter: uploaded now, or sent before and named by its file_id.

    Raises:
        BotApiError: 400 when there is none; addresses are refused, nothing is downloaded.
    """
    upload = params.upload(source)
    if upload is not None:
        if kind is FileKind.PHOTO:
            return chat.files.add_photo(upload.data)
        return chat.files.add_document(upload.data, upload.name)
    return known_file(chat, params.text(source), kind)


def known_file(chat: Conversation, file_id: str, kind: FileKind) -> StoredFile:
    """A file sent before.

    Raises:
        BotApiError: 400 when the id is empty, an address, unknown or of another kind.
    """
    if not file_id:
        raise bad_request(f"there is no {kind} in the request")
    if "://" in file_id:
        raise bad_request("wrong type of the web page content")
    stored = chat.files.find(file_id)
    if stored is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if stored.kind is not kind:
        raise bad_request(f"can't use file of type {stored.kind} as {kind}")
    return stored


def find_own_message(chat: Conversation, params: Params, action: str) -> ChatMessage:
    """The message a method is about.

    Raises:
        BotApiError: 400 `message to <action> not found`.
    """
    message_id = params.integer("message_id")
    message = chat.store.get(message_id) if message_id is not None else None
    if message is None:
        raise bad_request(f"message to {action} not found")
    return message


def _formatted(params: Params, source: str, entities: str) -> RichText:
    text = params.text(source)
    mode = params.text("parse_mode").lower()
    if mode == "html":
        return parse_html(text)
    if mode:
        raise bad_request("unsupported parse_mode")
    given = params.json(entities)
    if not given:
        return plain(text)
    if not isinstance(given, list):
        raise bad_request("can't parse entities: expected an Array of MessageEntity")
    rows = (_entity(row) for row in given)
    return finish(text, [entity for entity in rows if entity is not None])


def _entity(row: object) -> Entity | None:
    if not isinstance(row, dict):
        raise bad_request("can't parse MessageEntity: expected an Object")
    kind, offset, length = row.get("type"), row.get("offset"), row.get("length")
    if not isinstance(offset, int) or not isinstance(length, int) or offset < 0 or length < 0:
        raise bad_request("can't parse MessageEntity: offset and length must be numbers")
    # Telegram finds commands and addresses by itself and ignores kinds it does not know.
    if kind not in _ENTITY_KINDS or length == 0:
        return None
    url, language = row.get("url"), row.get("language")
    return Entity(
        str(kind),
        offset,
        length,
        url=url if isinstance(url, str) else None,
        language=language if isinstance(language, str) else None,
    )
