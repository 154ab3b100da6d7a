from datetime import timedelta

import pytest
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    ReplyParameters,
)
from telegram.error import BadRequest, RetryAfter

from tests.bot.localchat.support import OPERATOR_ID, Running, png

BUTTONS = InlineKeyboardMarkup([[InlineKeyboardButton("Go", callback_data="go")]])


async def test_message_when_sent_with_html_arrives_with_entities(
    telegram_bot: Bot, running: Running
) -> None:
    message = await telegram_bot.send_message(
        OPERATOR_ID, "<b>BTC</b> &lt;up&gt;", parse_mode="HTML", reply_markup=BUTTONS
    )
    assert message.text == "BTC <up>"
    assert [entity.type for entity in message.entities] == ["bold"]
    _, [item] = await running.get("/api/messages")
    assert item["text"] == "BTC <up>"
    assert item["entities"] == [{"type": "bold", "offset": 0, "length": 3}]
    assert item["buttons"] == [[{"text": "Go", "data": "go"}]]


async def test_message_when_it_replies_shows_the_other(telegram_bot: Bot, running: Running) -> None:
    said = running.chat.conversation.say("/why")
    message = await telegram_bot.send_message(
        OPERATOR_ID, "because", reply_parameters=ReplyParameters(said.message_id)
    )
    assert message.reply_to_message is not None
    assert message.reply_to_message.text == "/why"
    _, items = await running.get(f"/api/messages?after={said.message_id}")
    assert items[0]["reply_to"] == said.message_id


async def test_message_when_silent_is_marked(telegram_bot: Bot, running: Running) -> None:
    await telegram_bot.send_message(OPERATOR_ID, "x", disable_notification=True)
    _, [item] = await running.get("/api/messages")
    assert item["silent"] is True


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<b>x", "Can't parse entities: can't find end tag"),
        ("a < b", "Can't parse entities: unsupported start tag"),
        ("x" * 4097, "Message is too long"),
        (" ", "Message text is empty"),
    ],
)
async def test_message_when_wrong_is_the_librarys_bad_request(
    telegram_bot: Bot, text: str, reason: str
) -> None:
    with pytest.raises(BadRequest) as caught:
        await telegram_bot.send_message(OPERATOR_ID, text, parse_mode="HTML")
    assert caught.value.message.lower().startswith(reason.lower())


async def test_message_when_to_another_chat_is_refused(telegram_bot: Bot) -> None:
    with pytest.raises(BadRequest, match="Chat not found"):
        await telegram_bot.send_message(5, "x")


async def test_sending_when_too_fast_is_retry_after_with_whole_seconds(
    telegram_bot: Bot, running: Running
) -> None:
    for _ in range(5):
        await telegram_bot.send_message(OPERATOR_ID, "x")
    with pytest.raises(RetryAfter) as caught:
        await telegram_bot.send_message(OPERATOR_ID, "x")
    assert caught.value.retry_after == timedelta(seconds=1)
    running.clock.advance(1)
    await telegram_bot.send_message(OPERATOR_ID, "x")
    assert len(running.chat.conversation.store.after(0)) == 6


async def test_photo_when_uploaded_and_sent_again_by_id_is_the_same_file(
    telegram_bot: Bot, running: Running
) -> None:
    first = await telegram_bot.send_photo(
        OPERATOR_ID, png(64, 48), caption="<i>chart</i>", parse_mode="HTML", reply_markup=BUTTONS
    )
    assert (first.photo[-1].width, first.photo[-1].height, first.caption) == (64, 48, "chart")
    again = await telegram_bot.send_photo(OPERATOR_ID, first.photo[-1].file_id)
    assert again.photo[-1].file_unique_id == first.photo[-1].file_unique_id
    _, items = await running.get("/api/messages")
    assert items[0]["photo"] == items[1]["photo"]


