import asyncio
import random
from collections.abc import Callable
from pathlib import Path

from telegram.error import BadRequest, NetworkError

from bot.notifier import TelegramNotifier
from bot.outbox import Batch
from bot.sender import Unreachable
from engine.domain.notices import Notice
from storage.database import Database
from storage.migrate import migrate
from storage.notices import Outbox
from tests.bot.chat_kit import MemoryStore
from tests.bot.notice_kit import alarm, fill_notice, life, mode_changed, signal_notice
from tests.virtual_loop import run_virtual


class Chat:
    """Takes batches down, or fails as told."""

    def __init__(self, *trouble: Exception | None) -> None:
        self.trouble = list(trouble)
        self.told: list[tuple[str, ...]] = []
        self.tries = 0

    async def push(self, batch: Batch) -> int:
        self.tries += 1
        error = self.trouble.pop(0) if self.trouble else None
        if error is not None:
            raise error
        self.told.append(tuple(notice.notice_id for notice in batch.notices))
        return 100 + len(self.told)


def play(
    chat: Chat,
    *notices: Notice,
    store: MemoryStore | None = None,
    seconds: float = 60.0,
    meanwhile: Callable[[TelegramNotifier], None] | None = None,
    answered: str = "",
) -> TelegramNotifier:
    """Notify, let virtual time pass, and return the notifier."""

    async def story() -> TelegramNotifier:
        notifier = TelegramNotifier(store or MemoryStore(), random.Random(3))
        if answered:
            notifier.answered.add(answered)
        work = [notifier.run_writer(), *(notifier.run_lane(v, chat.push) for v in notifier.lanes)]
        tasks = [asyncio.ensure_future(each) for each in work]
        for notice in notices:
            notifier.notify(notice)
        await asyncio.sleep(seconds / 2)
        if meanwhile is not None:
            meanwhile(notifier)
        await asyncio.sleep(seconds / 2)
        for task in tasks:
            assert not task.done(), task
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return notifier

    notifier: TelegramNotifier = run_virtual(story())
    return notifier


def test_notices_when_told_are_stored_and_marked():
    chat, store = Chat(), MemoryStore()

    notifier = play(chat, life(), fill_notice(), store=store)

    assert chat.told == [("fill:1",), ("start:1",)]
    assert store.state == {"start:1": "sent", "fill:1": "sent"}
    assert store.message_ids["fill:1"] == 101
    assert notifier.delivered == 2


def test_notice_when_told_in_a_former_run_is_not_repeated():
    store = MemoryStore()
    play(Chat(), life(), store=store)
    again = Chat()

    play(again, life(), life("2"), store=store)

    assert again.told == [("start:2",)]


def test_notice_when_left_over_from_a_former_run_is_told_at_the_start():
    store = MemoryStore()
    asyncio.run(store.put([life()]))
    chat = Chat()

    play(chat, store=store)

    assert chat.told == [("start:1",)]


def test_notice_when_the_network_fails_is_told_later():
    chat, store = Chat(NetworkError("cut"), NetworkError("cut")), MemoryStore()

    play(chat, life(), store=store)

    assert chat.told == [("start:1",)]
    assert store.attempts == {"start:1": 2}


def test_notice_when_telegram_refuses_it_for_good_does_not_block_the_next():
    chat, store = Chat(BadRequest("PHOTO_INVALID")), MemoryStore()

    notifier = play(chat, life("1"), life("2"), store=store)

    assert chat.told == [("start:2",)]
    assert store.state["start:1"] == "dropped"
    assert notifier.refused == 1


def test_notice_when_it_cannot_be_rendered_does_not_block_the_next():
    chat, store = Chat(KeyError("bug")), MemoryStore()

    play(chat, life("1"), life("2"), store=store)

    assert chat.told == [("start:2",)]
    assert store.state["start:1"] == "dropped"


