"""Starts of the bot in the database."""

import pytest

from engine.domain.effects import RunStarted
from storage import runs
from storage.database import Database


def run(epoch: int = 1, **fields: object) -> RunStarted:
    values: dict[str, object] = {
        "epoch": epoch,
        "started_ms": 1_000 + epoch,
        "speed": 20.0,
        "scorer": "heuristic",
        "symbols": 530,
        "settings": {"mode": "paper"},
        "choices": '{"recipes":["ob_retest"]}',
    }
    return RunStarted(**(values | fields))  # type: ignore[arg-type]


async def test_runs_when_written_come_back_oldest_first(database: Database) -> None:
    async with database.write() as connection:
        await runs.write(connection, [run(2), run(1)])
    async with database.read() as connection:
        assert await runs.all_runs(connection) == (run(1), run(2))


async def test_run_when_written_twice_is_kept_once(database: Database) -> None:
    async with database.write() as connection:
        await runs.write(connection, [run(1)])
        await runs.write(connection, [run(1, speed=60.0)])
    async with database.read() as connection:
        assert await runs.all_runs(connection) == (run(1, speed=60.0),)


async def test_runs_when_one_is_no_run_are_refused(database: Database) -> None:
    async with database.write() as connection:
        await connection.exec_driver_sql("INSERT INTO runs VALUES (1, 1, '[]')")
        with pytest.raises(ValueError, match="RunStarted"):
            await runs.all_runs(connection)
