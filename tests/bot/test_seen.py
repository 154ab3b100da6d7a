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
