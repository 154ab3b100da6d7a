"""The database handle: durable settings, transactions, and one clear line for each failure."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from engine.domain.errors import JournalError
from storage import database as database_module
from storage.database import Database, database_url, journal_error
from storage.tables import settings


async def _scalar(sqlite: Database, sql: str) -> object:
    async with sqlite.read() as connection:
        return (await connection.execute(text(sql))).scalar()


def _damage(path: Path) -> None:
    raw = sqlite3.connect(path, isolation_level=None)
    rows = [(str(n), "x" * 400) for n in range(200)]
    raw.executemany("INSERT INTO settings VALUES (?, ?)", rows)
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    content = bytearray(path.read_bytes())
    content[-20_000:-12_000] = b"\xff" * 8_000
    path.write_bytes(content)


async def _fail_while_writing(sqlite: Database) -> None:
    async with sqlite.write() as connection:
        await connection.execute(settings.insert().values(key="a", value="1"))
        raise RuntimeError("on purpose")


async def test_connection_when_opened_is_durable_and_guarded(sqlite: Database) -> None:
    async with sqlite.write() as connection:
        pragmas = {
            name: (await connection.execute(text(f"PRAGMA {name}"))).scalar()
            for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        }
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,
        "busy_timeout": 5000,
        "foreign_keys": 1,
    }


async def test_write_when_body_raises_rolls_back(sqlite: Database) -> None:
    with pytest.raises(RuntimeError, match="on purpose"):
        await _fail_while_writing(sqlite)
    assert await _scalar(sqlite, "SELECT count(*) FROM settings") == 0
    assert sqlite.commits == 0


async def test_write_when_committed_is_counted_and_read(sqlite: Database) -> None:
    async with sqlite.write() as connection:
        await connection.execute(settings.insert().values(key="a", value="1"))
    assert sqlite.commits == 1
    assert await _scalar(sqlite, "SELECT value FROM settings") == "1"


async def test_read_when_it_writes_is_refused(sqlite: Database) -> None:
    with pytest.raises(JournalError, match=r"read-only|readonly"):
        async with sqlite.read() as connection:
            await connection.execute(settings.insert().values(key="a", value="1"))


async def test_read_when_a_write_is_open_sees_the_state_before(sqlite: Database) -> None:
    async with sqlite.write() as connection:
        await connection.execute(settings.insert().values(key="a", value="1"))
        assert await _scalar(sqlite, "SELECT count(*) FROM settings") == 0
    assert await _scalar(sqlite, "SELECT count(*) FROM settings") == 1


async def test_memory_database_when_used_keeps_its_tables() -> None:
    database = Database("sqlite:///:memory:")
    await database.open()
    async with database.write() as connection:
        await connection.run_sync(settings.create)
    assert await _scalar(database, "SELECT count(*) FROM settings") == 0
    assert database.path is None
    await database.close()


async def test_open_when_folder_is_missing_creates_it(tmp_path: Path) -> None:
    database = Database(str(tmp_path / "a" / "b" / "trade.db"))
    await database.open()
    assert database.path is not None
    assert database.path.exists()
    await database.close()


async def test_open_when_file_is_no_database_says_so(tmp_path: Path) -> None:
    path = tmp_path / "trade.db"
    path.write_bytes(b"not a database at all, but long enough to look at" * 100)
    database = Database(str(path))
    with pytest.raises(JournalError, match=r"trade\.db: the file is not a SQLite database"):
        await database.open()
    await database.close()


async def test_open_when_pages_are_damaged_says_so(database_path: Path) -> None:
    _damage(database_path)
    database = Database(str(database_path))
    with pytest.raises(JournalError, match="the file is damaged, restore a backup"):
        await database.open()
    await database.close()


async def test_write_when_another_process_holds_the_lock_says_so(
    database_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "BUSY_TIMEOUT_MS", 20)
    database = Database(str(database_path))
    await database.open()
    other = sqlite3.connect(database_path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(JournalError, match="locked by another process"):
        async with database.write() as connection:
            await connection.execute(settings.insert().values(key="a", value="1"))
    other.execute("ROLLBACK")
    other.close()
    async with database.write() as connection:
        await connection.execute(settings.insert().values(key="a", value="1"))
    assert database.commits == 1
    await database.close()


async def test_write_when_the_disk_is_full_says_so_and_recovers(sqlite: Database) -> None:
    async with sqlite.write() as connection:
        pages = (await connection.execute(text("PRAGMA page_count"))).scalar_one()
        await connection.execute(text(f"PRAGMA max_page_count={pages}"))
    big = [{"key": str(n), "value": "x" * 4000} for n in range(50)]
    with pytest.raises(JournalError, match="the disk is full"):
        async with sqlite.write() as connection:
            await connection.execute(settings.insert(), big)
    async with sqlite.write() as connection:
        await connection.execute(text(f"PRAGMA max_page_count={pages + 1000}"))
        await connection.execute(settings.insert(), big)
    assert await _scalar(sqlite, "SELECT count(*) FROM settings") == 50


async def test_open_when_folder_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    database = Database(str(tmp_path / "file" / "trade.db"))
    with pytest.raises(JournalError, match=r"trade\.db: (Not a directory|File exists)"):
        await database.open()


async def test_open_when_server_is_absent_hides_the_password() -> None:
    database = Database("postgres://bot:hunter2@127.0.0.1:1/trade")
    with pytest.raises(JournalError, match=r"127\.0\.0\.1:1/trade") as caught:
        await database.open()
    assert "hunter2" not in str(caught.value)
    await database.close()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("data/trade.db", "sqlite+aiosqlite:///data/trade.db"),
        ("sqlite:////var/trade.db", "sqlite+aiosqlite:////var/trade.db"),
        ("postgres://u:p@h:5/db", "postgresql+asyncpg://u:p@h:5/db"),
        ("postgresql://u:p@h/db", "postgresql+asyncpg://u:p@h/db"),
    ],
)
def test_database_url_when_driver_is_missing_fills_it_in(given: str, expected: str) -> None:
    url = database_url(given)
    assert url.render_as_string(hide_password=False) == expected
    assert database_url(url) == url


@pytest.mark.parametrize("given", ["mysql://h/db", "://", "postgres://h:port/db"])
def test_database_url_when_unsupported_says_what_is_allowed(given: str) -> None:
    with pytest.raises(JournalError, match="allowed: sqlite"):
        database_url(given)


def test_journal_error_when_cause_is_one_of_ours_keeps_it() -> None:
    known = JournalError("told already")
    assert journal_error(known, "x") is known
    assert str(journal_error(OSError(), "x")) == "database x: OSError"


async def test_write_when_cancelled_half_way_stores_nothing_and_goes_on(sqlite: Database) -> None:
    inserted = asyncio.Event()

    async def half_way() -> None:
        async with sqlite.write() as connection:
            await connection.execute(settings.insert().values(key="a", value="1"))
            inserted.set()
            await asyncio.Event().wait()

    task = asyncio.get_running_loop().create_task(half_way())
    await inserted.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with sqlite.write() as connection:
        await connection.execute(settings.insert().values(key="b", value="2"))
    assert await _scalar(sqlite, "SELECT group_concat(key) FROM settings") == "b"
    assert sqlite.commits == 1


async def test_write_when_many_wait_lets_one_in_at_a_time(sqlite: Database) -> None:
    inside = 0

    async def write(key: str) -> int:
        nonlocal inside
        async with sqlite.write() as connection:
            inside += 1
            await connection.execute(settings.insert().values(key=key, value=""))
            seen = inside
            inside -= 1
        return seen

    assert await asyncio.gather(*(write(str(n)) for n in range(20))) == [1] * 20
    assert sqlite.commits == 20
