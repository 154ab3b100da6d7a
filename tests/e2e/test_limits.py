"""Telegram's limits and refusals, made by the server and met over HTTP."""

import asyncio

from bot.notifier import TelegramNotifier
from engine.domain.notices import Priority
from tests.bot.fake_desk import position, snapshot
from tests.bot.notice_kit import alarm, exit_notice, life, signal_notice
from tests.e2e.line import Line, line
from tests.system.idle_loop import on_idle_loop

SEND = "sendMessage"
EDIT = "editMessageText"


async def told(chat: Line, text: str, within_s: float = 60.0) -> None:
    """Wait until the operator reads a text."""
    await chat.operator.until(
        lambda: any(text in one for one in chat.operator.texts), within_s, repr(text)
    )


def count(chat: Line, text: str) -> int:
    """How many of the bot's messages hold a text."""
    return sum(text in one for one in chat.operator.texts)


# --- 429 -----------------------------------------------------------------------------------------


@on_idle_loop
async def test_notice_when_refused_with_429_comes_after_the_wait_and_once(tmp_path):
    async with line(tmp_path) as chat:
        chat.faults.flood(17, method=SEND)
        began = asyncio.get_running_loop().time()

        chat.notifier.notify(alarm())
        await told(chat, "Daily loss")

        waited = asyncio.get_running_loop().time() - began
        assert 17.0 <= waited < 20.0
        await chat.operator.settle(5)
        assert count(chat, "Daily loss") == 1
        assert chat.meters["slowed down"] == "1"


@on_idle_loop
async def test_command_when_its_answer_is_refused_with_429_is_answered_after_the_wait(tmp_path):
    async with line(tmp_path) as chat:
        chat.faults.flood(9, method=SEND)

        assert "10,012.40" in await chat.operator.tell("/status")
        assert chat.meters["slowed down"] == "1"


@on_idle_loop
async def test_question_when_its_edit_is_refused_with_429_still_turns_into_the_result(tmp_path):
    async with line(tmp_path) as chat:
        chat.fake.state = snapshot(positions=(position(),))
        question = await chat.operator.say("/close btc")
        chat.faults.flood(6, method=EDIT)

        pressed = await chat.operator.press(question, "Close 100 %")
        await told(chat, "✅ Done: ClosePosition.")

        assert pressed.changed == ()  # not yet: Telegram wanted silence
        assert len(chat.fake.submitted) == 1


@on_idle_loop
async def test_live_message_when_refused_with_429_gives_way_and_goes_on_later(tmp_path):
    async with line(tmp_path) as chat:
        await chat.operator.say("/status")
        chat.fake.state = snapshot(paused="operator")
        chat.faults.flood(15, method=EDIT)

        await told(chat, "⏸", within_s=60)

        assert chat.operator.edits == 1


@on_idle_loop
async def test_many_commands_when_sent_at_once_cause_no_429(tmp_path):
    async with line(tmp_path) as chat:
        for _ in range(12):
            await chat.operator.write("/positions")
        await chat.operator.until(lambda: len(chat.operator.heard) == 12, 30, "the answers")

        assert chat.page.conversation.throttle.refused == 0


# --- 400 -----------------------------------------------------------------------------------------


@on_idle_loop
async def test_notice_when_its_markup_is_refused_comes_as_plain_text(tmp_path):
    async with line(tmp_path) as chat:
        chat.faults.refuse(400, "Bad Request: can't parse entities: byte offset 7", method=SEND)

        chat.notifier.notify(exit_notice())
        await told(chat, "BTCUSDT LONG target hit")

        (item,) = chat.operator.heard
        assert item["entities"] == []
        assert "<" not in item["text"]


@on_idle_loop
async def test_answer_when_its_markup_is_refused_comes_as_plain_text_with_its_buttons(tmp_path):
    async with line(tmp_path) as chat:
        chat.faults.refuse(400, "Bad Request: can't parse entities", method=SEND)

        item = await chat.operator.say("/status")

        assert item["entities"] == []
        assert item["buttons"]


@on_idle_loop
async def test_notice_when_refused_for_good_is_dropped_and_the_next_goes_on(tmp_path):
    async with line(tmp_path) as chat:
        chat.faults.refuse(400, "Bad Request: MESSAGE_IMPOSSIBLE", method=SEND)

        chat.notifier.notify(alarm("1", "Never read."))
        await chat.until(lambda: chat.meters["refused"] == "1", "the refusal")
        chat.notifier.notify(alarm("2", "Read."))
        await told(chat, "Read.")

        assert count(chat, "Never read.") == 0
        await chat.drained()


@on_idle_loop
async def test_picture_when_refused_is_told_in_words(tmp_path):
    async with line(tmp_path) as chat:
        chat.faults.refuse(400, "Bad Request: IMAGE_PROCESS_FAILED", method="sendPhoto", times=9)

        chat.notifier.notify(signal_notice())

        await told(chat, "BTCUSDT LONG")
        assert chat.operator.heard[0]["photo"] is None


@on_idle_loop
async def test_notices_when_the_operator_has_blocked_the_bot_wait_for_the_end_of_it(tmp_path):
    async with line(tmp_path) as chat:
        chat.faults.refuse(403, "Forbidden: bot was blocked by the user", method=SEND, times=2)

        chat.notifier.notify(alarm())
        await told(chat, "Daily loss", within_s=200)

        assert count(chat, "Daily loss") == 1