def test_notice_when_nobody_is_there_waits_and_is_told_when_woken():
    chat = Chat(Unreachable("chat not found"))

    play(chat, life(), seconds=20.0, meanwhile=TelegramNotifier.wake)

    assert chat.told == [("start:1",)]


def test_critical_notice_when_an_ordinary_one_hangs_is_told_at_once():
    chat = Chat()
    release = asyncio.Event()
    push = chat.push

    async def slow(batch: Batch) -> int:
        if batch.first.notice_id.startswith("start"):
            await release.wait()
        return await push(batch)

    chat.push = slow  # type: ignore[method-assign]

    play(chat, life(), meanwhile=lambda notifier: notifier.notify(alarm()))

    assert chat.told == [("alarm:1",)]


def test_signals_when_a_burst_become_one_message():
    chat, store = Chat(), MemoryStore()
    burst = [signal_notice(f"A{i}USDT", value=0.5 + i / 100) for i in range(6)]

    play(chat, *burst, store=store)

    assert chat.told == [tuple(n.notice_id for n in reversed(burst))]
    assert set(store.state.values()) == {"sent"}
    assert set(store.message_ids.values()) == {101}


def test_mode_notice_when_the_chat_shows_the_receipt_is_left_out():
    chat = Chat()

    play(chat, mode_changed("tg-1-7"), mode_changed("web-3"), answered="tg-1-7")

    assert chat.told == [("mode:web-3",)]


def test_critical_notice_when_the_store_is_broken_is_told_all_the_same_and_once():
    chat, store = Chat(), MemoryStore()
    store.broken = True

    def mend(_: TelegramNotifier) -> None:
        assert chat.told == [("alarm:1",)]
        store.broken = False

    play(chat, life(), alarm(), store=store, seconds=300.0, meanwhile=mend)

    assert chat.told == [("alarm:1",), ("start:1",)]
    assert store.state == {"start:1": "sent", "alarm:1": "sent"}


def test_notice_when_it_is_told_but_cannot_be_marked_is_not_told_twice():
    chat, store = Chat(), MemoryStore()
    push = chat.push

    async def then_break(batch: Batch) -> int:
        message_id = await push(batch)
        store.broken = True
        return message_id

    chat.push = then_break  # type: ignore[method-assign]

    def mend(_: TelegramNotifier) -> None:
        store.broken = False

    play(chat, fill_notice(), store=store, seconds=300.0, meanwhile=mend)

    assert chat.told == [("fill:1",)]
    assert store.state == {"fill:1": "sent"}


async def test_notifier_when_all_is_told_is_idle():
    store = MemoryStore()
    notifier = TelegramNotifier(store, random.Random(3))
    assert await notifier.idle()

    notifier.notify(life())

    assert not await notifier.idle()


async def test_notices_when_kept_in_a_real_database_survive_a_restart(tmp_path: Path):
    path = str(tmp_path / "chat.db")
    await migrate(path)
    first = Database(path)
    await first.open()
    notifier = TelegramNotifier(Outbox(first), random.Random(3))
    writer = asyncio.ensure_future(notifier.run_writer())
    for notice in (life(), signal_notice(), fill_notice(), alarm()):
        notifier.notify(notice)
    async with asyncio.timeout(5):
        while len(notifier.inbox):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    writer.cancel()
    await first.close()

    second = Database(path)
    await second.open()
    chat, store = Chat(), Outbox(second)
    restarted = TelegramNotifier(store, random.Random(3))
    lanes = [asyncio.ensure_future(restarted.run_lane(v, chat.push)) for v in restarted.lanes]
    async with asyncio.timeout(5):
        while not await restarted.idle():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    for lane in lanes:
        lane.cancel()

    assert chat.told[0] == ("alarm:1",)
    assert [told[0].partition(":")[0] for told in chat.told[1:]] == ["signal", "fill", "start"]
    assert await store.message_about(fill_notice().setup_id) is not None
    await second.close()
