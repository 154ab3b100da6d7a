import asyncio
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.tools import check_memory
from bot.tools.check_memory import check_database, check_disk, existing_parent
from bot.tools.findings import Level
from storage.database import Database
from storage.file_lock import FileLock
from storage.migrate import migrate
from storage.tables import REVISION

Usage = namedtuple("Usage", "total used free")


@pytest.fixture(scope="session")
def migrated(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "trade.db"
    with asyncio.Runner() as runner:
        runner.run(migrate(str(path)))
    return path


@pytest.fixture
def database(migrated, tmp_path) -> Path:
    path = tmp_path / "sim" / "trade.db"
    path.parent.mkdir()
    return Path(shutil.copy(migrated, path))


def settings(tmp_path, **values) -> Settings:
    return Settings.load(_env_file=None, data_dir=tmp_path, **values)


async def examined(tmp_path, **values):
    return await check_database(settings(tmp_path, **values), "sim", "")


async def test_database_when_there_is_none_is_not_made(tmp_path):
    found = await examined(tmp_path / "new" / "folder")

    assert found.level is Level.GOOD
    assert "`run` makes it at" in found.text
    assert list(tmp_path.iterdir()) == []


async def test_database_when_its_folder_cannot_be_written_is_a_fault(tmp_path, monkeypatch):
    monkeypatch.setattr(check_memory.os, "access", lambda *_: False)

    found = await examined(tmp_path)

    assert found.level is Level.FAULT
    assert f"{tmp_path} cannot be written to" in found.text


async def test_database_when_sound_tells_its_revision_and_is_unlocked_after(tmp_path, database):
    found = await examined(tmp_path)

    assert found.level is Level.GOOD
    assert found.text.endswith(f"is undamaged, schema revision {REVISION}")
    lock = FileLock(Path(f"{database}.lock"))
    lock.acquire("run")
    lock.release()


async def test_database_when_damaged_says_so(tmp_path, database):
    content = bytearray(database.read_bytes())
    content[:64] = b"x" * 64
    database.write_bytes(content)

    found = await examined(tmp_path)

    assert found.level is Level.FAULT
    assert "not a SQLite database" in found.text
    assert "restore a backup" in found.advice


async def test_database_when_a_bot_runs_on_it_is_left_alone(tmp_path, database):
    lock = FileLock(Path(f"{database}.lock"))
    lock.acquire("host:1")
    try:
        found = await examined(tmp_path)
    finally:
        lock.release()

    assert found.level is Level.WARNING
    assert "in use by a running bot, so it was not examined" in found.text


async def test_database_when_empty_is_filled_by_run(tmp_path, database):
    database.unlink()
    opened = Database(str(database))
    await opened.open()
    await opened.close()

    assert "empty; `run` fills it" in (await examined(tmp_path)).text


async def test_database_when_its_schema_is_another_says_both(tmp_path, database):
    opened = Database(str(database))
    await opened.open()
    async with opened.write() as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    await opened.close()

    found = await examined(tmp_path)

    assert found.level is Level.WARNING
    assert f"at revision 9999; this version uses {REVISION}" in found.text


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://user:hidden@host/x", "mysql is not supported"),
        ("postgresql://user:hidden@127.0.0.1:9/x", "database postgresql"),
    ],
)
async def test_database_when_a_server_is_wrong_says_so_without_its_password(tmp_path, url, said):
    found = await check_database(settings(tmp_path, database_url=url), "binance", "")

    assert found.level is Level.FAULT
    assert said in found.text
    assert "hidden" not in found.text


@pytest.mark.parametrize(
    ("free_mb", "hosted", "on_file", "persistent", "level"),
    [
        (50_000, None, True, False, Level.GOOD),
        (999, None, True, False, Level.WARNING),
        (99, None, True, False, Level.FAULT),
        (50_000, "Heroku", True, False, Level.WARNING),
        (50_000, "Railway", True, True, Level.GOOD),
        (50_000, "Heroku", False, False, Level.GOOD),
        (99, "Heroku", False, False, Level.FAULT),
    ],
)
def test_disk_when_examined_judges_space_and_whether_it_lasts(
    tmp_path, monkeypatch, free_mb, hosted, on_file, persistent, level
):
    usage = Usage(0, 0, free_mb * 1_000_000)
    monkeypatch.setattr(check_memory.shutil, "disk_usage", lambda _path: usage)

    given = settings(tmp_path, persistent_disk=persistent)
    found = check_disk(given, hosted, file_database=on_file)

    assert found.level is level
    assert f"{free_mb:,} MB free at {tmp_path}" in found.text


def test_disk_when_it_cannot_be_asked_is_a_fault(tmp_path, monkeypatch):
    def failing(_path: Path) -> Usage:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(check_memory.shutil, "disk_usage", failing)

    found = check_disk(settings(tmp_path), None, file_database=True)

    assert found.level is Level.FAULT
    assert "Input/output error" in found.text


def test_existing_parent_when_folders_are_missing_is_the_nearest_one(tmp_path):
    assert existing_parent(tmp_path / "a" / "b") == tmp_path
    assert existing_parent(tmp_path) == tmp_path
