"""Fills in the database."""

from decimal import Decimal

from engine.domain.effects import FillSeen
from engine.domain.order import Book
from storage import fills
from storage.database import Database
from tests.storage import samples


async def test_write_when_batch_repeats_an_execution_stores_it_once(database: Database) -> None:
    tiny = samples.fill(7, fee=Decimal("0.00000001"))
    batch = [FillSeen(Book.PAPER, "k1", one) for one in (samples.fill(9), tiny, tiny)]
    async with database.write() as connection:
        await fills.write(connection, batch)
        stored = await fills.of_trade(connection, Book.PAPER, "k1")
    assert stored == (samples.fill(9), tiny)
    assert str(stored[1].fee) == "1E-8"


async def test_write_when_symbols_share_a_trade_id_stores_both(database: Database) -> None:
    batch = [
        FillSeen(Book.PAPER, "k1", samples.fill(1)),
        FillSeen(Book.PAPER, "k2", samples.fill(1, symbol="ETHUSDT")),
    ]
    async with database.write() as connection:
        await fills.write(connection, batch)
        assert len(await fills.unfinished(connection)) == 2


async def test_of_trade_when_another_book_filled_is_empty(database: Database) -> None:
    async with database.write() as connection:
        await fills.write(connection, [FillSeen(Book.LIVE, "k1", samples.fill(1))])
        assert await fills.of_trade(connection, Book.PAPER, "k1") == ()
