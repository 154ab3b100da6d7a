"""Equity of each book over time."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.domain.effects import EquitySeen
from engine.domain.order import Book
from storage.codec import from_row, to_row
from storage.statements import upsert
from storage.tables import equity


async def write(connection: AsyncConnection, entries: Sequence[EquitySeen]) -> None:
    """Store the values; the last of a book and moment wins."""
    await connection.execute(upsert(connection, equity), [to_row(entry) for entry in entries])


async def between(
    connection: AsyncConnection, book: Book, since_ms: int, until_ms: int, most: int
) -> tuple[EquitySeen, ...]:
    """Return the values of a book in [since_ms, until_ms), oldest first.

    More than twice `most` values, one a minute, are thinned out evenly by the database.
    """
    period = (
        equity.c.book == book.value,
        equity.c.at_ms >= since_ms,
        equity.c.at_ms < until_ms,
    )
    count = await connection.scalar(select(func.count()).select_from(equity).where(*period))
    step = max(1, (count or 0) // most)
    place = func.row_number().over(order_by=equity.c.at_ms)
    numbered = select(equity, (place - 1).label("place")).where(*period).subquery()
    rows = await connection.execute(
        select(*(numbered.c[column.name] for column in equity.columns))
        .where(numbered.c.place % step == 0)
        .order_by(numbered.c.at_ms)
    )
    return tuple(from_row(EquitySeen, row) for row in rows.mappings())
