import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Update

from bot.localchat.content.entities import plain
from bot.localchat.content.markup import Button
from bot.localchat.content.messages import ChatMessage, Draft, Sender
from bot.localchat.errors import OperatorRequestError
from bot.localchat.state.conversation import Conversation, first_id, make_identity
from tests.bot.localchat.support import BOT_TOKEN, OPERATOR_ID, START_MS, HandClock


async def updates_of(chat: Conversation) -> list[Update]:
    rows = await chat.updates.poll(offset=0, limit=100, seconds=0)
    return [Update.de_json(row) for row in rows]


def with_button(chat: Conversation) -> ChatMessage:
    return chat.store.add(Draft(Sender.BOT, plain("x"), keyboard=((Button("Go", data="go"),),)))


async def test_say_when_called_reaches_the_bot_as_a_command(conversation: Conversation) -> None:
    conversation.say("  /status now ")
    [update] = await updates_of(conversation)
    assert update.message is not None
    assert update.message.text == "/status now"
    assert update.message.entities[0].type == "bot_command"
    assert update.message.chat.id == update.effective_user.id == OPERATOR_ID


async def test_say_when_backdated_carries_the_old_date(conversation: Conversation) -> None:
    conversation.say("/panic", age_s=61)
    [update] = await updates_of(conversation)
    assert update.message is not None
    assert update.message.date.timestamp() == START_MS // 1000 - 61


@pytest.mark.parametrize("text", ["", "  \n ", "\x00\x07"])
def test_say_when_empty_is_refused(conversation: Conversation, text: str) -> None:
    with pytest.raises(OperatorRequestError, match="1-4096"):
        conversation.say(text)
    assert len(conversation.updates) == 0


def test_say_when_too_long_is_refused_with_the_length(conversation: Conversation) -> None:
    conversation.say("x" * 4096)
    with pytest.raises(OperatorRequestError, match="4097"):
        conversation.say("x" * 4097)


def test_say_when_it_holds_control_characters_drops_them(conversation: Conversation) -> None:
    assert conversation.say("a\x1b[31m\u202eb\nc").body.text == "a[31mb\nc"
    assert conversation.say("👩\u200d💻").body.text == "👩\u200d💻"


async def test_stranger_when_writing_reaches_the_bot_but_not_the_page(
    conversation: Conversation,
) -> None:
    conversation.say_as_stranger("/status", 666)
    [update] = await updates_of(conversation)
    assert (update.effective_chat.id, update.effective_user.id) == (666, 666)
    assert conversation.store.after(0) == []


async def test_press_when_the_button_is_there_reaches_the_bot(conversation: Conversation) -> None:
    message = with_button(conversation)
    query_id = conversation.press(message.message_id, "go")
    [update] = await updates_of(conversation)
    assert update.callback_query is not None
    assert (update.callback_query.id, update.callback_query.data) == (query_id, "go")
    assert update.callback_query.message.message_id == message.message_id


def test_press_when_message_or_button_is_not_there_is_refused(conversation: Conversation) -> None:
    with pytest.raises(OperatorRequestError) as missing:
        conversation.press(1, "go")
    message = with_button(conversation)
    with pytest.raises(OperatorRequestError) as other:
        conversation.press(message.message_id, "stop")
    assert (missing.value.status, other.value.status) == (404, 409)


def test_press_when_stale_is_sent_all_the_same(conversation: Conversation) -> None:
    message = conversation.store.add(Draft(Sender.BOT, plain("done")))
    conversation.press(message.message_id, "old", stale=True)
    assert len(conversation.updates) == 1


def test_ids_when_a_later_run_starts_are_above_those_of_the_earlier(
    conversation: Conversation,
) -> None:
    last = conversation.say("x").message_id
    later = Conversation(HandClock(now_s=1.0), conversation.identity)
    assert later.say("y").message_id > last


@given(st.integers(0, 2_208_988_800_000))
def test_first_id_when_given_any_time_until_2040_fits_32_bits(wall_ms: int) -> None:
    assert 1 <= first_id(wall_ms) < 2**31
    assert first_id(wall_ms + 1000) >= first_id(wall_ms)


def test_menu_when_set_for_the_operators_language_is_shown(conversation: Conversation) -> None:
    menu = [{"command": "help", "description": "x"}]
    conversation.commands.put(menu, None, "en")
    assert conversation.menu() == menu


def test_identity_when_token_is_malformed_is_refused() -> None:
    assert make_identity(operator_id=1, bot_token=BOT_TOKEN, bot_name="b").bot.user_id == 900001
    with pytest.raises(ValueError, match="bot token"):
        make_identity(operator_id=1, bot_token="nope", bot_name="b")


async def test_close_when_called_ends_waits(conversation: Conversation) -> None:
    conversation.close()
    assert conversation.closed
    assert await conversation.updates.poll(offset=0, limit=1, seconds=60) == []
