"""A local chat on a free loopback port for every test that asks."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession
from telegram import Bot

from bot.localchat.server import LocalChat
from bot.localchat.state.conversation import Conversation, make_identity
from tests.bot.localchat.support import BOT_TOKEN, CHAT_TOKEN, OPERATOR_ID, HandClock, Running


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def conversation(clock: HandClock) -> Conversation:
    identity = make_identity(operator_id=OPERATOR_ID, bot_token=BOT_TOKEN, bot_name="smcbot")
    return Conversation(clock, identity)


@pytest.fixture
async def running(clock: HandClock) -> AsyncIterator[Running]:
    chat = LocalChat(clock, token=CHAT_TOKEN, operator_id=OPERATOR_ID, bot_token=BOT_TOKEN)
    urls = await chat.start()
    async with ClientSession() as http:
        yield Running(chat, urls, clock, http)
    await chat.stop()


@pytest.fixture
async def telegram_bot(running: Running, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bot]:
    """python-telegram-bot's own client, pointed at the local chat."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # the old form of RetryAfter warns at every raise
    bot = Bot(
        BOT_TOKEN, base_url=running.urls.bot_base_url, base_file_url=running.urls.bot_file_url
    )
    async with bot:
        yield bot
