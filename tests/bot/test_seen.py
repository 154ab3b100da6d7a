import asyncio

import pytest

from bot.seen import SeenUpdates
from engine.domain.errors import JournalError
from tests.bot.chat_kit import MemoryStore
from tests.fake_clock import FakeClock


async def test_update_when_seen_before_is_not_new_also_after_a_restart():
    store, clock = MemoryStore(), FakeClock()
    seen = SeenUpdates(store, clock, "1")
    await seen.load()

    assert await seen.is_new(5)
    assert not await seen.is_new(5)
    assert not await seen.is_new(4)

    restarted = SeenUpdates(store, clock, "1")
    await restarted.load()
    assert not await restarted.is_new(5)
    assert await restarted.is_new(6)


async def test_update_when_of_another_bot_counts_by_itself():
    store, clock = MemoryStore(), FakeClock()
    await SeenUpdates(store, clock, "1").is_new(500)
    other = SeenUpdates(store, clock, "2")
    await other.load()

    assert await other.is_new(3)


async def test_update_when_the_sequence_began_anew_after_a_quiet_week_is_new():
    store, clock = MemoryStore(), FakeClock()
    seen = SeenUpdates(store, clock, "1")
    await seen.is_new(500)
    clock.advance(7 * 86_400)

    assert await seen.is_new(3)
    assert not await seen.is_new(3)


@pytest.mark.parametrize("text", ["nonsense", "5", "5:x", ":", ""])
async def test_memory_when_unreadable_is_ignored(text: str):
    store = MemoryStore()
    store.values["update:1"] = text
    seen = SeenUpdates(store, FakeClock(), "1")
    await seen.load()

    assert await seen.is_new(0)


async def test_update_when_it_cannot_be_stored_says_so():
    store = MemoryStore()
    store.broken = True

    with pytest.raises(JournalError):
        await SeenUpdates(store, FakeClock(), "1").is_new(5)


class SlowStore(MemoryStore):
    """A disk that is busy for a while."""

    def __init__(self) -> None:
        super().__init__()
        self.free = asyncio.Event()

    async def put(self, key: str, value: str | None) -> None:
        await self.free.wait()
        await super().put(key, value)


async def test_update_when_the_disk_is_busy_and_it_cannot_wait_is_new_at_once_and_only_once():
    store = SlowStore()
    seen = SeenUpdates(store, FakeClock(), "1")

    assert await seen.is_new_soon(5, 0.01)
    assert not await seen.is_new_soon(5, 0.01)

    store.free.set()
    async with asyncio.timeout(2):
        while not store.values:  # noqa: ASYNC110 - stored in the background
            await asyncio.sleep(0.005)
    restarted = SeenUpdates(store, FakeClock(), "1")
    await restarted.load()
    assert not await restarted.is_new_soon(5, 1.0)


async def test_update_when_the_disk_refuses_and_it_cannot_wait_says_so():
    store = MemoryStore()
    store.broken = True

    with pytest.raises(JournalError):
        await SeenUpdates(store, FakeClock(), "1").is_new_soon(5, 1.0)


async def test_update_when_it_lay_waiting_before_we_listened_is_known():
    clock = FakeClock()
    seen = SeenUpdates(MemoryStore(), clock, "1")

    seen.note_waiting([7, 9], all_of_them=True)

    assert [seen.has_waited(update_id) for update_id in (7, 8, 9, 10)] == [True, True, True, False]


async def test_update_when_more_waited_than_is_known_counts_as_waiting_for_a_minute():
    clock = FakeClock()
    seen = SeenUpdates(MemoryStore(), clock, "1")

    seen.note_waiting([7], all_of_them=False)

    assert seen.has_waited(10_000)
    clock.advance(61)
    assert not seen.has_waited(10_000)


async def test_update_when_nothing_waited_is_fresh():
    seen = SeenUpdates(MemoryStore(), FakeClock(), "1")

    seen.note_waiting([], all_of_them=True)

    assert not seen.has_waited(1)
