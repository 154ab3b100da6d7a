"""The wire to the chat, over real HTTP with the library's own client."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from telegram.error import BadRequest
from telegram.ext import ApplicationBuilder

from bot.context import Button
from bot.localchat.content.messages import ChatMessage
from bot.localchat.server import LocalChat
from bot.sender import Sender, Unreachable, markup
from bot.throttle import ChatRateLimiter, Urgency
from tests.bot.localchat.support import BOT_TOKEN, CHAT_TOKEN, OPERATOR_ID, png
from tests.fake_clock import FakeClock


class Wire:
    """A sender connected to a local chat."""

    def __init__(self, chat: LocalChat, sender: Sender, clock: FakeClock) -> None:
        self.chat = chat
        self.clock = clock
        self.sender = sender

    def message(self, message_id: int) -> ChatMessage:
        found = self.chat.conversation.store.get(message_id)
        assert found is not None
        return found


@pytest.fixture
async def wire(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Wire]:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    clock = FakeClock()
    chat = LocalChat(clock, token=CHAT_TOKEN, operator_id=OPERATOR_ID, bot_token=BOT_TOKEN)
    urls = await chat.start()
    builder = ApplicationBuilder().token(BOT_TOKEN).base_url(urls.bot_base_url).job_queue(None)
    application = builder.rate_limiter(ChatRateLimiter(clock)).build()
    async with application:
        sender = Sender()
        sender.connect(application.bot)
        yield Wire(chat, sender, clock)
    await chat.stop()


async def test_text_when_sent_has_format_buttons_and_reply(wire: Wire):
    first = await wire.sender.send(OPERATOR_ID, "one")
    second = await wire.sender.send(
        OPERATOR_ID, "<b>two</b>", keyboard=((Button("Go", "go"),),), reply_to=first, silent=True
    )

    message = wire.message(second)
    assert message.body.text == "two"
    assert message.body.entities
    assert message.reply_to == first
    assert message.silent
    assert message.keyboard[0][0].data == "go"


async def test_text_when_too_long_is_cut_and_sent(wire: Wire):
    message = wire.message(await wire.sender.send(OPERATOR_ID, "<b>line</b>\n" * 900))

    assert message.body.text.endswith("… cut")


async def test_caption_when_too_long_is_cut_and_sent(wire: Wire):
    message_id = await wire.sender.send(OPERATOR_ID, "word\n" * 900, picture=png())

    message = wire.message(message_id)
    assert message.file is not None
    assert len(message.body.text) <= 1024


async def test_formatting_when_refused_is_sent_as_plain_text(wire: Wire):
    message = wire.message(await wire.sender.send(OPERATOR_ID, "<blink>5 &lt; 6</blink>"))

    assert message.body.text == "<blink>5 < 6</blink>"


async def test_album_when_sent_has_the_caption_on_its_first_picture(wire: Wire):
    first = await wire.sender.album(
        OPERATOR_ID, [png(), png(9, 9)], "<i>two</i>", urgency=Urgency.URGENT
    )

    both = wire.chat.conversation.store.after(first - 1)
    assert [m.body.text for m in both] == ["two", ""]


async def test_reply_when_the_message_is_gone_is_sent_without(wire: Wire):
    message = wire.message(await wire.sender.send(OPERATOR_ID, "late", reply_to=1))

    assert message.reply_to is None


async def test_edit_when_equal_is_fine_and_when_gone_is_an_error(wire: Wire):
    message_id = await wire.sender.send(OPERATOR_ID, "one")

    await wire.sender.edit(OPERATOR_ID, message_id, "one")
    await wire.sender.edit(OPERATOR_ID, message_id, "<b>two</b>")

    assert wire.message(message_id).body.text == "two"
    with pytest.raises(BadRequest):
        await wire.sender.edit(OPERATOR_ID, 1, "gone")


@pytest.mark.parametrize(
    ("code", "text"),
    [(400, "Bad Request: chat not found"), (403, "Forbidden: bot was blocked by the user")],
)
async def test_message_when_nobody_is_there_says_so(wire: Wire, code: int, text: str):
    wire.chat.faults.refuse(code, text, method="sendMessage")
    with pytest.raises(Unreachable):
        await wire.sender.send(OPERATOR_ID, "hello")

    wire.chat.faults.refuse(code, text, method="sendMediaGroup")
    with pytest.raises(Unreachable):
        await wire.sender.album(OPERATOR_ID, [png(), png()], "x", urgency=Urgency.URGENT)


async def test_message_when_refused_for_another_reason_is_not_sent_twice(wire: Wire):
    wire.chat.faults.refuse(400, "Bad Request: MESSAGE_IMPOSSIBLE", method="sendPhoto")

    with pytest.raises(BadRequest):
        await wire.sender.send(OPERATOR_ID, "x", picture=png())

    assert wire.chat.conversation.store.after(0) == []


async def test_picture_when_refused_is_left_out_and_the_words_are_sent(wire: Wire):
    wire.chat.faults.refuse(400, "Bad Request: PHOTO_INVALID_DIMENSIONS", method="sendPhoto")

    message = wire.message(await wire.sender.send(OPERATOR_ID, "<b>x</b>", picture=png()))

    assert message.file is None
    assert message.body.text == "x"
    assert message.body.entities


async def test_picture_when_refused_and_without_words_is_an_error(wire: Wire):
    wire.chat.faults.refuse(400, "Bad Request: IMAGE_PROCESS_FAILED", method="sendPhoto")

    with pytest.raises(BadRequest):
        await wire.sender.send(OPERATOR_ID, "", picture=png())


async def test_buttons_when_changed_leave_the_message_as_it_is(wire: Wire):
    keyboard = ((Button("Why", "why:x"),),)
    message_id = await wire.sender.send(OPERATOR_ID, "look", picture=png())

    await wire.sender.edit_buttons(OPERATOR_ID, message_id, keyboard)
    await wire.sender.edit_buttons(OPERATOR_ID, message_id, keyboard)

    changed = wire.chat.conversation.store.get(message_id)
    assert changed is not None
    assert changed.body.text == "look"
    assert [b.text for row in changed.keyboard for b in row] == ["Why"]


async def test_caption_when_changed_twice_is_fine_and_a_text_is_changed_too(wire: Wire):
    photo = await wire.sender.send(OPERATOR_ID, "old", picture=png())
    text = await wire.sender.send(OPERATOR_ID, "old")

    for message_id in (photo, photo, text):
        await wire.sender.edit_caption(
            OPERATOR_ID, message_id, "<b>new</b>", urgency=Urgency.URGENT
        )
        wire.clock.advance(10)

    shown = [m.body.text for m in wire.chat.conversation.store.after(0)]
    assert shown == ["new", "new"]


async def test_caption_when_its_format_is_refused_is_plain(wire: Wire):
    photo = await wire.sender.send(OPERATOR_ID, "old", picture=png())
    wire.chat.faults.refuse(400, "Bad Request: can't parse entities", method="editMessageCaption")

    await wire.sender.edit_caption(OPERATOR_ID, photo, "<b>new</b>", urgency=Urgency.URGENT)

    (message,) = wire.chat.conversation.store.after(0)
    assert message.body.text == "new"
    assert message.body.entities == ()


async def test_toast_when_the_press_is_too_old_is_no_matter(wire: Wire):
    await wire.sender.toast("12345", "late")


async def test_sender_when_not_connected_waits():
    sender = Sender()
    assert not sender.is_connected

    waiting = asyncio.ensure_future(sender.send(1, "x"))
    await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


def test_markup_when_there_are_no_buttons_is_none():
    assert markup(()) is None
