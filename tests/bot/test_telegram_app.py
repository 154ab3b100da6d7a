"""The whole front over real HTTP against the local Bot API server."""

import asyncio
import random
from collections.abc import Awaitable, Callable

import pytest

from bot import connection
from bot.context import TelegramConfig
from bot.desk import AskPnl, Period, PnlView
from bot.desk_why import AskWhy
from bot.localchat.server import LocalChat
from bot.notifier import TelegramNotifier
from bot.preferences import Kind, Loudness
from bot.telegram_app import TelegramFront
from engine.domain.commands import ClosePosition, Panic, Pause, SetMode, TakeSignal
from engine.domain.order import Book
from engine.domain.signal import Mode, Rule
from tests.bot.chat_kit import ChatKit, DotCharts, MemoryStore
from tests.bot.fake_desk import FakeDesk, book, position, snapshot
from tests.bot.localchat.support import BOT_TOKEN, CHAT_TOKEN, OPERATOR_ID
from tests.bot.notice_kit import (
    alarm,
    exit_notice,
    fill_notice,
    life,
    mode_changed,
    refused,
    signal_notice,
)
from tests.bot.pnl_kit import book_pnl
from tests.bot.why_kit import explanation
from tests.builders import signal
from tests.fake_clock import FakeClock

STRANGER_ID = 666


async def test_status_when_asked_shows_the_cockpit_with_buttons(kit: ChatKit):
    kit.desk.state = snapshot(positions=(position(),))

    message = await kit.say("/status")

    assert "10,012.40 USDT" in message.body.text
    labels = [b.text for row in message.keyboard for b in row]
    assert labels == ["Refresh", "Positions", "⏸ Pause"]


async def test_status_when_its_pause_is_pressed_stays_the_status(kit: ChatKit):
    message = await kit.say("/status")

    kit.desk.state = snapshot(paused="operator")
    changed = await kit.press(message, "Pause")

    assert isinstance(kit.desk.submitted[0], Pause)
    assert changed.message_id == message.message_id
    assert changed.body.text.startswith("⏸ paper")
    assert [b.text for row in changed.keyboard for b in row][-1] == "▶ Resume"


async def test_why_button_when_pressed_on_a_signal_explains_it_in_a_new_message(kit: ChatKit):
    kit.desk.explanation = explanation()
    signal = await kit.told(signal_notice())

    told = await kit.press(signal, "Why")

    assert told.message_id != signal.message_id
    assert told.body.text.startswith("🔼 Why BTCUSDT LONG")
    assert kit.desk.asked[-1] == AskWhy(signal_notice().signal.setup.setup_id)
    assert kit.button(told, "Chart").startswith("chart:BTCUSDT")


async def test_why_when_there_is_nothing_to_explain_says_so(kit: ChatKit):
    assert (await kit.say("/why btc")).body.text.startswith("No signals yet")


async def test_performance_when_a_period_is_pressed_shows_it(kit: ChatKit):
    kit.desk.pnl_view = PnlView(Period.ALL, (book_pnl(),))
    message = await kit.say("/performance")
    assert message.file is not None

    await kit.press(message, "week")

    assert kit.desk.asked == [AskPnl(Period.ALL), AskPnl(Period.WEEK)]


async def test_settings_when_changed_are_obeyed_and_survive_a_restart(kit: ChatKit):
    shown = await kit.say("/settings")
    silent = await kit.press(shown, "exits: on")
    await kit.press(silent, "exits: silent")

    await kit.front.stop()
    await kit.start_front()
    kit.notifier.notify(exit_notice())
    await kit.until(lambda: kit.store.state.get("exit:1") == "sent", "the mark")

    assert kit.front.front.preferences.current.loudness[Kind.EXITS] is Loudness.OFF
    assert len(kit.messages) == 1


