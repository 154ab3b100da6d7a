from zoneinfo import available_timezones

import pytest

from bot.callbacks import MAX_DATA_BYTES, pack
from bot.zones import COMMON, city, find_zone, near_zones


def test_common_zones_when_offered_exist_and_fit_a_button():
    assert set(COMMON) <= available_timezones()
    for zone in COMMON:
        data = pack("settings", "zone", zone)
        assert data is not None
        assert len(data.encode()) <= MAX_DATA_BYTES


def test_find_zone_when_typed_in_small_letters_finds_nearly_every_one():
    known = {name for name in available_timezones() if "/" in name and "Etc" not in name}

    missed = {name for name in known if find_zone(name.lower()) != name}

    # What is missed has capitals inside a word, like Antarctica/McMurdo or Australia/ACT.
    assert len(missed) <= len(known) * 0.05, sorted(missed)
    assert not missed & {name for name in known if name.startswith(("Europe/", "Asia/"))}


def test_find_zone_when_spelt_right_exists_and_is_found_again():
    for name in available_timezones():
        found = find_zone(name)
        assert found is not None, name
        assert found == name or found in COMMON
        assert find_zone(found) == found


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("berlin", "Europe/Berlin"),
        ("Sao Paulo", "America/Sao_Paulo"),
        ("america/port-au-prince", "America/Port-au-Prince"),
        ("africa/dar_es_salaam", "Africa/Dar_es_Salaam"),
        (" utc ", "UTC"),
    ],
)
def test_find_zone_when_said_as_people_do_is_found(text: str, zone: str):
    assert find_zone(text) == zone


@pytest.mark.parametrize("text", ["", "..", "../../etc/passwd", "/etc/passwd", "europe", "x" * 60])
def test_find_zone_when_there_is_none_is_none(text: str):
    assert find_zone(text) is None


def test_near_zones_when_misspelt_names_the_city():
    assert near_zones("berlinn") == ["Europe/Berlin"]
    assert near_zones("zzz") == []
    assert city("America/New_York") == "New York"
