import pytest
from telegram import Bot, BotCommand, BotCommandScopeAllPrivateChats
from telegram.constants import ChatAction
from telegram.error import BadRequest

from bot.localchat.state.presses import ANSWER_WITHIN_S
from tests.bot.localchat.support import OPERATOR_ID, Running, png


async def test_get_me_when_asked_is_the_bot_of_the_token(telegram_bot: Bot) -> None:
    me = await telegram_bot.get_me()
    assert (me.id, me.is_bot, me.first_name) == (900001, True, "smcbot")


async def test_get_chat_when_asked_is_private_with_the_pinned_message(telegram_bot: Bot) -> None:
    assert (await telegram_bot.get_chat(OPERATOR_ID)).pinned_message is None
    sent = await telegram_bot.send_message(OPERATOR_ID, "x")
    await sent.pin()
    chat = await telegram_bot.get_chat(OPERATOR_ID)
    assert (chat.id, chat.type) == (OPERATOR_ID, "private")
    assert chat.pinned_message is not None
    assert chat.pinned_message.message_id == sent.message_id


async def test_action_when_known_is_told_to_the_page(telegram_bot: Bot, running: Running) -> None:
    await running.send()
    _, seen = await running.get("/api/changes")
    await telegram_bot.send_chat_action(OPERATOR_ID, ChatAction.UPLOAD_PHOTO)
    _, changes = await running.get(f"/api/changes?since={seen['revision']}&run={seen['run']}")
    assert changes["notes"] == [{"kind": "action", "value": "upload_photo"}]
    with pytest.raises(BadRequest):
        await telegram_bot.send_chat_action(OPERATOR_ID, "dance")


async def test_commands_when_set_are_read_back_and_deleted(
    telegram_bot: Bot, running: Running
) -> None:
    commands = [BotCommand("status", "Live state"), BotCommand("help", "All commands")]
    await telegram_bot.set_my_commands(commands, scope=BotCommandScopeAllPrivateChats())
    read = await telegram_bot.get_my_commands(scope=BotCommandScopeAllPrivateChats())
    assert list(read) == commands
    assert await telegram_bot.get_my_commands() == ()
    _, shown = await running.get("/api/commands")
    assert [entry["command"] for entry in shown] == ["status", "help"]
    await telegram_bot.delete_my_commands(scope=BotCommandScopeAllPrivateChats())
    assert await running.get("/api/commands") == (200, [])


async def press(running: Running) -> str:
    markup = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
    sent = await running.send("x", reply_markup=markup)
    return running.chat.conversation.press(sent["message_id"], "go")


async def test_answer_when_given_twice_or_late_is_too_old(
    telegram_bot: Bot, running: Running
) -> None:
    query_id = await press(running)
    assert await telegram_bot.answer_callback_query(query_id, "ok")
    with pytest.raises(BadRequest, match="Query is too old"):
        await telegram_bot.answer_callback_query(query_id)
    late = await press(running)
    running.clock.advance(ANSWER_WITHIN_S + 1)
    with pytest.raises(BadRequest, match="Query is too old"):
        await telegram_bot.answer_callback_query(late)


async def test_answer_when_above_200_characters_is_refused_and_stays_open(
    telegram_bot: Bot, running: Running
) -> None:
    query_id = await press(running)
    with pytest.raises(BadRequest, match=r"(?i)message_too_long"):
        await telegram_bot.answer_callback_query(query_id, "x" * 201)
    assert await telegram_bot.answer_callback_query(query_id, "x" * 200)


async def test_file_when_asked_for_can_be_downloaded(telegram_bot: Bot) -> None:
    sent = await telegram_bot.send_photo(OPERATOR_ID, png(33, 22))
    file = await telegram_bot.get_file(sent.photo[-1].file_id)
    assert bytes(await file.download_as_bytearray()) == png(33, 22)
    with pytest.raises(BadRequest, match="Invalid file_id"):
        await telegram_bot.get_file("photo-99")


async def test_webhook_when_deleted_drops_pending_updates_on_request(
    telegram_bot: Bot, running: Running
) -> None:
    running.chat.conversation.say("/old")
    await telegram_bot.delete_webhook()
    assert (await telegram_bot.get_webhook_info()).pending_update_count == 1
    await telegram_bot.delete_webhook(drop_pending_updates=True)
    assert (await telegram_bot.get_webhook_info()).pending_update_count == 0
