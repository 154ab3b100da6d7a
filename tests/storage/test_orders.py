"""Orders: the newest word of the venue wins."""

from dataclasses import replace
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.domain.effects import OrderSeen
from engine.domain.order import Book, Order, OrderStatus
from storage import orders
from storage.codec import from_row
from storage.database import Database
from storage.tables import orders as table
from tests.storage import samples


async def stored(connection: AsyncConnection, book: Book = Book.PAPER) -> Order:
    """Return the one order of a book."""
    rows = await connection.execute(select(table).where(table.c.book == book.value))
    return from_row(Order, rows.mappings().one())


async def test_write_when_words_arrive_out_of_order_keeps_the_newest(database: Database) -> None:
    newest = samples.order(status=OrderStatus.FILLED, event_time_ms=samples.T0 + 5)
    words = [OrderSeen(Book.PAPER, word) for word in (newest, samples.order())]
    async with database.write() as connection:
        await orders.write(connection, words)
        assert await stored(connection) == newest


async def test_write_when_times_are_equal_keeps_the_later_word(database: Database) -> None:
    later = replace(samples.order(), filled_qty=Decimal("0.120"), status=OrderStatus.FILLED)
    async with database.write() as connection:
        await orders.write(connection, [OrderSeen(Book.PAPER, samples.order())])
        await orders.write(connection, [OrderSeen(Book.PAPER, later)])
        assert await stored(connection) == later


async def test_write_when_both_books_have_the_id_keeps_both(database: Database) -> None:
    order = samples.order()
    async with database.write() as connection:
        await orders.write(connection, [OrderSeen(book, order) for book in Book])
        assert await stored(connection, Book.LIVE) == await stored(connection, Book.PAPER) == order
