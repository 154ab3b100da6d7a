"""/panic through the chat while the chat itself is in trouble."""

import asyncio

from engine.domain.commands import Panic
from tests.bot.chat_kit import ChatKit
from tests.bot.notice_kit import life

FLOOD = 300


def obeyed(kit: ChatKit) -> bool:
    return any(isinstance(one, Panic) for one in kit.desk.submitted)


async def test_panic_when_the_outbox_is_full_is_obeyed_and_answered_from_the_reserve(kit: ChatKit):
    for number in range(FLOOD):
        kit.notifier.notify(life(str(number), f"news {number}"))
    await kit.until(lambda: len(kit.messages) > 1, "the flood to begin")

    kit.chat.conversation.say("/panic")

    await kit.until(lambda: obeyed(kit), "the panic")
    await kit.until(lambda: any("Panic" in m.body.text for m in kit.messages), "its answer")
    assert len(kit.messages) < FLOOD / 2, "it did not wait for the flood to pass"


async def test_panic_when_telegram_wants_silence_is_obeyed_before_it_can_be_answered(
    kit: ChatKit,
):
    kit.front._limiter.budget(kit.front._home).close_until(kit.clock.monotonic() + 3_600)

    kit.chat.conversation.say("/panic")

    await kit.until(lambda: obeyed(kit), "the panic")


async def test_panic_when_the_disk_is_busy_is_obeyed_all_the_same(kit: ChatKit):
    hang = asyncio.Event()
    put = kit.store.put

    async def slow(*given):
        await hang.wait()
        return await put(*given)

    kit.front._seen._store = type("Slow", (), {"put": staticmethod(slow)})()
    kit.chat.conversation.say("/status")  # holds the disk before it

    kit.chat.conversation.say("/panic")

    await kit.until(lambda: obeyed(kit), "the panic")
    hang.set()
