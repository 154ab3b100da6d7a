"""The two inserts, in both dialects."""

from sqlalchemy import select
from sqlalchemy.dialects import postgresql

from storage import statements
from storage.database import Database
from storage.tables import orders, settings


class _Connection:
    """Stands for a connection as far as the choice of a dialect goes."""

    def __init__(self) -> None:
        self.dialect = postgresql.dialect()


async def test_insert_new_when_row_exists_leaves_it(database: Database) -> None:
    async with database.write() as connection:
        for value in ("first", "second"):
            statement = statements.insert_new(connection, settings)
            await connection.execute(statement.values(key="a", value=value))
        assert (await connection.execute(select(settings.c.value))).scalars().all() == ["first"]


async def test_upsert_when_row_exists_replaces_it(database: Database) -> None:
    async with database.write() as connection:
        for value in ("first", "second"):
            statement = statements.upsert(connection, settings)
            await connection.execute(statement.values(key="a", value=value))
        assert (await connection.execute(select(settings.c.value))).scalars().all() == ["second"]


def test_statements_when_server_is_postgres_compile_there() -> None:
    connection = _Connection()
    new = statements.insert_new(connection, settings)  # type: ignore[arg-type]
    newer = statements.upsert(connection, orders, newer="event_time_ms")  # type: ignore[arg-type]
    assert "ON CONFLICT DO NOTHING" in str(new.compile(dialect=connection.dialect))
    sql = str(newer.compile(dialect=connection.dialect))
    assert "ON CONFLICT (book, client_id) DO UPDATE" in sql
    assert "WHERE excluded.event_time_ms >= orders.event_time_ms" in sql
