"""Intents in the database; the promises are in the journal's contract."""

from sqlalchemy import select

from engine.domain.order import IntentState, Purpose
from storage import intents
from storage.database import Database
from storage.tables import intents as table
from tests.storage import samples


async def test_insert_when_new_stores_every_field(database: Database) -> None:
    entry, stop = samples.intent(), samples.intent(purpose=Purpose.STOP, attempt=2)
    async with database.write() as connection:
        assert await intents.insert(connection, entry)
        assert await intents.insert(connection, stop)
        assert await intents.unfinished(connection) == (entry, stop)


async def test_insert_when_entries_have_no_key_in_common_are_all_stored(
    database: Database,
) -> None:
    async with database.write() as connection:
        for n in range(3):
            assert await intents.insert(connection, samples.intent(f"k{n}"))
            assert await intents.insert(connection, samples.intent(f"k{n}", Purpose.STOP))
        keys = (await connection.execute(select(table.c.signal_key))).scalars().all()
    assert sorted(key or "" for key in keys) == ["", "", "", "paper:k0", "paper:k1", "paper:k2"]


async def test_settle_when_given_a_reason_stores_it(database: Database) -> None:
    async with database.write() as connection:
        await intents.insert(connection, samples.intent())
        await intents.settle(connection, "smc1-E-k1-0", IntentState.REJECTED, "-2019: margin")
        row = (await connection.execute(select(table.c.state, table.c.reason))).one()
    assert tuple(row) == ("REJECTED", "-2019: margin")


async def test_tombstones_when_a_rejected_intent_exists_leaves_it_out(database: Database) -> None:
    async with database.write() as connection:
        for key, state in (("a", IntentState.EXPIRED), ("b", IntentState.REJECTED)):
            await intents.insert(connection, samples.intent(key))
            await intents.settle(connection, f"smc1-E-{key}-0", state, "")
        assert await intents.tombstones(connection, 0) == (samples.intent("a"),)
