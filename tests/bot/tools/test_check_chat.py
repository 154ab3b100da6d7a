import socket

import pytest

from bot.localchat.server import LocalChat
from bot.settings import Settings
from bot.tools.check_chat import check_chat, check_port
from bot.tools.findings import Level
from tests.bot.localchat.support import BOT_TOKEN, CHAT_TOKEN, OPERATOR_ID, HandClock


def settings(token: str) -> Settings:
    return Settings.load(_env_file=None, telegram_token=token, telegram_owners="1")


@pytest.fixture
async def bot_api():
    chat = LocalChat(HandClock(), token=CHAT_TOKEN, operator_id=OPERATOR_ID, bot_token=BOT_TOKEN)
    urls = await chat.start()
    yield urls.bot_base_url
    await chat.stop()


async def test_chat_when_telegram_knows_the_token_names_the_bot(bot_api):
    found = await check_chat(settings(BOT_TOKEN), bot_api)

    assert found.level is Level.GOOD
    assert found.text.startswith("Telegram knows the bot as @")


async def test_chat_when_telegram_does_not_know_the_token_says_so_without_it(bot_api):
    wrong = "123456:AAaaBBbbCCccDDddEEeeFFff-other"

    found = await check_chat(settings(wrong), bot_api)

    assert found.level is Level.FAULT
    assert found.text == "Telegram does not know this token"
    assert wrong not in repr(found)


async def test_chat_when_telegram_is_out_of_reach_says_so_without_the_token():
    found = await check_chat(settings(BOT_TOKEN), "http://127.0.0.1:9/bot")

    assert found.level is Level.FAULT
    assert found.text.startswith("Telegram cannot be reached")
    assert BOT_TOKEN not in repr(found)


async def test_chat_when_there_is_no_token_is_the_local_page():
    found = await check_chat(Settings.load(_env_file=None, chat_port=0))

    assert (found.level, found.text) == (
        Level.GOOD,
        "no Telegram token: a local page on any free port",
    )


def test_port_when_taken_is_a_warning_and_when_free_is_not():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        found = check_port(port)
    assert found.level is Level.WARNING
    assert str(port) in found.text
    assert "SMCBOT_CHAT_PORT" in found.advice

    assert check_port(port).level is Level.GOOD
