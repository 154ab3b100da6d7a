"""Examines where things are kept: database, disk."""

import asyncio
import os
import shutil
from contextlib import suppress
from pathlib import Path

from bot.places import database_url
from bot.run_options import VenueName
from bot.settings import Settings
from bot.tools.findings import Finding, fault, good, warning
from engine.domain.errors import InstanceConflict, JournalError
from storage.database import Database
from storage.file_lock import FileLock
from storage.migrate import current_revision
from storage.tables import REVISION

MB = 1_000_000
LITTLE_MB, TOO_LITTLE_MB = 1_000, 100
_SERVER_TIMEOUT_S = 10.0


async def check_database(settings: Settings, venue: VenueName, platform_url: str) -> Finding:
    """Open the database, check its integrity and its revision; nothing is created or changed."""
    try:
        database = Database(database_url(settings, venue, platform_url))
    except JournalError as error:
        return fault("database", str(error), "correct SMCBOT_DATABASE_URL")
    path = database.path
    if path is not None and not path.exists():
        return _to_be_made(path)
    try:
        return await (_server(database) if path is None else _file(database, path))
    except JournalError as error:
        return fault("database", str(error), "run with a working database, or restore a backup")
    finally:
        await database.close()


def _to_be_made(path: Path) -> Finding:
    folder = existing_parent(path)
    if not os.access(folder, os.W_OK):
        return fault("database", f"{folder} cannot be written to", "choose another SMCBOT_DATA_DIR")
    return good("database", f"none yet; `run` makes it at {path}")


async def _file(database: Database, path: Path) -> Finding:
    lock = FileLock(Path(f"{path}.lock"))
    try:
        lock.acquire("doctor")
    except InstanceConflict:
        # The check of a large file would make the running bot wait for its database.
        return warning("database", f"{path} is in use by a running bot, so it was not examined")
    try:
        await database.open()
        revision = await current_revision(database)
    finally:
        lock.release()
    return _revision(f"{path} is undamaged", revision)


async def _server(database: Database) -> Finding:
    try:
        async with asyncio.timeout(_SERVER_TIMEOUT_S):
            await database.open()
            revision = await current_revision(database)
    except TimeoutError:
        raise JournalError(f"{database.label} does not answer") from None
    return _revision(f"{database.label} answers", revision)


def _revision(found: str, revision: str | None) -> Finding:
    if revision is None:
        return good("database", f"{found} and empty; `run` fills it")
    if revision == REVISION:
        return good("database", f"{found}, schema revision {revision}")
    return warning(
        "database",
        f"{found}, but its schema is at revision {revision}; this version uses {REVISION}",
        "`run` brings an older one up by itself; make a copy of it before",
    )


def check_disk(settings: Settings, hosted: str | None, *, file_database: bool) -> Finding:
    """Judge free space, and whether the disk lasts longer than the process."""
    folder = existing_parent(settings.data_dir)
    try:
        free_mb = shutil.disk_usage(folder).free // MB
    except OSError as error:
        return fault("disk", f"{folder}: {error.strerror}", "choose another SMCBOT_DATA_DIR")
    text = f"{free_mb:,} MB free at {settings.data_dir}"
    if free_mb < TOO_LITTLE_MB:
        return fault("disk", text, f"free at least {LITTLE_MB:,} MB: the journal must not stop")
    if hosted and file_database and not settings.persistent_disk:
        return warning(
            "disk",
            f"{text}, but {hosted} forgets its disk with every restart",
            "use Postgres (SMCBOT_DATABASE_URL), or a volume and SMCBOT_PERSISTENT_DISK=1",
        )
    if free_mb < LITTLE_MB:
        return warning("disk", text, "the journal grows by some MB a day; free some space")
    return good("disk", text)


def existing_parent(path: Path) -> Path:
    """Return the nearest folder that exists, from `path` upwards."""
    with suppress(OSError):
        path = path.absolute()
    while not path.is_dir() and path != path.parent:
        path = path.parent
    return path
