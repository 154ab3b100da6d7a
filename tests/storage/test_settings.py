"""Stored choices."""

from engine.domain.effects import SettingChanged
from storage import settings
from storage.database import Database


async def test_write_when_a_key_repeats_in_one_batch_keeps_the_last(database: Database) -> None:
    batch = [SettingChanged("mode", "signals"), SettingChanged("mode", "paper")]
    async with database.write() as connection:
        await settings.write(connection, batch)
        assert await settings.all_settings(connection) == {"mode": "paper"}


async def test_all_settings_when_none_is_stored_is_empty(database: Database) -> None:
    async with database.read() as connection:
        assert await settings.all_settings(connection) == {}
