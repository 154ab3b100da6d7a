"""Chat messages as Bot API objects. Pure."""

from __future__ import annotations

from bot.localchat.content.markup import keyboard_json
from bot.localchat.content.messages import ChatMessage, FileKind, Sender, StoredFile
from bot.localchat.content.profiles import Profile

Json = dict[str, object]


def message_json(
    message: ChatMessage, operator: Profile, bot: Profile, replied: ChatMessage | None = None
) -> Json:
    """The Bot API's Message of the operator's private chat; dates in whole seconds."""
    author = bot if message.sender is Sender.BOT else operator
    row = _base_json(message, author, operator)
    if replied is not None:
        row["reply_to_message"] = message_json(replied, operator, bot)
    return row


def incoming_json(message: ChatMessage, author: Profile) -> Json:
    """A message somebody wrote in their own private chat with the bot."""
    return _base_json(message, author, author)


def callback_json(query_id: str, presser: Profile, message: Json, data: str) -> Json:
    """The Bot API's CallbackQuery."""
    return {
        "id": query_id,
        "from": presser.user_json(),
        "message": message,
        "chat_instance": str(presser.user_id),
        "data": data,
    }


def file_json(file: StoredFile) -> Json:
    """What PhotoSize, Document and File have in common."""
    return {"file_id": file.file_id, "file_unique_id": file.file_id, "file_size": file.size}


def file_path(file: StoredFile) -> str:
    """`file_path` of the Bot API's File, below the bot's download address."""
    return f"{file.kind}s/{file.file_id}/{file.name}"


def _base_json(message: ChatMessage, author: Profile, chat: Profile) -> Json:
    row: Json = {
        "message_id": message.message_id,
        "from": author.user_json(),
        "chat": chat.chat_json(),
        "date": message.sent_ms // 1000,
    }
    if message.edited_ms is not None:
        row["edit_date"] = message.edited_ms // 1000
    if message.album is not None:
        row["media_group_id"] = message.album
    if message.keyboard:
        row["reply_markup"] = keyboard_json(message.keyboard)
    return row | _content_json(message)


def _content_json(message: ChatMessage) -> Json:
    row: Json = {}
    text, entities = (
        ("text", "entities")
        if message.file is None
        else (
            "caption",
            "caption_entities",
        )
    )
    if message.body.text:
        row[text] = message.body.text
    if message.body.entities:
        row[entities] = message.body.entities_json()
    if message.file is not None and message.file.kind is FileKind.PHOTO:
        size = {"width": message.file.width, "height": message.file.height}
        row["photo"] = [file_json(message.file) | size]
    elif message.file is not None:
        row["document"] = file_json(message.file) | {
            "file_name": message.file.name,
            "mime_type": message.file.mime,
        }
    return row