@pytest.mark.parametrize("data", [b"not a picture", png(4000, 10)], ids=["text", "thin"])
async def test_photo_when_it_is_none_is_refused_and_nothing_shows(
    telegram_bot: Bot, running: Running, data: bytes
) -> None:
    with pytest.raises(BadRequest):
        await telegram_bot.send_photo(OPERATOR_ID, data)
    assert running.chat.conversation.store.after(0) == []


async def test_photo_when_caption_is_too_long_is_refused(telegram_bot: Bot) -> None:
    with pytest.raises(BadRequest, match="caption is too long"):
        await telegram_bot.send_photo(OPERATOR_ID, png(), caption="x" * 1025)


async def test_document_when_sent_keeps_its_name(telegram_bot: Bot, running: Running) -> None:
    message = await telegram_bot.send_document(
        OPERATOR_ID, b"a,b\n1,2\n", filename="journal.csv", caption="Journal"
    )
    assert message.document is not None
    assert (message.document.file_name, message.document.file_size) == ("journal.csv", 8)
    _, [item] = await running.get("/api/messages")
    assert item["document"]["name"] == "journal.csv"


async def test_album_when_sent_is_messages_of_one_group(
    telegram_bot: Bot, running: Running
) -> None:
    media = [
        InputMediaPhoto(png(10 + n, 10), caption=f"<b>{n}</b>", parse_mode="HTML") for n in range(3)
    ]
    messages = await telegram_bot.send_media_group(OPERATOR_ID, media)
    assert [message.caption for message in messages] == ["0", "1", "2"]
    assert len({message.media_group_id for message in messages}) == 1
    _, items = await running.get("/api/messages")
    assert [item["photo_size"][0] for item in items] == [10, 11, 12]


async def test_album_when_it_exceeds_the_limit_counts_every_picture(
    telegram_bot: Bot,
) -> None:
    await telegram_bot.send_media_group(OPERATOR_ID, [InputMediaPhoto(png()) for _ in range(5)])
    with pytest.raises(RetryAfter):
        await telegram_bot.send_message(OPERATOR_ID, "x")


async def test_album_when_mixed_or_of_the_wrong_size_is_refused(
    telegram_bot: Bot, running: Running
) -> None:
    mixed = [InputMediaPhoto(png()), InputMediaDocument(b"1", filename="a")]
    with pytest.raises(BadRequest, match="can't be mixed"):
        await telegram_bot.send_media_group(OPERATOR_ID, mixed)
    with pytest.raises(BadRequest, match="2-10 items"):
        await telegram_bot.send_media_group(OPERATOR_ID, [InputMediaPhoto(png())])
    answer = await running.call(
        "sendMediaGroup", chat_id=OPERATOR_ID, media=[{"type": "video", "media": "x"}] * 2
    )
    assert "not supported" in answer["description"]
    assert running.chat.conversation.store.after(0) == []


async def test_button_when_data_is_65_bytes_is_refused(running: Running) -> None:
    markup = {"inline_keyboard": [[{"text": "Go", "callback_data": "x" * 65}]]}
    answer = await running.call("sendMessage", chat_id=OPERATOR_ID, text="x", reply_markup=markup)
    assert answer["description"] == "Bad Request: BUTTON_DATA_INVALID"


async def test_album_when_of_documents_or_known_files_is_sent(
    telegram_bot: Bot, running: Running
) -> None:
    files = [InputMediaDocument(b"1", filename=name) for name in ("a.csv", "b.csv")]
    sent = await telegram_bot.send_media_group(OPERATOR_ID, files)
    known = [InputMediaDocument(m.document.file_id) for m in sent if m.document]
    running.clock.advance(10)
    again = await telegram_bot.send_media_group(OPERATOR_ID, known)
    assert [m.document.file_name for m in again if m.document] == ["a.csv", "b.csv"]


async def test_album_when_an_item_is_incomplete_is_refused(running: Running) -> None:
    answer = await running.call(
        "sendMediaGroup", chat_id=OPERATOR_ID, media=[{"type": "photo"}, {"type": "photo"}]
    )
    assert 'field "media" is missing' in answer["description"]
