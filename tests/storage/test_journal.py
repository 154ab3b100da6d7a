"""The SQL journal under failure: a batch is whole or absent, and survives a kill once told."""

import asyncio
import random
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from sqlalchemy import event, text

from engine.domain.effects import Entry, EquitySeen, SettingChanged, SetupSeen
from engine.domain.errors import JournalError
from engine.domain.order import Book
from storage import journal as journal_module
from storage.database import Database
from storage.journal import SqlJournal
from tests.storage import samples

WRITER = """
import asyncio, sys
from engine.domain.effects import SettingChanged
from storage import journal as journal_module
from storage.database import Database
from storage.journal import SqlJournal
from tests.storage import samples

async def main():
    database = Database(sys.argv[1])
    await database.open()
    journal = SqlJournal(database)
    for n in range(1_000_000):
        await journal.save_intent(samples.intent(f"k{n}"))
        await journal.append([SettingChanged(f"a{n}", "1"), SettingChanged(f"b{n}", "1")])
        print(n, flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_journal_when_killed_keeps_all_it_acknowledged(database_path: Path, seed: int) -> None:
    wanted = random.Random(seed).randrange(3, 25)
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(database_path)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    ) as writer:
        assert writer.stdout is not None
        acknowledged = [int(writer.stdout.readline()) for _ in range(wanted)][-1]
        writer.kill()

    raw = sqlite3.connect(database_path)
    assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    keys = {key for (key,) in raw.execute("SELECT key FROM settings")}
    for n in range(acknowledged + 1):
        assert {f"a{n}", f"b{n}"} <= keys
    assert len(keys) % 2 == 0
    intents = raw.execute("SELECT count(*) FROM intents").fetchone()[0]
    assert intents >= acknowledged + 1
    raw.close()


def test_writers_when_listed_cover_every_record() -> None:
    assert set(journal_module._WRITERS) == set(get_args(Entry))


async def test_append_when_one_record_fails_stores_none(sqlite: Database) -> None:
    journal = SqlJournal(sqlite)
    async with sqlite.write() as connection:
        await connection.execute(
            text(
                "CREATE TRIGGER broken BEFORE INSERT ON equity "
                "BEGIN SELECT RAISE(ABORT, 'the disk is tired'); END"
            )
        )
    batch = [
        SettingChanged("mode", "paper"),
        EquitySeen(Book.PAPER, 1, samples.D(1), samples.D(1)),
    ]
    with pytest.raises(JournalError, match="the disk is tired"):
        await journal.append(batch)
    assert (await journal.restore()).settings == {}


@pytest.mark.parametrize(
    ("hook", "failing"),
    [*(("before_cursor_execute", n) for n in range(1, 5)), ("commit", 1)],
)
async def test_append_when_the_nth_step_fails_stores_none_and_goes_on(
    sqlite: Database, hook: str, failing: int
) -> None:
    journal = SqlJournal(sqlite)
    batch = [
        SettingChanged("mode", "paper"),
        SetupSeen(samples.setup(), None, "stale", 1),
        EquitySeen(Book.PAPER, 1, samples.D(1), samples.D(1)),
    ]
    steps = iter(range(1, 100))

    def fail(*_arguments: object) -> None:
        if next(steps) == failing:
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorname = "SQLITE_IOERR_WRITE"
            raise error

    engine = sqlite._writer.sync_engine
    event.listen(engine, hook, fail)
    with pytest.raises(JournalError, match="the disk reports an error"):
        await journal.append(batch)
    event.remove(engine, hook, fail)
    assert (await journal.restore()).settings == {}
    await journal.append(batch)
    assert (await journal.restore()).settings == {"mode": "paper"}


async def test_append_when_batch_is_large_is_one_commit(sqlite: Database) -> None:
    journal = SqlJournal(sqlite)
    before = sqlite.commits
    await journal.append([SettingChanged(f"k{n}", "x") for n in range(300)])
    await journal.append([])
    assert sqlite.commits == before + 1
    assert len((await journal.restore()).settings) == 300


async def test_save_intent_when_many_race_for_one_key_one_wins(sqlite: Database) -> None:
    journal = SqlJournal(sqlite)
    tries = [samples.intent(client_id=f"smc{n}-E-k1-0") for n in range(8)]
    won = await asyncio.gather(*(journal.save_intent(one) for one in tries))
    assert sorted(won) == [False] * 7 + [True]
