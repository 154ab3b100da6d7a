import json
import logging
from typing import Any

import pytest
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter

from bot.connection import (
    Connection,
    HearingRequest,
    digestible,
    pause_after,
    quiet_loggers,
)
from bot.context import TelegramConfig
from bot.localchat.server import LocalChat
from bot.seen import SeenUpdates
from bot.sender import Sender
from bot.throttle import ChatRateLimiter
from tests.bot.chat_kit import MemoryStore
from tests.bot.localchat.support import BOT_TOKEN, CHAT_TOKEN, OPERATOR_ID
from tests.fake_clock import FakeClock


class NoHandlers:
    """A dispatcher that registers nothing."""

    def __init__(self, clock: FakeClock) -> None:
        self.seen = SeenUpdates(MemoryStore(), clock, "1")

    def register(self, application: Any) -> None:
        pass


def connection(clock: FakeClock, **config: Any) -> Connection:
    values = {"token": BOT_TOKEN, "owners": frozenset({OPERATOR_ID})} | config
    return Connection(
        TelegramConfig(**values),
        clock,
        ChatRateLimiter(clock),
        NoHandlers(clock),  # type: ignore[arg-type]
        Sender(),
    )


async def test_connection_when_telegram_is_down_closes_what_it_opened():
    clock = FakeClock()
    chat = LocalChat(clock, token=CHAT_TOKEN, operator_id=OPERATOR_ID, bot_token=BOT_TOKEN)
    urls = await chat.start()
    chat.faults.break_gateway(502)
    opened = connection(clock, base_url=urls.bot_base_url)

    with pytest.raises(NetworkError):
        await opened.run(greet=_nobody)

    assert all(request._client.is_closed for request in opened._requests)
    await chat.stop()


async def _nobody(_: object) -> None:
    raise AssertionError("nobody to greet")


def test_poll_errors_when_met_are_counted_or_logged(caplog: pytest.LogCaptureFixture):
    opened = connection(FakeClock())

    for error in (Conflict("x"), InvalidToken(), NetworkError("y"), Conflict("x")):
        opened._on_poll_error(error)

    assert opened.conflicts == 2


def test_silence_when_measured_is_since_the_last_success():
    clock = FakeClock()
    opened = connection(clock)
    clock.advance(12)
    assert opened.silent_for_s() == 12

    opened._hear()
    assert opened.silent_for_s() == 0


async def test_request_when_it_fails_was_not_heard():
    heard: list[bool] = []
    request = HearingRequest(lambda: heard.append(True))
    await request.initialize()
    clock = FakeClock()
    chat = LocalChat(clock, token=CHAT_TOKEN, operator_id=OPERATOR_ID, bot_token=BOT_TOKEN)
    urls = await chat.start()

    await request.do_request(f"{urls.bot_base_url}1:wrong/getMe", "POST")
    assert heard == []
    await request.do_request(f"{urls.bot_base_url}{BOT_TOKEN}/getMe", "POST")
    assert heard == [True]

    await request.shutdown()
    await chat.stop()


def test_pause_when_telegram_names_one_is_that_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PTB_TIMEDELTA", "true")

    assert pause_after(RetryAfter(17), 1.0) == 17.0
    assert pause_after(InvalidToken(), 1.0) == 60.0
    assert pause_after(NetworkError("x"), 1.5) == 1.5


def test_loggers_when_quiet_do_not_print_request_lines(caplog: pytest.LogCaptureFixture):
    quiet_loggers()

    logging.getLogger("httpx").info("POST https://api.telegram.org/bot1:secret/getMe")

    assert caplog.records == []


# --- what cannot be read -------------------------------------------------------------------------

MESSAGE = {
    "message_id": 5,
    "date": 1_790_000_000,
    "chat": {"id": 7, "type": "private"},
    "from": {"id": 7, "is_bot": False, "first_name": "Ada"},
    "text": "/status",
}


def reply(*messages: object) -> bytes:
    updates = [{"update_id": i, "message": one} for i, one in enumerate(messages, start=1)]
    return json.dumps({"ok": True, "result": updates}).encode()


def test_reply_when_every_update_is_readable_stays_byte_for_byte():
    body = reply(MESSAGE, MESSAGE)

    assert digestible(body) is body


@pytest.mark.parametrize(
    "wrong",
    [
        {"chat": {"id": [7], "type": "private"}},
        {"date": None},
        {"date": "soon"},
        {"text": 5},
        {"from": {"id": "7", "is_bot": False, "first_name": "Ada"}},
        {"forward_origin": {}},
        {"message_id": 1.5},
    ],
)
def test_reply_when_an_update_is_unreadable_has_a_blank_in_its_place(wrong):
    updates = json.loads(digestible(reply(MESSAGE, MESSAGE | wrong, MESSAGE)))["result"]

    assert [sorted(update) for update in updates] == [
        ["message", "update_id"],
        ["update_id"],
        ["message", "update_id"],
    ]


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"ok": true, "result": 5}', b"\xff"])
def test_reply_when_it_is_none_is_left_to_the_library(body):
    assert digestible(body) == body
