import asyncio

import pytest
from aiohttp import ClientError, ClientSession

from bot.localchat.server import ChatPortTakenError, LocalChat, new_secret
from tests.bot.localchat.support import BOT_TOKEN, CHAT_TOKEN, OPERATOR_ID, HandClock, Running


def make_chat(**options: object) -> LocalChat:
    values: dict[str, object] = {
        "token": CHAT_TOKEN,
        "operator_id": OPERATOR_ID,
        "bot_token": BOT_TOKEN,
    }
    return LocalChat(HandClock(), **(values | options))  # type: ignore[arg-type]


@pytest.mark.parametrize("host", ["0.0.0.0", "", "::", "192.168.1.2", "example.org"])
def test_chat_when_host_is_not_loopback_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match=r"allowed are 127\.0\.0\.1, localhost, ::1"):
        make_chat(host=host)


def test_chat_when_settings_are_wrong_is_refused() -> None:
    with pytest.raises(ValueError, match="chat token is empty"):
        make_chat(token="")
    with pytest.raises(ValueError, match="bot token"):
        make_chat(bot_token="nope")


async def test_start_when_done_tells_where_everything_is(running: Running) -> None:
    urls = running.urls
    assert urls.api_base_url.startswith("http://127.0.0.1:")
    assert urls.page_url.startswith(f"{urls.api_base_url}/#code=")
    assert urls.bot_base_url == f"{urls.api_base_url}/bot"
    assert urls.bot_file_url == f"{urls.api_base_url}/file/bot"


async def test_start_when_the_port_is_taken_says_so(running: Running) -> None:
    port = int(running.urls.api_base_url.rpartition(":")[2])
    with pytest.raises(ChatPortTakenError, match=f"127.0.0.1:{port}"):
        await make_chat(port=port).start()


async def test_stop_when_requests_wait_ends_them_soon() -> None:
    chat = make_chat()
    urls = await chat.start()
    bearer = {"Authorization": f"Bearer {CHAT_TOKEN}"}
    chat.conversation.say("x")
    async with ClientSession(urls.api_base_url) as http:
        waits = [
            asyncio.ensure_future(http.post(f"/bot{BOT_TOKEN}/getUpdates?offset=-1&timeout=50")),
            asyncio.ensure_future(
                http.get("/api/messages?after=9999999999&wait=50", headers=bearer)
            ),
        ]
        chat.conversation.updates.clear()
        await asyncio.sleep(0.05)
        await asyncio.wait_for(chat.stop(), 5)
        for result in await asyncio.gather(*waits, return_exceptions=True):
            if not isinstance(result, BaseException):
                result.release()
        with pytest.raises(ClientError):
            await http.get("/")


async def test_stop_when_called_twice_or_before_start_is_harmless() -> None:
    chat = make_chat()
    await chat.stop()
    await chat.stop()


async def test_page_url_when_asked_again_has_another_code(running: Running) -> None:
    assert running.chat.new_page_url() != running.urls.page_url


async def test_chat_when_given_a_source_of_secrets_is_repeatable() -> None:
    chat = make_chat(secret_source=lambda: "fixed")
    urls = await chat.start()
    assert urls.page_url.endswith("#code=fixed")
    await chat.stop()


def test_new_secret_when_called_is_long_and_different() -> None:
    secrets = {new_secret() for _ in range(20)}
    assert len(secrets) == 20
    assert min(map(len, secrets)) == 32
