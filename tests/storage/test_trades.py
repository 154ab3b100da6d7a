"""Round trips in the database."""

from engine.domain.effects import TradeEnded, TradeOpened, TradeVoided
from engine.domain.order import Book
from storage import trades
from storage.database import Database
from tests.storage import samples


async def test_memory_when_score_is_unknown_is_kept_as_none(database: Database) -> None:
    plain = samples.memory(score=None, direction=-1)
    async with database.write() as connection:
        await trades.write_memories(connection, [TradeOpened(plain)])
        assert await trades.unfinished(connection) == (plain,)


async def test_unfinished_when_several_are_open_is_sorted_by_age(database: Database) -> None:
    young, old = samples.memory("a"), samples.memory("b", opened_ms=1)
    async with database.write() as connection:
        await trades.write_memories(connection, [TradeOpened(young), TradeOpened(old)])
        assert await trades.unfinished(connection) == (old, young)


async def test_write_closed_when_other_book_has_the_key_keeps_its_memory(
    database: Database,
) -> None:
    live = samples.memory(book=Book.LIVE)
    async with database.write() as connection:
        await trades.write_memories(connection, [TradeOpened(live), TradeOpened(samples.memory())])
        await trades.write_closed(connection, [TradeEnded(samples.closed())])
        assert await trades.unfinished(connection) == (live,)


async def test_write_closed_when_told_again_keeps_the_later_word(database: Database) -> None:
    later = samples.closed(closed_ms=samples.T0 + 9)
    async with database.write() as connection:
        await trades.write_closed(connection, [TradeEnded(samples.closed()), TradeEnded(later)])
        assert await trades.recent(connection) == (later,)


async def test_closed_between_when_bounds_are_given_is_half_open(database: Database) -> None:
    ended = [TradeEnded(samples.closed(f"k{n}", closed_ms=n)) for n in range(5)]
    async with database.write() as connection:
        await trades.write_closed(connection, ended)
        found = await trades.closed_between(connection, Book.PAPER, 1, 4)
    assert [trade.closed_ms for trade in found] == [1, 2, 3]


async def test_write_voided_when_several_ended_unfilled_forgets_just_those(
    database: Database,
) -> None:
    opened = [TradeOpened(samples.memory(key)) for key in ("a", "b", "c")]
    async with database.write() as connection:
        await trades.write_memories(connection, opened)
        await trades.write_voided(
            connection, [TradeVoided(Book.PAPER, "a"), TradeVoided(Book.PAPER, "c")]
        )
        assert await trades.unfinished(connection) == (samples.memory("b"),)


async def test_write_closed_when_it_is_a_later_round_forgets_the_one_memory(
    database: Database,
) -> None:
    """The memory stayed behind, and the next start booked both rounds once more."""
    first, second = samples.closed("a"), samples.closed("a#2")
    async with database.write() as connection:
        await trades.write_closed(connection, [TradeEnded(first)])
        await trades.write_memories(connection, [TradeOpened(samples.memory("a"))])
        await trades.write_closed(connection, [TradeEnded(second)])
        assert await trades.unfinished(connection) == ()
        assert len(await trades.recent(connection)) == 2