async def test_take_when_pressed_enters_and_the_buttons_go(kit: ChatKit):
    asks = signal_notice(verdict=refused(signal(), Rule.APPROVAL, "waiting"))
    card = await kit.told(asks)
    key = asks.signal.setup.setup_id

    await kit.press(card, "Take")

    await kit.until(lambda: kit.messages[-1].message_id != card.message_id, "the receipt")
    assert [c.setup_id for c in kit.desk.submitted if isinstance(c, TakeSignal)] == [key]
    assert kit.messages[-1].body.text == "✅ Done: TakeSignal."
    left = kit.chat.conversation.store.get(card.message_id)
    assert [b.text for row in left.keyboard for b in row] == ["📈 Chart", "Why", "🔇 Mute 2 h"]
    assert left.file is not None


async def test_skip_when_pressed_only_takes_the_buttons_away(kit: ChatKit):
    card = await kit.told(signal_notice(verdict=refused(signal(), Rule.APPROVAL, "waiting")))

    left = await kit.press(card, "Skip")

    assert left.message_id == card.message_id
    assert [b.text for b in left.keyboard[0]] == ["📈 Chart", "Why", "🔇 Mute 2 h"]
    assert kit.desk.submitted == []


async def test_model_when_there_is_none_says_so(kit: ChatKit):
    text = (await kit.say("/model")).body.text

    assert text.startswith("Scorer: heuristic\nNo model is loaded: there is no model at models/.")
    assert "no probabilities" in text


async def test_menu_when_connected_is_set(kit: ChatKit):
    await kit.until(lambda: len(kit.chat.conversation.menu()) > 15, "the menu")

    assert kit.chat.conversation.menu()[0]["command"] == "status"


async def test_close_when_confirmed_turns_the_question_into_the_result(kit: ChatKit):
    kit.desk.state = snapshot(positions=(position(),))
    question = await kit.say("/close btc 50")
    assert kit.desk.submitted == []

    result = await kit.press(question, "Close 50 %")

    assert result.message_id == question.message_id
    assert result.body.text == "✅ Done: ClosePosition."
    assert result.keyboard == ()
    (command,) = kit.desk.submitted
    assert isinstance(command, ClosePosition)
    assert (command.symbol, command.share_pct) == ("BTCUSDT", 50)


async def test_confirmation_when_its_button_is_pressed_again_from_a_slow_phone_says_old(
    kit: ChatKit,
):
    kit.desk.state = snapshot(positions=(position(),))
    question = await kit.say("/close btc")
    data = kit.button(question, "Close 100 %")
    await kit.press_data(question, data)

    again = await kit.press_data(question, data, stale=True)

    assert "old or was used" in again.body.text
    assert len(kit.desk.submitted) == 1


async def test_confirmation_when_cancelled_does_nothing(kit: ChatKit):
    kit.desk.state = snapshot(positions=(position(),))

    result = await kit.press(await kit.say("/closeall"), "Cancel")

    assert result.body.text == "Cancelled, nothing was done."
    assert kit.desk.submitted == []


async def test_live_when_switched_on_takes_two_steps(kit: ChatKit):
    kit.desk.state = snapshot(books=(book(), book(Book.LIVE)))
    checklist = await kit.say("/live on")

    question = await kit.press(checklist, "Continue")
    assert kit.desk.submitted == []
    await kit.press(question, "Go live on embedded exchange")

    (command,) = kit.desk.submitted
    assert isinstance(command, SetMode)
    assert command.mode is Mode.LIVE


async def test_panic_when_typed_is_obeyed_at_once(kit: ChatKit):
    await kit.say("/panic")

    assert [type(c) for c in kit.desk.submitted] == [Panic]


async def test_position_button_when_pressed_asks_in_a_new_message(kit: ChatKit):
    kit.desk.state = snapshot(positions=(position(),))
    listed = await kit.say("/positions")

    question = await kit.press(listed, "Half")

    assert question.message_id != listed.message_id
    assert "Close 50 % of" in question.body.text


