"""Updates as they really come: twice, late, from strangers, over a restart, beside a rival."""

import asyncio

import pytest
from telegram import Bot
from telegram.error import Conflict

from engine.domain.commands import ClosePosition, Panic, Pause, Resume
from tests.bot.fake_desk import position, snapshot
from tests.bot.localchat.support import BOT_TOKEN, OPERATOR_ID
from tests.bot.notice_kit import alarm
from tests.e2e.line import Line, line
from tests.e2e.operator import labels
from tests.system.idle_loop import on_idle_loop


def kinds(chat: Line) -> list[str]:
    """Names of the commands the desk was given."""
    return [type(command).__name__ for command in chat.fake.submitted]


async def heard_after(chat: Line, text: str, **how: float) -> str:
    """Let the operator's phone deliver a message as told; returns the answer."""
    mine = chat.page.conversation.say(text, **how).message_id
    await chat.operator.until(lambda: any(one["id"] > mine for one in chat.operator.heard))
    return next(one["text"] for one in chat.operator.heard if one["id"] > mine)


# --- twice ---------------------------------------------------------------------------------------


@on_idle_loop
async def test_update_when_delivered_thrice_acts_once_and_is_answered_once(tmp_path):
    async with line(tmp_path) as chat:
        await chat.operator.tell("/pause")

        for _ in range(2):
            assert chat.page.conversation.updates.redeliver(1) == 1
            await chat.operator.settle(3)

        assert kinds(chat) == ["Pause"]
        assert len(chat.operator.heard) == 1


@on_idle_loop
async def test_press_when_delivered_again_after_a_kill_acts_once(tmp_path):
    async with line(tmp_path) as chat:
        shown = await chat.operator.say("/status")
        await chat.operator.press(shown, "Pause")
        await chat.kill()
        chat.page.conversation.updates.redeliver(2)

        await chat.start()
        await chat.operator.settle(5)

        assert kinds(chat) == ["Pause"]


@on_idle_loop
async def test_command_when_the_bot_dies_before_its_answer_is_not_obeyed_again(tmp_path):
    async with line(tmp_path) as chat:
        chat.faults.delay(5, method="sendMessage")
        await chat.operator.write("/panic")
        await chat.until(lambda: chat.fake.submitted, "the panic")
        await chat.kill()
        chat.page.conversation.updates.redeliver(1)

        await chat.start()
        await chat.operator.settle(10)

        assert kinds(chat) == ["Panic"]


# --- late ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["/resume", "/mode paper", "/risk 0.5", "/closeall", "/live on"])
@on_idle_loop
async def test_command_when_older_than_60_s_is_refused(tmp_path, text):
    async with line(tmp_path) as chat:
        chat.fake.state = snapshot(positions=(position(),))

        assert "older than 60 s" in await heard_after(chat, text, age_s=61.0)
        assert chat.fake.submitted == []


@on_idle_loop
async def test_command_when_a_little_younger_than_60_s_is_obeyed(tmp_path):
    async with line(tmp_path) as chat:
        await heard_after(chat, "/resume", age_s=55.0)

        assert kinds(chat) == ["Resume"]


@on_idle_loop
async def test_pause_when_hours_old_pauses(tmp_path):
    async with line(tmp_path) as chat:
        await heard_after(chat, "/pause", age_s=7200.0)

        assert [type(one) for one in chat.fake.submitted] == [Pause]


@on_idle_loop
async def test_panic_when_old_pauses_asks_and_flattens_only_on_a_press(tmp_path):
    async with line(tmp_path) as chat:
        chat.fake.state = snapshot(positions=(position(),))
        await heard_after(chat, "/panic", age_s=120.0)
        question = chat.operator.heard[-1]
        assert kinds(chat) == ["Pause"]
        assert labels(question) == ["Close everything", "Cancel"]

        await chat.operator.press(question, "Close everything")

        assert [type(one) for one in chat.fake.submitted] == [Pause, Panic]


@on_idle_loop
async def test_message_when_from_the_future_is_refused(tmp_path):
    async with line(tmp_path) as chat:
        assert "older than 60 s" in await heard_after(chat, "/resume", age_s=-600.0)
        assert chat.fake.submitted == []


# --- over a restart ------------------------------------------------------------------------------


@on_idle_loop
async def test_command_when_written_while_the_bot_is_down_for_long_is_refused(tmp_path):
    async with line(tmp_path) as chat:
        await chat.kill()
        await chat.operator.write("/resume")
        await asyncio.sleep(300)

        await chat.start()
        await chat.operator.settle(3)

        assert "older than 60 s" in chat.operator.texts[-1]
        assert chat.fake.submitted == []


@on_idle_loop
async def test_acting_button_when_pressed_while_the_bot_is_down_is_not_obeyed(tmp_path):
    async with line(tmp_path) as chat:
        chat.fake.state = snapshot(paused="operator")
        shown = await chat.operator.say("/status")
        await chat.kill()
        await chat.operator.post("/api/press", {"message_id": shown["id"], "data": "resume"})
        await asyncio.sleep(300)

        await chat.start()
        await chat.operator.settle(3)

        assert chat.fake.submitted == []


