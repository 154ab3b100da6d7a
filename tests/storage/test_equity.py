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
        assert await equity.between(connection, Book.PAPER, 0, 2, 9) == (_seen(1, "1.20"),)


async def test_between_when_there_are_many_values_thins_them_out_evenly(
    database: Database,
) -> None:
    async with database.write() as connection:
        await equity.write(connection, [_seen(at, str(at)) for at in range(100)])
        await equity.write(connection, [_seen(at, "9", Book.LIVE) for at in range(100)])

        found = await equity.between(connection, Book.PAPER, 10, 100, 20)
        whole = await equity.between(connection, Book.PAPER, 10, 49, 20)

    assert [one.at_ms for one in found] == list(range(10, 100, 4))
    assert [one.at_ms for one in whole] == list(range(10, 49))
