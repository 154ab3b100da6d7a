from pathlib import Path

from bot.places import database_url, venue_folder
from bot.settings import Settings


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