async def test_chart_when_asked_is_a_photo(kit: ChatKit):
    message = await kit.say("/chart btc")

    assert message.file is not None
    assert kit.charts.drawn[0].symbol == "BTCUSDT"


async def test_chart_when_the_renderer_fails_is_told_in_words(kit: ChatKit):
    kit.charts.broken = True

    message = await kit.say("/chart btc")

    assert message.file is None
    assert "could not be drawn" in message.body.text


# --- who may speak -------------------------------------------------------------------------------


async def test_stranger_when_speaking_gets_silence_and_is_counted(kit: ChatKit):
    kit.chat.conversation.say_as_stranger("/panic", STRANGER_ID)
    await kit.until(lambda: ("strangers", "1") in kit.front.meters(), "the count")

    assert kit.messages == []
    assert kit.desk.submitted == []


async def test_message_when_late_is_refused_but_pause_is_obeyed(kit: ChatKit):
    refusal = await kit.say("/resume", age_s=120)
    assert "older than 60 s" in refusal.body.text
    assert kit.desk.submitted == []

    await kit.say("/pause", age_s=120)
    assert [type(c) for c in kit.desk.submitted] == [Pause]


async def test_update_when_delivered_again_acts_once(kit: ChatKit):
    await kit.say("/pause")

    kit.chat.conversation.updates.redeliver(1)
    await kit.settle()

    assert len(kit.desk.submitted) == 1
    assert len(kit.messages) == 1


async def test_update_when_delivered_again_to_a_restarted_bot_acts_once(kit: ChatKit):
    await kit.say("/pause")
    await kit.front.stop()
    await kit.start_front()

    kit.chat.conversation.updates.redeliver(1)
    await kit.settle()

    assert len(kit.desk.submitted) == 1


async def test_text_when_no_command_is_answered_kindly(kit: ChatKit):
    assert "/help" in (await kit.say("hello there")).body.text


async def test_handler_when_it_fails_says_that_nothing_is_known_to_be_done(kit: ChatKit):
    kit.desk.trouble = KeyError("bug")

    message = await kit.say("/status")

    assert "Something went wrong" in message.body.text


def test_front_when_nobody_may_speak_refuses_to_be_built():
    store = MemoryStore()
    rng = random.Random(1)
    with pytest.raises(ValueError, match="SMCBOT_TELEGRAM_OWNERS"):
        TelegramFront(
            desk=FakeDesk(),
            clock=FakeClock(),
            rng=rng,
            config=TelegramConfig(token="1:x", owners=frozenset()),
            notifier=TelegramNotifier(store, rng),
            notices=store,
            state=store,
            charts=DotCharts(),
        )


# --- pushes --------------------------------------------------------------------------------------


async def test_notices_when_notified_are_told(kit: ChatKit):
    assert (await kit.told(life())).body.text == "Started in paper mode."
    assert (await kit.told(alarm(text="Loss <5 %"))).body.text == "🔴 Loss <5 %"


async def test_signal_when_notified_is_a_photo_and_what_follows_replies_to_it(kit: ChatKit):
    told = await kit.told(signal_notice())
    assert told.file is not None
    assert [b.text for row in told.keyboard for b in row] == ["📈 Chart", "Why", "🔇 Mute 2 h"]
    assert kit.charts.drawn[0].entry == 100.0

    filled = await kit.told(fill_notice())
    closed = await kit.told(exit_notice())

    assert filled.reply_to == told.message_id
    assert closed.reply_to == told.message_id


async def test_signals_when_a_burst_are_one_album_with_the_best(kit: ChatKit):
    burst = [signal_notice(f"{s}USDT") for s in ("BTC", "ETH", "DOGE", "SOL", "XMR")]

    first = await kit.told(*burst)
    await kit.until(lambda: len(kit.messages) == 3, "the album")

    assert first.body.text.startswith("5 signals, the best 3 pictured")
    assert first.album is not None
    await kit.until(lambda: set(kit.store.state.values()) == {"sent"}, "the marks")