# --- 5xx and lost connections --------------------------------------------------------------------


@on_idle_loop
async def test_notices_when_the_gateway_breaks_for_a_while_all_come_once(tmp_path):
    async with line(tmp_path) as chat:
        chat.faults.break_gateway(502, method=SEND, times=3)
        chat.faults.refuse(500, "Internal Server Error", method=SEND, times=2)

        chat.notifier.notify(alarm("1", "First."))
        chat.notifier.notify(life("2", "Second."))
        await told(chat, "First.", within_s=120)
        await told(chat, "Second.", within_s=120)
        await chat.operator.settle(60)

        assert (count(chat, "First."), count(chat, "Second.")) == (1, 1)
        await chat.drained()


@on_idle_loop
async def test_critical_notice_when_its_answer_is_lost_is_repeated_no_oftener_than_that(tmp_path):
    async with line(tmp_path) as chat:
        chat.faults.lose_answer(method=SEND, times=2)

        chat.notifier.notify(alarm())
        await told(chat, "Daily loss")
        await chat.operator.settle(120)

        # At least once is the rule: silence is worse than a repetition. Twice lost, thrice told.
        assert count(chat, "Daily loss") == 3
        await chat.drained()


@on_idle_loop
async def test_critical_notice_when_the_answer_is_late_is_told_again_but_in_the_end_is_settled(
    tmp_path,
):
    async with line(tmp_path) as chat:
        chat.faults.delay(40, method=SEND)

        chat.notifier.notify(alarm())
        await told(chat, "Daily loss")
        await chat.operator.settle(120)

        assert count(chat, "Daily loss") <= 2
        await chat.drained()


@on_idle_loop
async def test_answer_when_the_gateway_breaks_once_is_not_lost(tmp_path):
    async with line(tmp_path) as chat:
        chat.faults.break_gateway(502, method=SEND)

        assert "10,012.40" in await chat.operator.tell("/status")


@on_idle_loop
async def test_result_when_the_gateway_breaks_is_shown_and_the_command_obeyed_once(tmp_path):
    async with line(tmp_path) as chat:
        chat.fake.state = snapshot(positions=(position(),))
        question = await chat.operator.say("/close btc")
        chat.faults.break_gateway(502, method=EDIT)

        await chat.operator.press(question, "Close 100 %")
        await told(chat, "✅ Done: ClosePosition.")

        assert len(chat.fake.submitted) == 1


@on_idle_loop
async def test_result_when_the_question_was_deleted_comes_as_a_message(tmp_path):
    async with line(tmp_path) as chat:
        chat.fake.state = snapshot(positions=(position(),))
        question = await chat.operator.say("/close btc")
        gone = "Bad Request: message to edit not found"
        chat.faults.refuse(400, gone, method=EDIT, times=2)

        pressed = await chat.operator.press(question, "Close 100 %")

        assert pressed.item["id"] > question["id"]
        assert pressed.text == "✅ Done: ClosePosition."


@on_idle_loop
async def test_press_when_the_end_of_waiting_cannot_be_told_acts_all_the_same(tmp_path):
    async with line(tmp_path) as chat:
        shown = await chat.operator.say("/status")
        chat.faults.break_gateway(502, method="answerCallbackQuery", times=9)
        press = {"message_id": shown["id"], "data": "pause"}

        await chat.operator.post("/api/press", press)
        await chat.until(lambda: chat.fake.submitted, "the pause")


@on_idle_loop
async def test_commands_when_nothing_can_be_sent_are_obeyed(tmp_path):
    async with line(tmp_path) as chat:
        chat.faults.break_gateway(502, method=SEND, times=50)

        await chat.operator.write("/panic")
        await chat.until(lambda: chat.fake.submitted, "the panic", within_s=5)


# --- the queue over restarts ---------------------------------------------------------------------


@on_idle_loop
async def test_outbox_when_the_bot_is_killed_before_sending_is_told_by_the_next_in_order(tmp_path):
    async with line(tmp_path) as chat:
        chat.faults.break_gateway(502, method=SEND, times=999)
        chat.notifier.notify(life("1", "Later."))
        chat.notifier.notify(alarm("1", "At once."))
        await chat.until(lambda: not len(chat.notifier.inbox), "the outbox")
        await chat.kill()
        chat.faults.clear()
        assert chat.operator.heard == []

        await chat.start()
        await told(chat, "Later.")

        assert chat.operator.texts == ["🔴 At once.", "Later."]
        await chat.drained()


@on_idle_loop
async def test_outbox_when_the_bot_was_killed_after_sending_repeats_nothing(tmp_path):
    async with line(tmp_path) as chat:
        chat.notifier.notify(alarm())
        await told(chat, "Daily loss")
        await chat.operator.settle(1)
        await chat.kill()

        await chat.start()
        chat.notifier.notify(alarm())  # the engine tells it again after its own restart
        await chat.operator.settle(30)

        assert count(chat, "Daily loss") == 1


@on_idle_loop
async def test_outbox_when_many_wait_tells_critical_ones_first(tmp_path):
    async with line(tmp_path, started=False) as chat:
        notices = [life(str(i), f"News {i}.") for i in range(20)]
        assert notices[0].priority is Priority.INFO
        await chat.start()
        notifier: TelegramNotifier = chat.notifier

        for notice in (*notices, alarm(text="Now.")):
            notifier.notify(notice)
        await told(chat, "Now.", within_s=5)

        assert len(chat.operator.heard) < 8
