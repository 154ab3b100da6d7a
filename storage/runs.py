"""Every start of the bot with what it began with, so that a period can be replayed."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.domain.effects import RunStarted
from storage.codec import dumps, loads
from storage.statements import upsert
from storage.tables import runs


async def write(connection: AsyncConnection, entries: Sequence[RunStarted]) -> None:
    """Store the starts."""
    rows = [
        {"epoch": one.epoch, "started_ms": one.started_ms, "run": dumps(RunStarted, one)}
        for one in entries
    ]
    await connection.execute(upsert(connection, runs), rows)


async def all_runs(connection: AsyncConnection) -> tuple[RunStarted, ...]:
    """Return every start, oldest first.

    Raises:
        ValueError: one was stored otherwise.
    """
    rows = await connection.execute(select(runs.c.run).order_by(runs.c.epoch))
    return tuple(loads(RunStarted, row.run) for row in rows)
