"""Orders: the newest word of the venue wins."""

from dataclasses import replace
from decimal import Decimal

from engine.domain.effects import OrderSeen
from engine.domain.order import Book, OrderStatus
from storage import orders
from storage.database import Database
from tests.storage import samples


async def test_write_when_words_arrive_out_of_order_keeps_the_newest(database: Database) -> None:
    newest = samples.order(status=OrderStatus.FILLED, event_time_ms=samples.T0 + 5)
    words = [OrderSeen(Book.PAPER, word) for word in (newest, samples.order())]
    async with database.write() as connection:
        await orders.write(connection, words)
        assert await orders.find(connection, Book.PAPER, newest.client_id) == newest


async def test_write_when_times_are_equal_keeps_the_later_word(database: Database) -> None:
    later = replace(samples.order(), filled_qty=Decimal("0.120"), status=OrderStatus.FILLED)
    async with database.write() as connection:
        await orders.write(connection, [OrderSeen(Book.PAPER, samples.order())])
        await orders.write(connection, [OrderSeen(Book.PAPER, later)])
        assert await orders.find(connection, Book.PAPER, later.client_id) == later


async def test_find_when_other_book_has_the_id_is_none(database: Database) -> None:
    async with database.write() as connection:
        await orders.write(connection, [OrderSeen(Book.PAPER, samples.order())])
        assert await orders.find(connection, Book.LIVE, samples.order().client_id) is None