@on_idle_loop
async def test_pause_button_when_pressed_while_the_bot_is_down_pauses(tmp_path):
    async with line(tmp_path) as chat:
        shown = await chat.operator.say("/status")
        await chat.kill()
        await chat.operator.post("/api/press", {"message_id": shown["id"], "data": "pause"})
        await asyncio.sleep(300)

        await chat.start()
        await chat.operator.settle(3)

        assert kinds(chat) == ["Pause"]


@on_idle_loop
async def test_acting_button_when_pressed_soon_after_a_start_is_obeyed(tmp_path):
    async with line(tmp_path) as chat:
        chat.fake.state = snapshot(paused="operator")
        shown = await chat.operator.say("/status")
        await chat.kill()
        await chat.start()

        await chat.operator.press(shown, "Resume")

        assert kinds(chat) == ["Resume"]


@on_idle_loop
async def test_acting_button_when_more_waited_than_is_shown_at_once_is_not_obeyed(tmp_path):
    async with line(tmp_path) as chat:
        chat.fake.state = snapshot(paused="operator")
        shown = await chat.operator.say("/status")
        await chat.kill()
        for number in range(120):
            chat.page.conversation.say_as_stranger("hello", 600 + number)
        await chat.operator.post("/api/press", {"message_id": shown["id"], "data": "resume"})
        await asyncio.sleep(300)

        await chat.start()
        await chat.operator.settle(3)

        assert chat.fake.submitted == []


@on_idle_loop
async def test_update_when_unreadable_is_skipped_and_the_next_is_answered(tmp_path):
    async with line(tmp_path) as chat:
        broken = {"message_id": "x", "date": None, "chat": 7}
        assert chat.page.conversation.updates.push("message", broken) is not None

        assert "10,012.40" in await chat.operator.tell("/status")


@on_idle_loop
async def test_confirmation_when_asked_by_a_former_run_is_old(tmp_path):
    async with line(tmp_path) as chat:
        chat.fake.state = snapshot(positions=(position(),))
        question = await chat.operator.say("/close btc")
        await chat.kill()
        await chat.start()

        pressed = await chat.operator.press(question, "Close 100 %")

        assert "old" in pressed.text
        assert chat.fake.submitted == []


# --- confirmations -------------------------------------------------------------------------------


async def question_of(chat: Line) -> dict[str, object]:
    chat.fake.state = snapshot(positions=(position(),))
    return await chat.operator.say("/close btc 50")


@on_idle_loop
async def test_confirmation_when_older_than_60_s_does_nothing_and_says_so(tmp_path):
    async with line(tmp_path) as chat:
        question = await question_of(chat)
        await asyncio.sleep(61)

        pressed = await chat.operator.press(question, "Close 50 %")

        assert "older than 60 s" in pressed.text
        assert pressed.toast
        assert chat.fake.submitted == []


@on_idle_loop
async def test_confirmation_when_pressed_twice_at_once_acts_once(tmp_path):
    async with line(tmp_path) as chat:
        question = await question_of(chat)
        data = question["buttons"][0][0]["data"]
        talk = chat.page.conversation
        first, second = (talk.press(question["id"], data) for _ in range(2))

        await chat.operator.reaction(first)
        await chat.operator.reaction(second)

        assert [type(one) for one in chat.fake.submitted] == [ClosePosition]


@on_idle_loop
async def test_confirmation_when_the_state_has_changed_is_refused(tmp_path):
    async with line(tmp_path) as chat:
        question = await question_of(chat)
        chat.fake.state = snapshot(positions=(position(qty=position().qty * 2),))

        pressed = await chat.operator.press(question, "Close 50 %")

        assert "things have changed" in pressed.text
        assert chat.fake.submitted == []


@on_idle_loop
async def test_confirmation_when_cancelled_cannot_be_pressed_any_more(tmp_path):
    async with line(tmp_path) as chat:
        question = await question_of(chat)
        data = question["buttons"][0][0]["data"]
        cancelled = await chat.operator.press(question, "Cancel")
        assert cancelled.text == "Cancelled, nothing was done."

        again = chat.page.conversation.press(question["id"], data, stale=True)
        pressed = await chat.operator.reaction(again)

        assert "old or was used" in (pressed.toast or "")
        assert chat.fake.submitted == []


@on_idle_loop
async def test_confirmation_when_another_owner_presses_it_does_nothing(tmp_path):
    other = 5
    async with line(tmp_path, owners=frozenset({OPERATOR_ID, other})) as chat:
        question = await question_of(chat)
        data = question["buttons"][0][0]["data"]
        push_press(chat, question, data, other)

        await chat.operator.settle(3)

        assert chat.fake.submitted == []
        mine = await chat.operator.press(question, "Close 50 %")
        assert "Done: ClosePosition" in mine.text


