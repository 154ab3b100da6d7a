import asyncio
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli.main import app
from bot.cli.prune import parse_keep
from bot.tools.prune import Rule
from engine.domain.effects import SetupSeen
from storage.database import Database
from storage.file_lock import FileLock
from storage.journal import SqlJournal
from storage.migrate import migrate
from storage.recording import Mark, append_recording, recording_files
from storage.retention import DAY_MS
from storage.tape_rows import FOLDER, HOUR_MS
from tests.storage.samples import T0, setup


def run(*words: object) -> Result:
    return CliRunner().invoke(app, ["prune", *map(str, words)], env={"COLUMNS": "160"})


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make an old log and a journal with an old setup."""
    monkeypatch.chdir(tmp_path)
    log = tmp_path / "data" / "sim" / "old.log"
    log.parent.mkdir(parents=True)
    log.write_text("x")
    os.utime(log, (0, 0))
    path = str(tmp_path / "data" / "sim" / "trade.db")

    async def make() -> None:
        await migrate(path)
        database = Database(path)
        late = T0 + 400 * DAY_MS
        seen = [(setup("OLDUSDT", T0), T0), (setup("NEWUSDT", late), late)]
        await SqlJournal(database).append([SetupSeen(one, None, "cost", at) for one, at in seen])
        await database.close()

    asyncio.run(make())
    return tmp_path / "data"


def test_prune_when_not_told_yes_deletes_nothing_and_says_what_it_would(data: Path) -> None:
    result = run()

    assert result.exit_code == 0, result.output
    assert "sim/old.log" in result.stdout
    assert "would delete 1 files" in result.stdout
    assert "journal sim/trade.db: would delete 1 setups" in result.stdout
    assert "Nothing was deleted" in result.stdout
    assert (data / "sim" / "old.log").exists()
    assert "would delete 1 setups" in run().stdout


def test_prune_when_told_yes_deletes_files_and_rows(data: Path) -> None:
    result = run("--yes")

    assert result.exit_code == 0, result.output
    assert "deleted 1 files" in result.stdout
    assert "journal sim/trade.db: deleted 1 setups" in result.stdout
    assert not (data / "sim" / "old.log").exists()
    again = run("--yes")
    assert "deleted 0 files" in again.stdout
    assert "deleted 0 setups" in again.stdout


def test_prune_when_the_bot_runs_leaves_its_journal_alone(data: Path) -> None:
    lock = FileLock(data / "sim" / "trade.db.lock")
    lock.acquire("the bot")
    try:
        result = run("--yes")
    finally:
        lock.release()

    assert result.exit_code == 1
    assert "the bot" in result.stderr
    assert "would delete 1 setups" in run().stdout


def test_prune_when_the_bot_runs_keeps_the_newest_hour_it_recorded(data: Path) -> None:
    marks = [Mark(run=1, seq=i, at_ms=T0 + i * HOUR_MS, kind="start", data={}) for i in range(2)]
    append_recording(data / "sim" / FOLDER, [], marks)
    older, newest = recording_files(data / "sim" / FOLDER)
    words = ("--yes", "--keep", "recordings=0", "--keep", "journal=never")
    lock = FileLock(data / "sim" / "trade.db.lock")
    lock.acquire("the bot")
    try:
        assert run(*words).exit_code == 0
    finally:
        lock.release()

    assert (older.exists(), newest.exists()) == (False, True)
    run(*words)
    assert not newest.exists()


def test_prune_when_a_rule_is_kept_for_ever_obeys(data: Path) -> None:
    result = run("--yes", "--keep", "logs=never", "--keep", "journal=never")

    assert result.exit_code == 0, result.output
    assert (data / "sim" / "old.log").exists()
    assert "journal sim" not in result.stdout


@pytest.mark.usefixtures("data")
def test_prune_when_a_file_cannot_be_deleted_says_so_and_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("bot.tools.prune.remove", refused)

    result = run("--yes")

    assert result.exit_code == 1
    assert "old.log: Permission denied" in result.stderr
    assert "deleted 1 setups" in result.stdout


@pytest.mark.parametrize("word", ["logs", "logs=", "logs=-1", "luck=3", "logs=soon"])
def test_keep_when_wrong_says_what_is_allowed(word: str) -> None:
    with pytest.raises(ValueError, match="allowed is RULE=DAYS or RULE=never with recordings"):
        parse_keep([word])


def test_keep_when_right_is_days_or_for_ever() -> None:
    assert parse_keep(["logs=7", "bench=never"]) == {Rule.LOGS: 7, Rule.BENCH: None}


def test_prune_when_asked_for_help_shows_an_example() -> None:
    assert "python -m bot prune --keep" in run("--help").output
