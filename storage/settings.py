"""Operator's choices and breaker states, which survive restarts."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.domain.effects import SettingChanged
from storage.codec import to_row
from storage.statements import upsert
from storage.tables import settings


async def write(connection: AsyncConnection, entries: Sequence[SettingChanged]) -> None:
    """Store the new values; the last of a key wins."""
    await connection.execute(upsert(connection, settings), [to_row(entry) for entry in entries])


async def all_settings(connection: AsyncConnection) -> dict[str, str]:
    """Return every stored choice by its key."""
    rows = await connection.execute(select(settings.c.key, settings.c.value))
    return {row.key: row.value for row in rows}