def push_press(chat: Line, item: dict[str, object], data: str, user_id: int) -> None:
    """Let somebody else press a button of theirs with data that is not."""
    person = {"id": user_id, "is_bot": False, "first_name": "Other"}
    message = {
        "message_id": item["id"],
        "date": chat.clock.wall_ms() // 1000,
        "chat": {"id": user_id, "type": "private"},
        "text": "x",
    }
    query = {"id": "1", "from": person, "chat_instance": "1", "data": data, "message": message}
    assert chat.page.conversation.updates.push("callback_query", query) is not None


# --- who speaks ----------------------------------------------------------------------------------


@on_idle_loop
async def test_stranger_when_writing_hears_nothing_and_the_owner_is_told_once_an_hour(tmp_path):
    async with line(tmp_path) as chat:
        for _ in range(3):
            for text in ("/panic", "/start", "hello"):
                chat.page.conversation.say_as_stranger(text, 666)
            await asyncio.sleep(600)
        await chat.operator.look()

        assert chat.fake.submitted == []
        assert len(chat.operator.heard) == 1
        assert chat.meters["strangers"] == "9"


@on_idle_loop
async def test_owner_when_writing_faster_than_anybody_can_is_slowed_but_panic_passes(tmp_path):
    async with line(tmp_path) as chat:
        for _ in range(30):
            await chat.operator.write("/mute")
        await chat.operator.write("/panic")
        await chat.operator.settle(60)

        answered = [one for one in chat.operator.heard if one["text"].startswith("Nothing is")]
        assert 15 <= len(answered) <= 17
        assert kinds(chat) == ["Panic"]


@on_idle_loop
async def test_viewer_when_acting_is_refused_and_when_looking_is_answered(tmp_path):
    async with line(tmp_path, owners=frozenset({5}), viewers=frozenset({OPERATOR_ID})) as chat:
        assert "10,012.40" in await chat.operator.tell("/status")
        for text in ("/pause", "/panic", "/closeall", "/risk 0.5", "/mode paper"):
            assert "You may look, not act" in await chat.operator.tell(text)
            await asyncio.sleep(2)

        assert chat.fake.submitted == []


# --- polling -------------------------------------------------------------------------------------


@on_idle_loop
async def test_second_poller_when_it_appears_is_counted_and_the_chat_goes_on_after_it(tmp_path):
    async with line(tmp_path) as chat:
        rival = Bot(BOT_TOKEN, base_url=chat.config.base_url)
        async with rival:
            for _ in range(4):
                try:
                    await rival.get_updates(timeout=3)
                except Conflict:
                    await asyncio.sleep(1)
        assert int(chat.meters["other pollers"]) >= 1

        assert "10,012.40" in await chat.operator.tell("/status")


@on_idle_loop
async def test_polling_when_refused_with_429_409_and_500_recovers(tmp_path):
    async with line(tmp_path) as chat:
        chat.faults.refuse(409, "Conflict: terminated by other getUpdates", method="getUpdates")
        chat.faults.refuse(500, "Internal Server Error", method="getUpdates")
        chat.faults.break_gateway(503, method="getUpdates")
        chat.faults.flood(8, method="getUpdates")
        await asyncio.sleep(12)

        assert "10,012.40" in (await chat.operator.say("/status", within_s=120))["text"]
        assert chat.meters["other pollers"] == "1"


@on_idle_loop
async def test_polling_when_deaf_for_90_s_is_rebuilt_and_hears_what_was_said_meanwhile(tmp_path):
    async with line(tmp_path) as chat:
        await chat.operator.tell("/status")
        chat.faults.deafen()
        began = asyncio.get_running_loop().time()
        await chat.until(lambda: chat.meters["rebuilt"] == "1", "the rebuilding", within_s=180)
        deaf_s = asyncio.get_running_loop().time() - began
        chat.faults.hear()

        assert "Done: Pause" in (await chat.operator.say("/pause", within_s=60))["text"]
        chat.notifier.notify(alarm())

        assert 80.0 <= deaf_s <= 110.0
        await chat.operator.until(lambda: any("Daily" in one for one in chat.operator.texts))


@on_idle_loop
async def test_notices_when_the_line_is_deaf_are_told_all_the_same(tmp_path):
    async with line(tmp_path) as chat:
        chat.faults.deafen()

        chat.notifier.notify(alarm())

        await chat.operator.until(lambda: chat.operator.heard, 5, "the alarm")


@on_idle_loop
async def test_resume_when_typed_right_after_it_was_deaf_is_obeyed(tmp_path):
    async with line(tmp_path) as chat:
        chat.faults.deafen()
        await chat.until(lambda: chat.meters["rebuilt"] == "1", "the rebuilding", within_s=180)
        chat.faults.hear()
        await chat.until(lambda: chat.meters["connected"] == "yes", "the connection")
        await asyncio.sleep(30)

        await chat.operator.tell("/resume")

        assert [type(one) for one in chat.fake.submitted] == [Resume]
