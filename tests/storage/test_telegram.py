"""What the chat remembers."""

from storage.database import Database
from storage.telegram import TelegramState


async def test_update_id_when_remembered_is_the_last(database: Database) -> None:
    state = TelegramState(database)
    assert await state.last_update_id() is None
    await state.remember_update(10)
    await state.remember_update(11)
    assert await state.last_update_id() == 11


async def test_put_when_value_is_none_forgets_the_key(database: Database) -> None:
    state = TelegramState(database)
    await state.put("pinned", "42")
    assert await state.get("pinned") == "42"
    await state.put("pinned", None)
    assert await state.get("pinned") is None
