"""What the chat remembers."""

from storage.database import Database
from storage.telegram import TelegramState


async def test_put_when_value_is_none_forgets_the_key(database: Database) -> None:
    state = TelegramState(database)
    await state.put("pinned", "42")
    assert await state.get("pinned") == "42"
    await state.put("pinned", None)
    assert await state.get("pinned") is None
