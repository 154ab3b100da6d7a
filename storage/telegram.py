"""What the chat must remember over restarts: updates seen, pinned messages, choices."""

from sqlalchemy import delete, select

from storage.database import Database
from storage.statements import upsert
from storage.tables import telegram_state


class TelegramState:
    """A small key-value store of the front end, apart from the engine's settings."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, key: str) -> str | None:
        """Return a stored value, None if there is none."""
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(telegram_state.c.value).where(telegram_state.c.key == key)
            )
            return rows.scalar_one_or_none()

    async def put(self, key: str, value: str | None) -> None:
        """Store a value; None forgets it."""
        async with self._database.write() as connection:
            if value is None:
                await connection.execute(delete(telegram_state).where(telegram_state.c.key == key))
            else:
                row = {"key": key, "value": value}
                await connection.execute(upsert(connection, telegram_state), row)
