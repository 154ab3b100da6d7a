"""The online backup."""

import sqlite3
from pathlib import Path

import pytest

from engine.domain.effects import SettingChanged
from engine.domain.errors import JournalError
from storage import backup as backup_module
from storage.backup import backup
from storage.database import Database
from storage.journal import SqlJournal


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("copy.db*")}


async def test_backup_when_taken_holds_what_was_committed_before(
    sqlite: Database, tmp_path: Path
) -> None:
    journal = SqlJournal(sqlite)
    await journal.append([SettingChanged(f"k{n}", "x" * 500) for n in range(500)])
    target = tmp_path / "backups" / "trade.db"
    size = await backup(sqlite, target)
    await journal.append([SettingChanged("late", "1")])

    copy = Database(str(target))
    settings = (await SqlJournal(copy).restore()).settings
    await copy.close()
    assert len(settings) == 500
    assert size > 250_000
    assert "late" in (await journal.restore()).settings


async def test_backup_when_target_exists_replaces_it_whole(
    sqlite: Database, tmp_path: Path
) -> None:
    target = tmp_path / "copy.db"
    await backup(sqlite, target)
    await SqlJournal(sqlite).append([SettingChanged("mode", "paper")])
    await backup(sqlite, target)
    raw = sqlite3.connect(target)
    assert raw.execute("SELECT value FROM settings").fetchall() == [("paper",)]
    raw.close()
    assert list(_files(tmp_path)) == ["copy.db"]


async def test_backup_when_it_fails_leaves_the_old_one(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "copy.db"
    await backup(sqlite, target)
    before = _files(tmp_path)

    async def failing(_database: Database, partial: Path) -> None:
        with sqlite3.connect(partial) as half:
            half.execute("CREATE TABLE half (a)")
        half.close()
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(backup_module, "_copy", failing)
    with pytest.raises(JournalError, match=r"copy\.db: disk I/O error"):
        await backup(sqlite, target)
    assert _files(tmp_path) == before


async def test_backup_when_folder_cannot_be_made_says_so(
    sqlite: Database, tmp_path: Path, database_path: Path
) -> None:
    with pytest.raises(JournalError, match=r"File exists|Not a directory"):
        await backup(sqlite, database_path / "copy.db")
    assert _files(tmp_path) == {}


async def test_backup_when_database_is_a_server_names_its_own_tool(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="pg_dump"):
        await backup(Database("postgres://u@h/db"), tmp_path / "copy.db")
