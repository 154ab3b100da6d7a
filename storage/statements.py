"""The two inserts the journal needs, in the dialect of the connection.

Statements are made once and take their rows at execution: making one costs more than running it.
"""

from functools import cache

from sqlalchemy import Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import Insert


def insert_new(connection: AsyncConnection, table: Table) -> Insert:
    """Return an insert that leaves existing rows alone: a redelivered fact changes nothing."""
    return _insert_new(connection.dialect.name, table)


def upsert(connection: AsyncConnection, table: Table, *, newer: str | None = None) -> Insert:
    """Return an insert that replaces the row of the same primary key.

    Args:
        connection: decides the dialect.
        table: where to.
        newer: column that must not decrease; an older row than the stored one is ignored.
    """
    return _upsert(connection.dialect.name, table, newer)


@cache
def _insert_new(dialect: str, table: Table) -> Insert:
    return _insert(dialect, table).on_conflict_do_nothing()


@cache
def _upsert(dialect: str, table: Table, newer: str | None) -> Insert:
    statement = _insert(dialect, table)
    keys = [column.name for column in table.primary_key]
    replaced = {c.name: statement.excluded[c.name] for c in table.columns if c.name not in keys}
    where = statement.excluded[newer] >= table.c[newer] if newer else None
    return statement.on_conflict_do_update(index_elements=keys, set_=replaced, where=where)


def _insert(dialect: str, table: Table) -> sqlite.Insert:
    if dialect == "sqlite":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - loaded only where it is used

    # Both dialects' inserts offer the same two ON CONFLICT clauses under the same names.
    return postgresql.insert(table)  # type: ignore[return-value]
