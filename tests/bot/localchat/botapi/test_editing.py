import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto
from telegram.error import BadRequest, RetryAfter

from tests.bot.localchat.support import OPERATOR_ID, Running, png

BUTTONS = InlineKeyboardMarkup([[InlineKeyboardButton("Go", callback_data="go")]])


async def items_of(running: Running) -> list[dict[str, object]]:
    _, items = await running.get("/api/messages")
    return list(items)


async def test_text_when_edited_changes_in_place(telegram_bot: Bot, running: Running) -> None:
    sent = await telegram_bot.send_message(OPERATOR_ID, "one", reply_markup=BUTTONS)
    edited = await sent.edit_text("<b>two</b>", parse_mode="HTML")
    assert edited.edit_date is not None
    [item] = await items_of(running)
    assert (item["id"], item["text"], item["buttons"]) == (sent.message_id, "two", [])


async def test_edit_when_nothing_changes_is_refused(telegram_bot: Bot, running: Running) -> None:
    sent = await telegram_bot.send_message(
        OPERATOR_ID, "<b>x</b>", parse_mode="HTML", reply_markup=BUTTONS
    )
    with pytest.raises(BadRequest, match="Message is not modified: specified new message content"):
        await sent.edit_text("<strong>x</strong>", parse_mode="HTML", reply_markup=BUTTONS)
    with pytest.raises(BadRequest, match="not modified"):
        await sent.edit_reply_markup(BUTTONS)
    await sent.edit_text("x", reply_markup=BUTTONS)
    [item] = await items_of(running)
    assert item["entities"] == []


async def test_buttons_when_edited_alone_leave_the_text(
    telegram_bot: Bot, running: Running
) -> None:
    sent = await telegram_bot.send_message(OPERATOR_ID, "x", reply_markup=BUTTONS)
    await sent.edit_reply_markup(None)
    [item] = await items_of(running)
    assert (item["text"], item["buttons"]) == ("x", [])


async def test_caption_and_picture_when_edited_change(telegram_bot: Bot, running: Running) -> None:
    sent = await telegram_bot.send_photo(OPERATOR_ID, png(10, 10), caption="one")
    await sent.edit_caption("two")
    [before] = await items_of(running)
    await sent.edit_media(InputMediaPhoto(png(20, 10), caption="three"))
    [after] = await items_of(running)
    assert (before["text"], after["text"]) == ("two", "three")
    assert before["photo"] != after["photo"]
    assert after["photo_size"] == [20, 10]


async def test_edit_when_of_the_wrong_kind_is_refused(telegram_bot: Bot) -> None:
    text = await telegram_bot.send_message(OPERATOR_ID, "x")
    photo = await telegram_bot.send_photo(OPERATOR_ID, png())
    with pytest.raises(BadRequest, match="no caption in the message to edit"):
        await text.edit_caption("y")
    with pytest.raises(BadRequest, match="no text in the message to edit"):
        await photo.edit_text("y")


async def test_edit_when_message_is_not_there_or_not_the_bots_is_refused(
    telegram_bot: Bot, running: Running
) -> None:
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await telegram_bot.edit_message_text("x", OPERATOR_ID, 1)
    said = running.chat.conversation.say("mine")
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await telegram_bot.edit_message_text("x", OPERATOR_ID, said.message_id)


async def test_edit_when_too_fast_counts_with_the_messages(telegram_bot: Bot) -> None:
    sent = await telegram_bot.send_message(OPERATOR_ID, "x")
    for number in range(4):
        await sent.edit_text(str(number))
    with pytest.raises(RetryAfter):
        await sent.edit_text("last")


async def test_edit_when_malformed_media_is_refused(running: Running) -> None:
    sent = await running.send()
    answer = await running.call(
        "editMessageMedia", chat_id=OPERATOR_ID, message_id=sent["message_id"], media=["x"]
    )
    assert "can't parse InputMedia" in answer["description"]


async def test_delete_when_done_removes_the_message_once(
    telegram_bot: Bot, running: Running
) -> None:
    sent = await telegram_bot.send_message(OPERATOR_ID, "x")
    assert await sent.delete()
    assert await items_of(running) == []
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await sent.delete()


async def test_delete_when_older_than_two_days_is_refused(
    telegram_bot: Bot, running: Running
) -> None:
    sent = await telegram_bot.send_message(OPERATOR_ID, "x")
    running.clock.advance(48 * 3600 + 1)
    with pytest.raises(BadRequest, match="can't be deleted for everyone"):
        await sent.delete()


async def test_pin_when_set_and_removed_shows_in_the_chat(
    telegram_bot: Bot, running: Running
) -> None:
    first = await telegram_bot.send_message(OPERATOR_ID, "a")
    second = await telegram_bot.send_message(OPERATOR_ID, "b")
    await first.pin()
    await second.pin()
    assert running.chat.conversation.store.pinned_id == second.message_id
    await first.unpin()
    assert running.chat.conversation.store.pinned_id == second.message_id
    await second.unpin()
    assert running.chat.conversation.store.pinned_id is None
    await first.pin()
    await telegram_bot.unpin_all_chat_messages(OPERATOR_ID)
    assert running.chat.conversation.store.pinned_id is None


async def test_pin_when_message_is_not_there_is_refused(telegram_bot: Bot) -> None:
    with pytest.raises(BadRequest, match="Message to pin not found"):
        await telegram_bot.pin_chat_message(OPERATOR_ID, 1)
