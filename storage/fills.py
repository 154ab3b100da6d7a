"""Fills: every execution once per (book, symbol, trade id)."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.domain.effects import FillSeen
from engine.domain.order import Book, Fill
from storage.codec import from_row, to_row
from storage.statements import insert_new
from storage.tables import closed_trades, fills, trades


async def write(connection: AsyncConnection, entries: Sequence[FillSeen]) -> None:
    """Store the executions; redelivered ones change nothing."""
    rows = [
        {"book": entry.book.value, "trade_key": entry.trade_key, **to_row(entry.fill)}
        for entry in entries
    ]
    await connection.execute(insert_new(connection, fills), rows)


async def of_trade(connection: AsyncConnection, book: Book, trade_key: str) -> tuple[Fill, ...]:
    """Return the executions of one round trip in the order they were journalled."""
    rows = await connection.execute(
        select(fills)
        .where(fills.c.book == book.value, fills.c.trade_key == trade_key)
        .order_by(fills.c.seq)
    )
    return tuple(from_row(Fill, row) for row in rows.mappings())


async def unfinished(connection: AsyncConnection) -> tuple[tuple[Book, Fill], ...]:
    """Return the executions of round trips that are not closed, in the order they were journalled.

    A trade counts as unfinished while its memory is kept, and also when a crash left its fills
    without a memory.
    """
    open_trade = (
        select(trades.c.trade_key)
        .where(trades.c.book == fills.c.book, trades.c.trade_key == fills.c.trade_key)
        .exists()
    )
    closed = (
        select(closed_trades.c.trade_key)
        .where(closed_trades.c.book == fills.c.book, closed_trades.c.trade_key == fills.c.trade_key)
        .exists()
    )
    rows = await connection.execute(
        select(fills).where(fills.c.trade_key != "", open_trade | ~closed).order_by(fills.c.seq)
    )
    return tuple((Book(row["book"]), from_row(Fill, row)) for row in rows.mappings())
