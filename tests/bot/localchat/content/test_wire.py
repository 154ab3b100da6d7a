from dataclasses import replace

from telegram import CallbackQuery, Message

from bot.localchat.content.entities import plain
from bot.localchat.content.markup import Button
from bot.localchat.content.messages import ChatMessage, FileKind, Sender, StoredFile
from bot.localchat.content.profiles import Profile, bot_profile
from bot.localchat.content.wire import (
    callback_json,
    file_json,
    file_path,
    incoming_json,
    message_json,
)

OPERATOR = Profile(5, "Ann")
BOT = bot_profile("9:x", "smcbot")
PHOTO = StoredFile("photo-1", FileKind.PHOTO, "photo_1.png", "image/png", 120, 8, 6)
DOCUMENT = StoredFile("document-2", FileKind.DOCUMENT, "a.csv", "application/octet-stream", 9)
TEXT = ChatMessage(3, 1, Sender.BOT, 1_700_000_000_900, plain("see /help"))


def parse(row: dict[str, object]) -> Message:
    message = Message.de_json(row)
    assert isinstance(message, Message)
    return message


def test_text_message_when_read_by_the_client_library_is_complete() -> None:
    edited = replace(TEXT, edited_ms=1_700_000_060_000, keyboard=((Button("Go", data="g"),),))
    message = parse(message_json(edited, OPERATOR, BOT))
    assert (message.message_id, message.chat.id, message.text) == (3, 5, "see /help")
    assert message.from_user is not None
    assert message.from_user.is_bot
    assert message.date.timestamp() == 1_700_000_000
    assert message.edit_date is not None
    assert message.entities[0].type == "bot_command"
    assert message.reply_markup is not None
    assert message.reply_markup.inline_keyboard[0][0].callback_data == "g"


def test_photo_message_when_written_has_a_caption_and_a_size() -> None:
    message = parse(message_json(replace(TEXT, file=PHOTO), OPERATOR, BOT))
    assert message.text is None
    assert message.caption == "see /help"
    assert (message.photo[0].width, message.photo[0].height) == (8, 6)


def test_document_message_when_written_has_its_name_and_album() -> None:
    message = parse(message_json(replace(TEXT, file=DOCUMENT, album="g1"), OPERATOR, BOT))
    assert message.document is not None
    assert (message.document.file_name, message.media_group_id) == ("a.csv", "g1")


def test_message_when_it_replies_nests_the_other_once() -> None:
    question = ChatMessage(2, 1, Sender.OPERATOR, 0, plain("/why"))
    message = parse(message_json(replace(TEXT, reply_to=2), OPERATOR, BOT, question))
    assert message.reply_to_message is not None
    assert message.reply_to_message.from_user is not None
    assert message.reply_to_message.from_user.id == 5


def test_incoming_message_when_from_a_stranger_is_in_their_own_chat() -> None:
    row = incoming_json(TEXT, Profile(66, "Eve"))
    assert parse(row).chat.id == 66


def test_callback_when_read_by_the_client_library_is_complete() -> None:
    row = callback_json("77", OPERATOR, message_json(TEXT, OPERATOR, BOT), "g")
    query = CallbackQuery.de_json(row)
    assert (query.id, query.data, query.from_user.id) == ("77", "g", 5)


def test_file_when_described_has_ids_and_a_path() -> None:
    assert file_json(PHOTO)["file_id"] == "photo-1"
    assert file_path(PHOTO) == "photos/photo-1/photo_1.png"
    assert file_path(DOCUMENT) == "documents/document-2/a.csv"
