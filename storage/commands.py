"""Who commanded what and when, and the receipt."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import RowMapping, select
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.domain.commands import Command, Receipt
from engine.domain.effects import CommandAnswered
from storage.codec import dumps, loads
from storage.statements import insert_new
from storage.tables import commands


async def write(connection: AsyncConnection, entries: Sequence[CommandAnswered]) -> None:
    """Store the commands with their answers; a redelivered command changes nothing."""
    rows = [_row(entry) for entry in entries]
    await connection.execute(insert_new(connection, commands), rows)


async def page(
    connection: AsyncConnection, limit: int, before: int | None = None
) -> tuple[tuple[int, CommandAnswered], ...]:
    """Return up to `limit` answered commands, newest first, each with its page mark.

    Args:
        connection: a read transaction.
        limit: most rows to return.
        before: page mark of the oldest row already shown, None for the first page.
    """
    query = select(commands).order_by(commands.c.seq.desc()).limit(limit)
    if before is not None:
        query = query.where(commands.c.seq < before)
    rows = (await connection.execute(query)).mappings()
    return tuple((row["seq"], _answered(row)) for row in rows)


def _row(entry: CommandAnswered) -> dict[str, Any]:
    return {
        "command_id": entry.command.command_id,
        "at_ms": entry.at_ms,
        "kind": type(entry.command).__name__,
        "requested_by": entry.command.requested_by,
        "command": dumps(Command, entry.command),
        "accepted": entry.receipt.accepted,
        "detail": entry.receipt.detail,
    }


def _answered(row: RowMapping) -> CommandAnswered:
    receipt = Receipt(command_id=row["command_id"], accepted=row["accepted"], detail=row["detail"])
    return CommandAnswered(loads(Command, row["command"]), receipt, row["at_ms"])
