"""Brings a database to the newest schema, inside the running process.

Alembic is loaded only when there is something to migrate: it costs about 9 MB of memory.
"""

from importlib import resources
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from storage.database import Database
from storage.tables import REVISION

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
            await connection.run_sync(_upgrade)
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


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - see the module's docstring

    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
