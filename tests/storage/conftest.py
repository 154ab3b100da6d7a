"""An empty, migrated database for each test.

`sqlite` is a file copied from one that is built once. `database` is that, and also the Postgres
database that `SMCBOT_TEST_POSTGRES` names, emptied first, where one is named.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import delete

from storage.database import Database
from storage.migrate import migrate, migrate_open
from storage.tables import metadata

POSTGRES = os.environ.get("SMCBOT_TEST_POSTGRES", "")


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "trade.db"
    with asyncio.Runner() as runner:
        runner.run(migrate(str(path)))
    return path


@pytest.fixture
def database_path(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(template, tmp_path / "trade.db"))


@pytest.fixture
async def sqlite(database_path: Path) -> AsyncIterator[Database]:
    opened = Database(str(database_path))
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture(params=["sqlite", *(["postgres"] if POSTGRES else [])])
async def database(request: pytest.FixtureRequest, database_path: Path) -> AsyncIterator[Database]:
    opened = Database(POSTGRES if request.param == "postgres" else str(database_path))
    await opened.open()
    if request.param == "postgres":
        await migrate_open(opened)
        async with opened.write() as connection:
            for table in metadata.sorted_tables:
                await connection.execute(delete(table))
    yield opened
    await opened.close()