async def test_signal_when_pictures_fail_is_told_as_text(kit: ChatKit):
    kit.charts.broken = True

    message = await kit.told(signal_notice())

    assert message.file is None
    assert "BTCUSDT LONG" in message.body.text


async def test_answered_mode_change_when_notified_too_is_not_repeated(kit: ChatKit):
    await kit.say("/pause")
    kit.notifier.notify(mode_changed(kit.desk.submitted[0].command_id))
    await kit.settle()

    assert len(kit.messages) == 1


# --- Telegram on a bad day -----------------------------------------------------------------------


async def test_flood_when_refused_by_telegram_is_waited_for(kit: ChatKit):
    kit.chat.faults.flood(1, method="sendMessage")

    kit.notifier.notify(alarm())
    await kit.until(lambda: ("slowed down", "1") in kit.front.meters(), "429")
    kit.clock.advance(5)

    await kit.until(lambda: kit.messages, "the notice")
    assert len(kit.messages) == 1


async def test_formatting_when_refused_is_sent_as_plain_text(kit: ChatKit):
    kit.chat.faults.refuse(400, "Bad Request: can't parse entities", method="sendMessage")

    message = await kit.told(exit_notice())

    assert message.body.entities == ()
    assert "BTCUSDT LONG target hit" in message.body.text


async def test_notice_when_telegram_breaks_is_told_after_all(kit: ChatKit):
    kit.chat.faults.break_gateway(502, method="sendMessage")

    message = await kit.told(life())

    assert message.body.text == "Started in paper mode."


async def test_notices_when_the_bot_stopped_before_sending_are_told_by_the_next(kit: ChatKit):
    await kit.front.stop()
    await kit.store.put([life()])

    await kit.start_front()

    await kit.until(lambda: kit.messages, "the notice of the former run")


async def test_last_words_when_stopping_are_sent(kit: ChatKit):
    await kit.until(lambda: ("connected", "yes") in kit.front.meters(), "the connection")
    kit.notifier.notify(life(text="Stopped."))

    await kit.front.stop()

    assert [m.body.text for m in kit.messages] == ["Stopped."]
    assert kit.charts.closed


async def test_connection_when_deaf_is_rebuilt_and_hears_again(
    kit: ChatKit, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(connection, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(connection, "CLOSE_WITHIN_S", 0.2)
    await kit.say("/status")
    kit.chat.faults.deafen()

    async def grow_old() -> bool:
        kit.clock.advance(30)
        await asyncio.sleep(0.05)
        return ("rebuilt", "1") in kit.front.meters()

    await eventually(grow_old)
    kit.chat.faults.hear()

    assert (await kit.say("/pause")).body.text == "✅ Done: Pause."


async def eventually(step: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(10):
        while not await step():
            pass


async def test_front_when_telegram_is_down_at_the_start_connects_later():
    clock = FakeClock()
    chat = LocalChat(clock, token=CHAT_TOKEN, operator_id=OPERATOR_ID, bot_token=BOT_TOKEN)
    urls = await chat.start()
    chat.faults.break_gateway(502)
    store, rng = MemoryStore(), random.Random(1)
    notifier = TelegramNotifier(store, rng)
    front = TelegramFront(
        desk=FakeDesk(),
        clock=clock,
        rng=rng,
        config=TelegramConfig(
            token=BOT_TOKEN, owners=frozenset({OPERATOR_ID}), base_url=urls.bot_base_url
        ),
        notifier=notifier,
        notices=store,
        state=store,
        charts=DotCharts(),
    )
    notifier.notify(life())

    await front.start()
    async with asyncio.timeout(10):
        await chat.conversation.store.wait_beyond(0, 10)

    await front.stop()
    await chat.stop()
