from dataclasses import replace

from bot.localchat.content.entities import plain
from bot.localchat.content.markup import Button
from bot.localchat.content.messages import ChatMessage, FileKind, Sender, StoredFile
from bot.localchat.content.page_view import buttons_json, item_json

TEXT = ChatMessage(3, 9, Sender.BOT, 1_000, plain("hi"), reply_to=1, silent=True)


def test_item_when_plain_text_has_the_documented_fields() -> None:
    assert item_json(TEXT) == {
        "id": 3,
        "from": "bot",
        "text": "hi",
        "photo": None,
        "buttons": [],
        "edited_at": None,
        "sent_at": 1_000,
        "entities": [],
        "photo_size": None,
        "document": None,
        "reply_to": 1,
        "album": None,
        "silent": True,
        "revision": 9,
    }


def test_item_when_it_has_a_photo_names_address_and_size() -> None:
    photo = StoredFile("photo-1", FileKind.PHOTO, "p.png", "image/png", 120, 8, 6)
    item = item_json(replace(TEXT, file=photo, edited_ms=2_000))
    assert (item["photo"], item["photo_size"]) == ("/api/files/photo-1", [8, 6])
    assert (item["document"], item["edited_at"]) == (None, 2_000)


def test_item_when_it_has_a_document_names_it() -> None:
    file = StoredFile("document-1", FileKind.DOCUMENT, "a.csv", "text/csv", 7)
    item = item_json(replace(TEXT, file=file))
    assert item["photo"] is None
    assert item["document"] == {"name": "a.csv", "size": 7, "url": "/api/files/document-1"}


def test_buttons_when_they_press_or_open_tell_so() -> None:
    keyboard = ((Button("A", data="a"),), (Button("W", url="https://a.example"),))
    assert buttons_json(keyboard) == [
        [{"text": "A", "data": "a"}],
        [{"text": "W", "data": None, "url": "https://a.example"}],
    ]
