from contextlib import AsyncExitStack
from types import SimpleNamespace

import aiohttp
import pytest

from bot.charts.renderer import NoCharts
from bot.chat import LOCAL_OPERATOR, open_chat
from bot.localchat.errors import LocalChatError
from bot.run_options import RunOptions
from bot.settings import Settings
from engine.domain.notices import AlarmKind, Priority
from storage.database import Database
from storage.migrate import migrate_open
from tests.fake_clock import FakeClock


def settings(**values) -> Settings:
    return Settings.load(_env_file=None, **values)


async def opened(stack, tmp_path, given, venue="sim", port=0):
    database = Database(str(tmp_path / "trade.db"))
    await database.open()
    stack.push_async_callback(database.close)
    await migrate_open(database)
    link = SimpleNamespace(name=venue, clock=FakeClock())
    options = RunOptions(chat_port=port)
    return await open_chat(given, options, link, database, NoCharts(), stack)


async def test_chat_when_there_is_no_token_is_the_local_page(tmp_path):
    async with AsyncExitStack() as stack:
        chat = await opened(stack, tmp_path, settings(chat_token="a-fixed-token-1"))

        headers = {"Authorization": "Bearer a-fixed-token-1"}
        origin = chat.new_page_url().partition("/#")[0]
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.get(f"{origin}/api/messages?after=0") as reply,
        ):
            assert reply.status == 200
            assert await reply.json() == []


async def test_chat_when_its_port_is_taken_says_so(tmp_path):
    async with AsyncExitStack() as stack:
        first = await opened(stack, tmp_path, settings())
        port = int(first.new_page_url().partition("/#")[0].rpartition(":")[2])

        with pytest.raises(LocalChatError, match=str(port)):
            await opened(stack, tmp_path, settings(), port=port)


async def test_chat_when_a_token_is_set_is_telegram_for_its_owners_only(tmp_path):
    given = settings(telegram_token="1:abc", telegram_owners="7,8", telegram_viewers="9")
    async with AsyncExitStack() as stack:
        chat = await opened(stack, tmp_path, given, venue="binance")

        assert chat.new_page_url() is None
        assert chat._config.owners == {7, 8}
        assert chat._config.real_money
        assert not chat._config.local


@pytest.mark.parametrize(
    ("venue", "values", "allowed"),
    [
        ("sim", {}, True),
        ("binance", {}, False),
        ("binance-demo", {}, False),
        ("binance", {"localchat_live": True}, True),
    ],
)
async def test_local_chat_when_money_is_real_switches_live_only_if_allowed(
    tmp_path, venue, values, allowed
):
    async with AsyncExitStack() as stack:
        chat = await opened(stack, tmp_path, settings(**values), venue=venue)

        assert chat._config.allow_live is allowed
        assert chat._config.owners == {LOCAL_OPERATOR}


async def test_notices_when_told_before_the_chat_is_open_wait_for_it(tmp_path):
    async with AsyncExitStack() as stack:
        chat = await opened(stack, tmp_path, settings())

        chat.life("ready", "Scanning.")
        chat.alarm(AlarmKind.DATABASE, "The disk is full.")

        waiting = chat.notifier.inbox.peek(10)
        assert {notice.text for notice in waiting} == {"Scanning.", "The disk is full."}
        assert {notice.priority for notice in waiting} == {Priority.INFO, Priority.CRITICAL}
