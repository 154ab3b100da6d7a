"""Equity in the database."""

from decimal import Decimal

from engine.domain.effects import EquitySeen
from engine.domain.order import Book
from storage import equity
from storage.database import Database


def _seen(at_ms: int, value: str, book: Book = Book.PAPER) -> EquitySeen:
    return EquitySeen(book, at_ms, Decimal("10000.00"), Decimal(value))


async def test_between_when_values_repeat_a_moment_keeps_the_last(database: Database) -> None:
    async with database.write() as connection:
        await equity.write(connection, [_seen(1, "1.10"), _seen(1, "1.20"), _seen(2, "2")])
        assert await equity.between(connection, Book.PAPER, 0, 2) == (_seen(1, "1.20"),)


async def test_latest_when_books_differ_is_of_the_asked_one(database: Database) -> None:
    async with database.write() as connection:
        assert await equity.latest(connection, Book.LIVE) is None
        await equity.write(connection, [_seen(5, "5.00"), _seen(3, "3.00", Book.LIVE)])
        assert str(await equity.latest(connection, Book.LIVE)) == "3.00"
        assert str(await equity.latest(connection, Book.PAPER)) == "5.00"
