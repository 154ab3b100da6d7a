"""Brings a database to the newest schema, inside the running process.

An empty database gets the newest tables at once. Alembic is loaded only where an older schema must
be brought up: it costs about 11 MB of memory, which the process keeps.
"""

from importlib import resources
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from storage.database import Database
from storage.tables import REVISION, metadata

if TYPE_CHECKING:
    from alembic.config import Config


async def migrate(url: str) -> str:
    """Bring the database at `url` to the newest schema and return its revision.

    Idempotent; every step is one transaction.

    Raises:
        JournalError: the database cannot be reached or refused a step.
    """
    database = Database(url)
    try:
        await database.open()
        return await migrate_open(database)
    finally:
        await database.close()


async def migrate_open(database: Database) -> str:
    """Bring an open database to the newest schema and return its revision."""
    if await current_revision(database) != REVISION:
        async with database.write() as connection:
            is_empty = await connection.run_sync(_is_empty)
            await connection.run_sync(_create if is_empty else _upgrade)
    return REVISION


async def current_revision(database: Database) -> str | None:
    """Return the schema revision of an open database, None for an empty one."""
    async with database.read() as connection:
        return await connection.run_sync(_stored_revision)


def head_revision() -> str:
    """Return the newest revision this version of the program knows."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - see the module's docstring

    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    assert head is not None
    return head


def alembic_config() -> "Config":
    """Return Alembic's configuration with the packaged migration scripts."""
    from alembic.config import Config  # noqa: PLC0415 - see the module's docstring

    config = Config()
    folder = str(resources.files("storage").joinpath("migrations"))
    config.set_main_option("script_location", folder.replace("%", "%%"))
    return config


def _stored_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _is_empty(connection: Connection) -> bool:
    return not inspect(connection).get_table_names()


def _create(connection: Connection) -> None:
    """Make every table as the migrations would, by test, and say that they have been run."""
    metadata.create_all(connection)
    connection.execute(
        text(
            "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL,"
            " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
        )
    )
    connection.execute(
        text("INSERT INTO alembic_version (version_num) VALUES (:newest)"), {"newest": REVISION}
    )


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - see the module's docstring

    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
