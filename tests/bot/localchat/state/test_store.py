import asyncio
from dataclasses import replace

from bot.localchat.content.entities import plain
from bot.localchat.content.messages import ChatMessage, Draft, Sender
from bot.localchat.state.store import MAX_NOTES, ChatStore
from tests.bot.localchat.support import START_MS, HandClock


def make_store(**options: int) -> ChatStore:
    return ChatStore(HandClock(), **options)


def add(store: ChatStore, text: str = "x") -> ChatMessage:
    return store.add(Draft(Sender.BOT, plain(text)))


def test_add_when_called_numbers_messages_from_the_first_id() -> None:
    store = make_store(first_id=500)
    assert [add(store).message_id, add(store).message_id] == [500, 501]
    message = store.get(500)
    assert message is not None
    assert message.sent_ms == START_MS


def test_store_when_full_forgets_the_oldest() -> None:
    store = make_store(capacity=3)
    ids = [add(store).message_id for _ in range(5)]
    assert [m.message_id for m in store.after(0)] == ids[2:]
    assert store.get(ids[0]) is None


def test_after_when_given_an_id_returns_later_messages() -> None:
    store = make_store()
    first, second = add(store), add(store)
    assert store.after(first.message_id) == [second]


def test_changes_when_asked_from_the_start_are_everything() -> None:
    store = make_store()
    message = add(store)
    changes = store.changes_since(0)
    assert (changes.reset, changes.messages) == (True, (message,))


def test_changes_when_a_message_was_edited_hold_its_present_state_only() -> None:
    store = make_store()
    first, second = add(store), add(store)
    edited = store.edit(replace(first, body=plain("new")))
    changes = store.changes_since(second.revision)
    assert (changes.reset, changes.messages) == (False, (edited,))
    assert edited.edited_ms is not None


def test_changes_when_nothing_happened_are_empty() -> None:
    store = make_store()
    message = add(store)
    changes = store.changes_since(message.revision)
    assert (changes.messages, changes.notes, changes.reset) == ((), (), False)


def test_changes_when_asked_with_a_revision_of_the_future_are_everything() -> None:
    store = make_store()
    add(store)
    assert store.changes_since(99).reset


def test_delete_when_called_tells_the_readers_and_unpins() -> None:
    store = make_store()
    message = add(store)
    store.pin(message.message_id)
    before = store.revision
    store.delete(message.message_id)
    changes = store.changes_since(before)
    assert [(note.kind, note.value) for note in changes.notes] == [("deleted", message.message_id)]
    assert store.pinned_id is None


def test_changes_when_notes_were_forgotten_are_a_reset() -> None:
    store = make_store()
    add(store)
    store.note("deleted", 1)
    missed = store.revision - 1
    for _ in range(MAX_NOTES - 1):
        store.note("action", "typing")
    assert not store.changes_since(missed).reset
    store.note("action", "typing")
    assert store.changes_since(missed).reset
    assert not store.changes_since(store.revision).reset


async def test_wait_when_something_happens_returns() -> None:
    store = make_store()
    add(store)
    waiting = asyncio.ensure_future(store.wait_beyond(store.revision, 60))
    await asyncio.sleep(0)
    assert not waiting.done()
    add(store)
    await asyncio.wait_for(waiting, 1)


async def test_wait_when_something_already_happened_returns_at_once() -> None:
    store = make_store()
    add(store)
    await asyncio.wait_for(store.wait_beyond(0, 60), 1)


async def test_wait_when_nothing_happens_ends_by_itself() -> None:
    store = make_store()
    await store.wait_beyond(store.revision, 0.001)
    assert store.revision == 0


async def test_wait_when_the_server_closes_ends() -> None:
    store = make_store()
    waiting = asyncio.ensure_future(store.wait_beyond(store.revision, 60))
    await asyncio.sleep(0)
    store.wake()
    await asyncio.wait_for(waiting, 1)
