"""The HTTP side: tokens, polling, faults; and a whole Application running against it."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from aiohttp import ClientError
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TimedOut,
)
from telegram.ext import Application, CallbackQueryHandler, CommandHandler, ContextTypes

from bot.localchat.botapi.server import METHODS
from tests.bot.localchat.support import BOT_TOKEN, OPERATOR_ID, Running

BUTTONS = InlineKeyboardMarkup([[InlineKeyboardButton("Go", callback_data="go")]])


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - the state changes behind real sockets
            await asyncio.sleep(0.01)


async def test_call_when_token_is_wrong_is_401(running: Running) -> None:
    answer = await running.call("getMe", token="900001:wrong")
    assert (answer["error_code"], answer["description"]) == (401, "Unauthorized")
    url = f"{running.urls.bot_file_url}900001:wrong/photos/photo-1/x.png"
    async with running.http.get(url) as download:
        assert download.status == 401


async def test_library_when_token_is_wrong_reports_an_invalid_token(running: Running) -> None:
    bot = Bot("900001:wrong", base_url=running.urls.bot_base_url)
    with pytest.raises(InvalidToken):
        await bot.initialize()
    await bot.shutdown()


async def test_call_when_method_is_unknown_is_404(running: Running) -> None:
    answer = await running.call("sendVideo", chat_id=OPERATOR_ID)
    assert (answer["error_code"], answer["description"]) == (404, "Not Found: method not found")


async def test_call_when_method_is_written_in_any_case_is_understood(running: Running) -> None:
    assert (await running.call("GETME"))["ok"]
    assert all(name == name.lower() for name in METHODS)


async def test_download_when_file_is_unknown_is_404(running: Running) -> None:
    async with running.http.get(f"{running.urls.bot_file_url}{BOT_TOKEN}/a/b/c") as answer:
        assert answer.status == 404


async def test_updates_when_polled_come_in_order_until_confirmed(
    telegram_bot: Bot, running: Running
) -> None:
    for text in ("/a", "/b"):
        running.chat.conversation.say(text)
    updates = await telegram_bot.get_updates()
    assert [u.message.text for u in updates if u.message] == ["/a", "/b"]
    assert await telegram_bot.get_updates(offset=updates[-1].update_id + 1) == ()


async def test_updates_when_waited_for_come_with_the_message(
    telegram_bot: Bot, running: Running
) -> None:
    waiting = asyncio.ensure_future(telegram_bot.get_updates(timeout=30))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    running.chat.conversation.say("/now")
    [update] = await asyncio.wait_for(waiting, 5)
    assert update.message is not None
    assert update.message.text == "/now"


async def test_updates_when_limited_or_filtered_obey(telegram_bot: Bot, running: Running) -> None:
    await telegram_bot.get_updates(allowed_updates=["callback_query"])
    running.chat.conversation.say("/dropped")
    await telegram_bot.get_updates(allowed_updates=[])
    for text in ("/a", "/b"):
        running.chat.conversation.say(text)
    [update] = await telegram_bot.get_updates(limit=1)
    assert update.message is not None
    assert update.message.text == "/a"
    for wrong in ("{", "5"):
        answer = await running.call("getUpdates", allowed_updates=wrong)
        assert answer["error_code"] == 400


async def test_poller_when_a_second_one_comes_gets_conflict(
    telegram_bot: Bot, running: Running
) -> None:
    older = asyncio.ensure_future(telegram_bot.get_updates(timeout=30))
    await asyncio.sleep(0.05)
    newer = asyncio.ensure_future(running.call("getUpdates", timeout=30))
    with pytest.raises(Conflict, match="terminated by other getUpdates request"):
        await asyncio.wait_for(older, 5)
    running.chat.conversation.say("/x")
    assert len((await newer)["result"]) == 1


@pytest.mark.parametrize(
    ("code", "error"),
    [(400, BadRequest), (403, Forbidden), (409, Conflict), (500, NetworkError)],
)
async def test_fault_when_a_refusal_is_planned_the_library_raises_its_error(
    telegram_bot: Bot, running: Running, code: int, error: type[Exception]
) -> None:
    running.chat.faults.refuse(code, "Planned: refusal", method="sendMessage")
    with pytest.raises(error):
        await telegram_bot.send_message(OPERATOR_ID, "x")
    await telegram_bot.send_message(OPERATOR_ID, "x")


async def test_fault_when_a_flood_is_planned_the_library_is_told_to_wait(
    telegram_bot: Bot, running: Running
) -> None:
    running.chat.faults.flood(600, times=2)
    for _ in range(2):
        with pytest.raises(RetryAfter) as caught:
            await telegram_bot.send_message(OPERATOR_ID, "x")
        assert caught.value.retry_after == timedelta(minutes=10)
    assert running.chat.conversation.store.after(0) == []


async def test_fault_when_the_gateway_breaks_the_answer_is_html(
    telegram_bot: Bot, running: Running
) -> None:
    running.chat.faults.break_gateway(504)
    with pytest.raises(NetworkError):
        await telegram_bot.get_me()
    await telegram_bot.get_me()


async def test_fault_when_the_answer_is_lost_the_message_is_there_all_the_same(
    telegram_bot: Bot, running: Running
) -> None:
    running.chat.faults.lose_answer(method="sendMessage")
    with pytest.raises(NetworkError):
        await telegram_bot.send_message(OPERATOR_ID, "once")
    assert [m.body.text for m in running.chat.conversation.store.after(0)] == ["once"]


async def test_fault_when_the_answer_is_late_the_client_times_out(
    telegram_bot: Bot, running: Running
) -> None:
    running.chat.faults.delay(30, method="getMe")
    with pytest.raises(TimedOut):
        await telegram_bot.get_me(read_timeout=0.05)


async def test_fault_when_deaf_polls_hang_until_hearing(running: Running) -> None:
    running.chat.faults.deafen()
    running.chat.conversation.say("/x")
    waiting = asyncio.ensure_future(running.call("getUpdates", timeout=1))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    assert (await running.call("getMe"))["ok"]
    running.chat.faults.hear()
    with pytest.raises(ClientError):
        await asyncio.wait_for(waiting, 5)
    assert len((await running.call("getUpdates"))["result"]) == 1


class Echo:
    """A small bot of two handlers, with the real Application around it."""

    def __init__(self, running: Running) -> None:
        self.seen: list[str] = []
        builder = Application.builder().token(BOT_TOKEN).job_queue(None)
        builder = builder.base_url(running.urls.bot_base_url)
        self.app = builder.base_file_url(running.urls.bot_file_url).build()
        self.app.add_handler(CommandHandler("start", self.start))
        self.app.add_handler(CallbackQueryHandler(self.pressed))

    async def start(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None
        self.seen.append(update.message.text or "")
        await update.message.reply_html("<b>Welcome</b>", reply_markup=BUTTONS)

    async def pressed(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        query = update.callback_query
        assert query is not None
        self.seen.append(query.data or "")
        await query.answer("Thanks")
        await query.edit_message_text("Done")

    async def __aenter__(self) -> "Echo":
        await self.app.initialize()
        await self.app.start()
        assert self.app.updater is not None
        await self.app.updater.start_polling()
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self.app.updater is not None
        await self.app.updater.stop()
        await self.app.stop()
        await self.app.shutdown()


async def test_application_when_the_operator_writes_and_presses_answers_in_place(
    running: Running,
) -> None:
    store = running.chat.conversation.store
    async with Echo(running) as echo:
        _, said = await running.post("/api/messages", {"text": "/start"})
        _, [item] = await running.get(f"/api/messages?after={said['id']}&wait=5")
        assert item["text"] == "Welcome"
        await running.post("/api/press", {"message_id": item["id"], "data": "go"})
        await until(lambda: store.after(0)[-1].body.text == "Done")
        assert echo.seen == ["/start", "go"]


async def test_application_when_updates_are_redelivered_sees_them_twice(running: Running) -> None:
    async with Echo(running) as echo:
        running.chat.conversation.say("/start")
        await until(lambda: len(echo.seen) == 1)
        await until(lambda: len(running.chat.conversation.updates) == 0)
        assert running.chat.conversation.updates.redeliver(1) == 1
        await until(lambda: len(echo.seen) == 2)
        assert len(running.chat.conversation.store.after(0)) >= 2
