import asyncio
import re
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli.main import app
from engine.domain.effects import SettingChanged
from storage.database import Database
from storage.journal import SqlJournal
from storage.migrate import migrate


def run(*words: object) -> Result:
    return CliRunner().invoke(app, ["backup", *map(str, words)], env={"COLUMNS": "120"})


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a journal with one setting, where the verb looks for it."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "data" / "sim" / "trade.db"

    async def make() -> None:
        await migrate(str(path))
        opened = Database(str(path))
        await SqlJournal(opened).append([SettingChanged("mode", "paper")])
        await opened.close()

    asyncio.run(make())
    return path


def settings_in(path: Path) -> list[tuple[str, str]]:
    raw = sqlite3.connect(path)
    try:
        return raw.execute("SELECT key, value FROM settings").fetchall()
    finally:
        raw.close()


@pytest.mark.usefixtures("database")
def test_backup_when_no_file_is_named_goes_into_the_data_folder_by_venue_and_time(
    tmp_path: Path,
) -> None:
    result = run()

    assert result.exit_code == 0, result.output
    (copy,) = (tmp_path / "data" / "backups").iterdir()
    assert re.fullmatch(r"sim-\d{4}-\d\d-\d\d-\d{6}\.db", copy.name)
    assert settings_in(copy) == [("mode", "paper")]
    assert "checked" in result.stdout


def test_backup_when_the_bot_holds_the_database_copies_what_is_committed(
    database: Path, tmp_path: Path
) -> None:
    bot = sqlite3.connect(database)
    bot.execute("BEGIN IMMEDIATE")
    bot.execute("INSERT INTO settings VALUES ('half', 'done')")

    result = run("--venue", "sim", "--out", tmp_path / "usb" / "copy.db")

    bot.rollback()
    bot.close()
    assert result.exit_code == 0, result.output
    assert settings_in(tmp_path / "usb" / "copy.db") == [("mode", "paper")]


@pytest.mark.usefixtures("database")
def test_backup_when_there_is_no_database_says_so_and_makes_none(tmp_path: Path) -> None:
    result = run("--venue", "binance")

    assert result.exit_code == 1
    assert "there is no database at data/binance/trade.db" in result.stderr
    assert not (tmp_path / "data" / "binance").exists()


def test_backup_when_it_cannot_be_written_says_so_in_one_line(database: Path) -> None:
    result = run("--out", database / "copy.db")

    assert result.exit_code == 1
    assert len(result.stderr.strip().splitlines()) == 1
    assert "give a file in a folder that can be written" in result.stderr


def test_backup_when_the_target_is_the_database_refuses(database: Path) -> None:
    result = run("--out", database)

    assert result.exit_code == 1
    assert "is the database itself" in result.stderr
    assert settings_in(database) == [("mode", "paper")]


def test_backup_when_asked_for_help_shows_an_example() -> None:
    assert "python -m bot backup --venue binance" in run("--help").output
