"""Messages as the page and scripts of the operator see them. Pure."""

from __future__ import annotations

from bot.localchat.content.markup import Button, Keyboard
from bot.localchat.content.messages import ChatMessage, FileKind, StoredFile

Json = dict[str, object]


def item_json(message: ChatMessage) -> Json:
    """One message.

    `photo` is a path below the server's address, or null. Times are Unix milliseconds.
    `edited_at` is null until the first edit; `revision` rises with every change.
    """
    file = message.file
    photo = file if file is not None and file.kind is FileKind.PHOTO else None
    document = file if file is not None and file.kind is FileKind.DOCUMENT else None
    return {
        "id": message.message_id,
        "from": message.sender.value,
        "text": message.body.text,
        "photo": file_url(photo) if photo else None,
        "buttons": buttons_json(message.keyboard),
        "edited_at": message.edited_ms,
        "sent_at": message.sent_ms,
        "entities": message.body.entities_json(),
        "photo_size": [photo.width, photo.height] if photo else None,
        "document": _document_json(document) if document else None,
        "reply_to": message.reply_to,
        "album": message.album,
        "silent": message.silent,
        "revision": message.revision,
    }


def file_url(file: StoredFile) -> str:
    """Where the operator's side downloads a file."""
    return f"/api/files/{file.file_id}"


def buttons_json(keyboard: Keyboard) -> list[list[Json]]:
    """Rows of buttons: `data` to press, or `url` to open."""
    return [[_button_json(button) for button in row] for row in keyboard]


def _button_json(button: Button) -> Json:
    row: Json = {"text": button.text, "data": button.data}
    return row if button.url is None else row | {"url": button.url}


def _document_json(file: StoredFile) -> Json:
    return {"name": file.name, "size": file.size, "url": file_url(file)}
