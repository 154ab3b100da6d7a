"""Migrations: from nothing to the newest schema, twice without harm, equal to the tables."""

import sqlite3
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


async def test_schema_when_migrated_equals_the_tables(sqlite: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    async with sqlite.read() as connection:
        assert await connection.run_sync(differences) == []


async def test_migrate_when_a_step_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(connection: Connection) -> None:
        connection.exec_driver_sql("CREATE TABLE half_way (a INTEGER)")
        connection.exec_driver_sql("this is no SQL")

    monkeypatch.setattr(migrate_module, "_upgrade", failing)
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
    database = Database(str(tmp_path / "trade.db"))
    await database.open()

    def first_schema(connection: Connection) -> None:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")

    async with database.write() as connection:
        await connection.run_sync(first_schema)
        await connection.exec_driver_sql(
            "INSERT INTO trades VALUES ('paper', 'k', 'BTCUSDT', 's', 1, NULL, 100.0, '98', '104',"
            " '2', 1, 2, 3, 0.0, '1m')"
        )
    assert await migrate_module.migrate_open(database) == REVISION
    async with database.read() as connection:
        [kept] = await trades.unfinished(connection)
    assert (kept.trade_key, kept.stop_price, kept.funding) == ("k", Decimal(98), Decimal(0))
    await database.close()
