"""Tests of bot/tools/doctor.py: every examination in its order, none stopping the others."""

import random

import pytest

from bot.settings import Settings
from bot.tools import doctor
from bot.tools.doctor import Surroundings, examine
from bot.tools.findings import Level


async def findings(tmp_path, around: Surroundings | None = None, **values):
    settings = Settings.load(
        _env_file=None, data_dir=tmp_path, model_dir=tmp_path, chat_port=0, **values
    )
    return [found async for found in examine(settings, around or Surroundings(), random.Random(1))]


async def test_examination_when_nothing_is_configured_finds_no_fault(tmp_path):
    found = await findings(tmp_path)

    assert [f.about for f in found] == [
        "settings",
        "API key",
        "venue",
        "database",
        "disk",
        "model",
        "chat",
    ]
    assert Level.FAULT not in {f.level for f in found}
    assert list(tmp_path.iterdir()) == [], "a doctor leaves nothing behind"


async def test_examination_when_settings_do_not_fit_goes_on_with_the_rest(tmp_path):
    found = await findings(tmp_path, Surroundings(hosted="Heroku"))

    assert found[0].level is Level.FAULT
    assert len(found) == 7
    assert "Heroku forgets its disk" in found[4].text


async def test_examination_when_a_check_breaks_says_so_and_goes_on(tmp_path, monkeypatch):
    def broken(_settings: Settings) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(doctor, "check_model", broken)

    found = await findings(tmp_path)

    assert found[5].level is Level.FAULT
    assert "the examination itself failed: ZeroDivisionError oops" in found[5].text
    assert found[6].about == "chat"


async def test_venue_when_the_exchange_is_not_there_says_how_to_start_it(tmp_path):
    around = Surroundings(venue="sim", exchange_url="http://127.0.0.1:9")

    found = (await findings(tmp_path, around))[2]

    assert found.level is Level.FAULT
    assert "no embedded exchange at http://127.0.0.1:9" in found.text
    assert "python -m bot exchange --port 9" in found.text


@pytest.mark.parametrize("url", ["ftp://x", "http://example.com", "nonsense"])
async def test_venue_when_the_address_is_not_allowed_is_a_fault(tmp_path, url):
    found = (await findings(tmp_path, Surroundings(venue="sim", exchange_url=url)))[2]

    assert found.level is Level.FAULT


@pytest.mark.parametrize("url", ["postgresql://u:p@h/d", "sqlite:///x.db"])
async def test_disk_when_the_database_is_a_server_may_be_forgotten(tmp_path, monkeypatch, url):
    monkeypatch.setattr(doctor, "check_database", _unasked)
    monkeypatch.setattr(doctor, "_venue", _nothing)
    around = Surroundings(venue="binance", hosted="Heroku")

    found = await findings(tmp_path, around, database_url=url)

    disk = next(f for f in found if f.about == "disk")
    assert disk.level is (Level.GOOD if url.startswith("postgres") else Level.WARNING)


async def _unasked(*_: object):
    return doctor.good("database", "not asked here")


async def _nothing(*_: object):
    return []
