"""Round trips: the memory of unfinished ones and the record of closed ones."""

from collections.abc import Sequence

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.domain.effects import TradeEnded, TradeOpened, TradeVoided
from engine.domain.events import TradeMemory
from engine.domain.order import Book
from engine.domain.position import ClosedTrade
from storage.codec import from_row, to_row
from storage.statements import upsert
from storage.tables import closed_trades, trades

RECENT = 100
"""Closed trades a book's breakers and cool-downs may look back on after a restart."""


async def write_memories(connection: AsyncConnection, entries: Sequence[TradeOpened]) -> None:
    """Store the memories, rewriting those of the same trade."""
    rows = [to_row(entry.memory) for entry in entries]
    await connection.execute(upsert(connection, trades), rows)


async def write_closed(connection: AsyncConnection, entries: Sequence[TradeEnded]) -> None:
    """Store the results and forget the memories of these trades."""
    rows = [to_row(entry.trade) for entry in entries]
    await connection.execute(upsert(connection, closed_trades), rows)
    # A later round under the same key is numbered ("#2"); the memory has the bare key.
    keys = [(entry.trade.book, entry.trade.trade_key.partition("#")[0]) for entry in entries]
    await _forget(connection, keys)


async def write_voided(connection: AsyncConnection, entries: Sequence[TradeVoided]) -> None:
    """Forget the memories of trades that ended without a fill."""
    await _forget(connection, [(entry.book, entry.trade_key) for entry in entries])


async def unfinished(connection: AsyncConnection) -> tuple[TradeMemory, ...]:
    """Return the memory of every round trip that is not closed, oldest first."""
    rows = await connection.execute(
        select(trades).order_by(trades.c.opened_ms, trades.c.book, trades.c.trade_key)
    )
    return tuple(from_row(TradeMemory, row) for row in rows.mappings())


async def recent(connection: AsyncConnection) -> tuple[ClosedTrade, ...]:
    """Return the last `RECENT` closed trades of each book, oldest first."""
    found: list[ClosedTrade] = []
    for book in Book:
        rows = await connection.execute(
            select(closed_trades)
            .where(closed_trades.c.book == book.value)
            .order_by(closed_trades.c.closed_ms.desc(), closed_trades.c.trade_key.desc())
            .limit(RECENT)
        )
        found.extend(from_row(ClosedTrade, row) for row in rows.mappings())
    return tuple(sorted(found, key=lambda t: (t.closed_ms, t.book, t.trade_key)))


async def closed_between(
    connection: AsyncConnection, book: Book, since_ms: int, until_ms: int
) -> tuple[ClosedTrade, ...]:
    """Return the trades of a book closed in [since_ms, until_ms), oldest first."""
    closed = closed_trades.c.closed_ms
    rows = await connection.execute(
        select(closed_trades)
        .where(closed_trades.c.book == book.value, closed >= since_ms, closed < until_ms)
        .order_by(closed, closed_trades.c.trade_key)
    )
    return tuple(from_row(ClosedTrade, row) for row in rows.mappings())


async def _forget(connection: AsyncConnection, keys: Sequence[tuple[Book, str]]) -> None:
    ended = or_(
        *(and_(trades.c.book == book.value, trades.c.trade_key == key) for book, key in keys)
    )
    await connection.execute(delete(trades).where(ended))
