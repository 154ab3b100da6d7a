import itertools

import pytest
from aiohttp import ClientSession

from bot.localchat.access import HEADERS, MAX_OPEN_CODES, Keyring
from tests.bot.localchat.support import BOT_TOKEN, Running


def make_keyring(token: str = "secret") -> Keyring:
    numbers = itertools.count()
    return Keyring(token, lambda: f"code-{next(numbers)}")


def test_code_when_redeemed_is_used_up() -> None:
    keyring = make_keyring()
    code = keyring.new_code()
    assert keyring.redeem(code)
    assert not keyring.redeem(code)
    assert not keyring.redeem("")


def test_codes_when_too_many_are_open_the_oldest_ends() -> None:
    keyring = make_keyring()
    codes = [keyring.new_code() for _ in range(MAX_OPEN_CODES + 1)]
    assert not keyring.redeem(codes[0])
    assert keyring.redeem(codes[1])


def test_keyring_when_asked_admits_token_and_page_key_only() -> None:
    keyring = make_keyring()
    assert keyring.admits("Bearer secret")
    assert keyring.admits(f"bearer {keyring.page_key}")
    for wrong in ("", "Bearer ", "secret", "Basic secret", "Bearer Secret", "Bearer sécret"):
        assert not keyring.admits(wrong)


def test_page_key_when_the_token_is_the_same_survives_a_restart() -> None:
    assert make_keyring().page_key == make_keyring().page_key
    assert make_keyring().page_key != make_keyring("other").page_key


def test_keyring_when_token_is_empty_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        make_keyring("")


async def status_of(running: Running, path: str, **headers: str) -> int:
    async with (
        ClientSession() as http,
        http.get(running.urls.api_base_url + path, headers=headers) as answer,
    ):
        return answer.status


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil:80"])
@pytest.mark.parametrize(
    "path", ["/", "/static/main.js", "/api/messages", f"/bot{BOT_TOKEN}/getMe"]
)
async def test_request_when_host_is_foreign_is_refused(
    running: Running, host: str, path: str
) -> None:
    assert await status_of(running, path, Host=host, **running.bearer) == 403


async def test_request_when_host_is_localhost_is_answered(running: Running) -> None:
    port = running.urls.api_base_url.rpartition(":")[2]
    assert await status_of(running, "/", Host=f"localhost:{port}") == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_operator_request_when_from_another_page_is_refused(
    running: Running, headers: dict[str, str]
) -> None:
    assert await status_of(running, "/api/messages", **headers, **running.bearer) == 403


async def test_operator_request_when_from_the_page_is_answered(running: Running) -> None:
    headers = {"Origin": running.urls.api_base_url, "Sec-Fetch-Site": "same-origin"}
    assert await status_of(running, "/api/messages", **headers, **running.bearer) == 200


@pytest.mark.parametrize("bearer", ["", "Bearer wrong", "Bearer ", "chat-secret"])
@pytest.mark.parametrize("path", ["/api/messages", "/api/changes", "/api/files/x", "/api/commands"])
async def test_operator_request_when_without_the_bearer_is_refused(
    running: Running, path: str, bearer: str
) -> None:
    assert await status_of(running, path, Authorization=bearer) == 401


@pytest.mark.parametrize("header", ["Origin", "Sec-Fetch-Site"])
async def test_bot_api_when_called_by_a_browser_is_refused(running: Running, header: str) -> None:
    assert await status_of(running, f"/bot{BOT_TOKEN}/getMe", **{header: "none"}) == 403


@pytest.mark.parametrize("path", ["/", "/static/chat.css", "/api/messages", "/nothing"])
async def test_answer_when_sent_carries_the_protecting_headers(running: Running, path: str) -> None:
    async with running.http.get(running.urls.api_base_url + path) as answer:
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    policy = HEADERS["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
