"""Migrations: from nothing to the newest schema, twice without harm, equal to the tables."""

import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from engine.domain.errors import JournalError
from storage import migrate as migrate_module
from storage import trades
from storage.database import Database
from storage.migrate import alembic_config, current_revision, head_revision, migrate
from storage.tables import REVISION, metadata


def test_revision_when_scripts_are_read_is_their_head() -> None:
    assert head_revision() == REVISION


async def test_migrate_when_database_is_empty_reaches_the_head(tmp_path: Path) -> None:
    path = tmp_path / "trade.db"
    assert await migrate(str(path)) == REVISION

    database = Database(str(path))
    await database.open()
    assert await current_revision(database) == REVISION
    await database.close()


async def test_current_revision_when_database_is_empty_is_none(tmp_path: Path) -> None:
    database = Database(str(tmp_path / "trade.db"))
    await database.open()
    assert await current_revision(database) is None
    await database.close()


async def test_migrate_when_repeated_changes_nothing(database_path: Path) -> None:
    with sqlite3.connect(database_path) as raw:
        raw.execute("INSERT INTO settings VALUES ('mode', 'paper')")
    assert await migrate(str(database_path)) == REVISION
    assert raw.execute("SELECT value FROM settings").fetchone() == ("paper",)
    raw.close()


def schema_of(path: Path) -> dict[str, tuple[object, ...]]:
    """Return by name every table with its columns in no order, and every index."""
    with closing(sqlite3.connect(path)) as raw:
        found: dict[str, tuple[object, ...]] = {}
        listed = "SELECT type, name FROM sqlite_master WHERE type IN ('table', 'index')"
        for kind, name in raw.execute(listed).fetchall():
            pragma = "table_info" if kind == "table" else "index_xinfo"
            rows = raw.execute(f"PRAGMA {pragma}('{name}')").fetchall()
            # The first number is a place, which an added column has at the end.
            found[name] = (kind, *sorted(repr(row[1 if kind == "table" else 0 :]) for row in rows))
        return found


async def by_migrations(path: Path, revision: str = "head") -> Database:
    """Return an open database that the scripts made, one after the other."""

    def scripts(connection: Connection) -> None:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    database = Database(str(path))
    await database.open()
    async with database.write() as connection:
        await connection.run_sync(scripts)
    return database


async def test_schema_when_migrated_equals_the_tables(tmp_path: Path) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    migrated = await by_migrations(tmp_path / "trade.db")
    async with migrated.read() as connection:
        assert await connection.run_sync(differences) == []
    await migrated.close()


async def test_schema_when_made_at_once_equals_that_of_the_migrations(
    tmp_path: Path, database_path: Path
) -> None:
    migrated = await by_migrations(tmp_path / "migrated.db")
    await migrated.close()
    assert schema_of(database_path) == schema_of(tmp_path / "migrated.db")
    assert len(schema_of(database_path)) > len(metadata.tables)


async def test_migrate_when_database_is_empty_does_not_load_the_scripts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate_module, "_upgrade", None)
    assert await migrate(str(tmp_path / "trade.db")) == REVISION


async def test_migrate_when_a_step_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(connection: Connection) -> None:
        metadata.create_all(connection)
        connection.exec_driver_sql("CREATE TABLE half_way (a INTEGER)")
        connection.exec_driver_sql("this is no SQL")

    monkeypatch.setattr(migrate_module, "_create", failing)
    path = tmp_path / "trade.db"
    with pytest.raises(JournalError, match="syntax error"):
        await migrate(str(path))
    raw = sqlite3.connect(path)
    assert raw.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    raw.close()


async def test_downgrade_when_asked_removes_every_table(sqlite: Database) -> None:
    def down(connection: Connection) -> None:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")

    async with sqlite.write() as connection:
        await connection.run_sync(down)
    assert await current_revision(sqlite) is None


async def test_migrate_when_a_trade_was_open_in_the_first_schema_keeps_it(tmp_path: Path) -> None:
    database = await by_migrations(tmp_path / "trade.db", "0001")
    async with database.write() as connection:
        await connection.exec_driver_sql(
            "INSERT INTO trades VALUES ('paper', 'k', 'BTCUSDT', 's', 1, NULL, 100.0, '98', '104',"
            " '2', 1, 2, 3, 0.0, '1m')"
        )
    assert await migrate_module.migrate_open(database) == REVISION
    async with database.read() as connection:
        [kept] = await trades.unfinished(connection)
    assert (kept.trade_key, kept.stop_price, kept.funding) == ("k", Decimal(98), Decimal(0))
    await database.close()
