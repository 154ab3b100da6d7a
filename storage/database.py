"""The database behind the journal: one writer, readers that cannot write, one kind of error.

SQLite (a file on a disk that lasts) and Postgres (where disks do not last) are served by the same
portable SQL. On SQLite every commit is on the platter before it is acknowledged: write-ahead log
with `synchronous=FULL`.
"""

import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from engine.domain.errors import JournalError

BUSY_TIMEOUT_MS = 5_000
POOL_TIMEOUT_S = 30.0

_CAUSES: Mapping[str, str] = {
    "SQLITE_FULL": "the disk is full",
    "SQLITE_BUSY": "locked by another process",
    "SQLITE_LOCKED": "locked by another connection",
    "SQLITE_CORRUPT": "the file is damaged, restore a backup",
    "SQLITE_NOTADB": "the file is not a SQLite database",
    "SQLITE_IOERR": "the disk reports an error",
    "SQLITE_READONLY": "the file or its folder is read-only",
    "SQLITE_CANTOPEN": "the file cannot be opened or created",
}


class Database:
    """A handle on one database: `open()` before use, `close()` after.

    Attributes:
        commits: write transactions committed since the start.
    """

    def __init__(self, url: str | URL) -> None:
        """Prepare a handle; nothing is opened yet.

        Args:
            url: a SQLAlchemy URL, a plain `postgres://` URL as hosts hand out, or a file path.

        Raises:
            JournalError: the URL is not one of SQLite or Postgres.
        """
        self.url = database_url(url)
        self.commits = 0
        self._writer = self._engine("BEGIN IMMEDIATE", ())
        # An in-memory database lives in its only connection.
        memory = self.is_sqlite and self.path is None
        self._reader = self._writer if memory else self._engine("BEGIN", ("PRAGMA query_only=ON",))

    @property
    def is_sqlite(self) -> bool:
        """True for a database file (or memory), False for a server."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def path(self) -> Path | None:
        """The database file; None for a server and for an in-memory database."""
        name = self.url.database
        return Path(name) if self.is_sqlite and name and name != ":memory:" else None

    @property
    def label(self) -> str:
        """The database as it may be shown to people: without its password."""
        return str(self.path) if self.path else self.url.render_as_string(hide_password=True)

    async def open(self) -> None:
        """Create the file's folder, connect and check the file's integrity.

        Raises:
            JournalError: the database cannot be reached or is damaged.
        """
        if self.path is not None:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise JournalError(f"database {self.label}: {error.strerror}") from error
        async with self._transaction(self._writer) as connection:
            if self.is_sqlite:
                await self._check(connection)
            else:
                await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close every connection; the handle can be opened again."""
        await self._reader.dispose()
        await self._writer.dispose()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Enter a transaction that is committed at the end, or rolled back on any error.

        Raises:
            JournalError: nothing was stored, and why, in one line.
        """
        async with self._transaction(self._writer) as connection:
            yield connection
        self.commits += 1

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Enter a transaction that sees one state of the database and cannot change it."""
        async with self._transaction(self._reader) as connection:
            yield connection

    @asynccontextmanager
    async def _transaction(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        try:
            async with engine.begin() as connection:
                yield connection
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            raise journal_error(error, self.label) from error

    async def _check(self, connection: AsyncConnection) -> None:
        found = (await connection.execute(text("PRAGMA quick_check(1)"))).scalar_one()
        if found != "ok":
            raise JournalError(f"database {self.label}: {_CAUSES['SQLITE_CORRUPT']} ({found})")

    def _engine(self, begin: str, pragmas: tuple[str, ...]) -> AsyncEngine:
        engine = create_async_engine(
            self.url,
            poolclass=AsyncAdaptedQueuePool,
            pool_size=1,
            max_overflow=0,
            pool_timeout=POOL_TIMEOUT_S,
            pool_pre_ping=not self.is_sqlite,
        )
        if self.is_sqlite:
            _govern_sqlite(engine, begin, pragmas)
        return engine


def database_url(url: str | URL) -> URL:
    """Return the URL with the asynchronous driver filled in; a bare path means SQLite.

    Raises:
        JournalError: neither SQLite nor Postgres.
    """
    given = str(url) if isinstance(url, str) else url.render_as_string(hide_password=False)
    if "://" not in given:
        return URL.create("sqlite+aiosqlite", database=given)
    try:
        parsed = make_url(given)
    except (ArgumentError, ValueError) as error:
        raise JournalError(
            "database URL cannot be read; allowed: sqlite:///FILE or postgresql://..."
        ) from error
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        return parsed.set(drivername="sqlite+aiosqlite")
    if backend in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+asyncpg")
    raise JournalError(f"database {backend} is not supported; allowed: sqlite, postgresql")


def journal_error(error: Exception, label: str) -> JournalError:
    """Return one clear line for whatever the driver raised."""
    if isinstance(error, JournalError):
        return error
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    name = _sqlite_name(cause)
    told = next((_CAUSES[key] for key in _CAUSES if name.startswith(key)), "")
    first_line = (str(cause).strip().splitlines() or [type(cause).__name__])[0]
    return JournalError(f"database {label}: {f'{told} ({first_line})' if told else first_line}")


def _sqlite_name(error: BaseException | None) -> str:
    while error is not None:
        name = getattr(error, "sqlite_errorname", None)
        if isinstance(name, str):
            return name
        error = error.__cause__ or error.__context__
    return ""


def _govern_sqlite(engine: AsyncEngine, begin: str, pragmas: tuple[str, ...]) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def _connected(connection: DBAPIConnection, _record: object) -> None:
        # The driver's own mode opens transactions late and commits before DDL; we begin ourselves.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}",
            "PRAGMA journal_mode=WAL",
            "PRAGMA synchronous=FULL",
            "PRAGMA foreign_keys=ON",
            *pragmas,
        ):
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)
