from pathlib import Path

import pytest

from bot.places import claim, database_url, forget_run, place_of, venue_folder
from bot.settings import Settings
from engine.domain.errors import InstanceConflict, JournalError
from storage.file_lock import FileLock


def settings(**values) -> Settings:
    return Settings.load(_env_file=None, data_dir=Path("somewhere"), **values)


def test_folder_when_venues_differ_is_not_shared():
    folders = {venue_folder(settings(), v) for v in ("sim", "binance", "binance-demo")}

    assert len(folders) == 3


def test_database_when_nothing_is_configured_is_a_file_of_the_venue():
    assert database_url(settings(), "binance", "") == str(Path("somewhere/binance/trade.db"))


def test_database_when_configured_wins_over_the_platform():
    url = "postgresql+asyncpg://mine"

    assert database_url(settings(database_url=url), "binance", "platform") == url
    assert database_url(settings(), "binance", "platform") == "platform"


def test_database_of_the_demo_when_a_server_is_configured_stays_a_file():
    """A demo run must never write into the journal of real money."""
    url = database_url(settings(database_url="postgresql://mine"), "sim", "platform")

    assert url == str(Path("somewhere/sim/trade.db"))


class Journal:
    def __init__(self):
        self.rows = {}

    async def append(self, entries):
        self.rows |= {entry.key: entry.value for entry in entries}


async def test_database_when_first_used_is_bound_to_its_venue():
    journal = Journal()

    await claim(journal, "db", {"mode": "live"}, "binance-demo")
    await claim(journal, "db", journal.rows, "binance-demo")

    assert journal.rows == {"venue": "binance-demo"}


async def test_database_of_the_demo_when_started_on_real_money_is_refused():
    """The stored mode wins at a start: live on the demo would be live with real money."""
    journal = Journal()

    with pytest.raises(JournalError, match="keeps the journal of binance-demo, not of binance:"):
        await claim(journal, "db", {"venue": "binance-demo", "mode": "live"}, "binance")
    assert journal.rows == {}


def test_forget_when_a_bot_is_running_on_it_refuses(tmp_path):
    (tmp_path / "trade.db").touch()
    lock = FileLock(tmp_path / "trade.db.lock")
    lock.acquire("host:1")
    try:
        with pytest.raises(InstanceConflict, match="host:1"):
            forget_run(tmp_path)
    finally:
        lock.release()
    assert (tmp_path / "trade.db").exists()


def test_forget_when_nobody_runs_deletes_the_database_its_log_and_the_candles(tmp_path):
    for name in ("trade.db", "trade.db-wal", "trade.db-shm"):
        (tmp_path / name).touch()
    (tmp_path / "candles" / "2026-11-22").mkdir(parents=True)

    forget_run(tmp_path)
    forget_run(tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == {"trade.db.lock"}


def test_place_when_an_exchange_runs_by_itself_is_its_own():
    """Another market's past would bring cool-downs and breakers from a time that never was."""
    url = "http://127.0.0.1:8791"

    assert place_of("sim", None) == "sim"
    assert place_of("binance", None) == "binance"
    assert place_of("sim", url) == "sim-127.0.0.1-8791"
    assert place_of("sim", url) != place_of("sim", "http://127.0.0.1:8792")
    assert database_url(settings(), place_of("sim", url), "platform").endswith("trade.db")
