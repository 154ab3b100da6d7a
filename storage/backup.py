"""Online backup of a SQLite database; a plain copy of the file would miss its write-ahead log."""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from engine.domain.errors import JournalError
from storage.database import Database, journal_error

PAGES_A_STEP = 1_000


async def backup(database: Database, target: Path) -> int:
    """Copy an open database to `target` while it is in use; return the copy's size in bytes.

    The copy appears whole and checked, or not at all; an existing `target` is replaced.

    Raises:
        JournalError: not a SQLite file, or the copy failed.
    """
    if database.path is None:
        raise JournalError(f"database {database.label}: use the server's own backup (pg_dump)")
    partial = target.with_name(target.name + ".partial")
    try:
        _prepare(partial)
        await _copy(database, partial)
        return _publish(partial, target)
    except (OSError, sqlite3.Error) as error:
        raise journal_error(error, str(target)) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def _prepare(partial: Path) -> None:
    partial.parent.mkdir(parents=True, exist_ok=True)
    partial.unlink(missing_ok=True)


def _publish(partial: Path, target: Path) -> int:
    partial.replace(target)
    return target.stat().st_size


async def _copy(database: Database, partial: Path) -> None:
    # The copying runs in the driver's thread, hence the connection must not mind which one.
    with closing(sqlite3.connect(partial, check_same_thread=False)) as copy:
        async with database.read() as connection:
            raw = await connection.get_raw_connection()
            driver = raw.driver_connection
            assert driver is not None
            await driver.backup(copy, pages=PAGES_A_STEP)
        copy.execute("PRAGMA journal_mode=DELETE")
        (found,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise JournalError(f"backup {partial}: the copy is damaged ({found})")
