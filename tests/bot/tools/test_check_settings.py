import pytest

from bot.settings import Settings
from bot.tools.check_settings import check_keys, check_settings
from bot.tools.findings import Level

KEY, SECRET = "k" * 64, "s" * 64


def settings(**values) -> Settings:
    return Settings.load(_env_file=None, **values)


def test_settings_when_they_fit_name_the_venue():
    venue, found = check_settings(settings(venue="binance"), None, None)

    assert venue == "binance"
    assert (found.level, found.text) == (
        Level.GOOD,
        "readable, and they fit together; the venue is binance",
    )


def test_settings_when_the_venue_is_asked_for_prefer_it():
    assert check_settings(settings(venue="binance"), "sim", None)[0] == "sim"


@pytest.mark.parametrize(
    ("values", "hosted", "said"),
    [
        ({}, "Heroku", "on Heroku the venue must be named"),
        ({"venue": "binance", "binance_key": KEY}, None, "belong together"),
        ({"telegram_token": "1:x"}, None, "SMCBOT_TELEGRAM_OWNERS is empty"),
    ],
)
def test_settings_when_run_would_refuse_them_are_a_fault(values, hosted, said):
    venue, found = check_settings(settings(**values), None, hosted)

    assert venue is None
    assert found.level is Level.FAULT
    assert said in found.text
    assert found.advice


@pytest.mark.parametrize(
    ("key", "secret", "level", "said"),
    [
        ("", "", Level.GOOD, "none; signals and paper mode need none"),
        (KEY, SECRET, Level.GOOD, "the usual shape"),
        (KEY, KEY, Level.FAULT, "the same text"),
        (KEY, "-----BEGIN PRIVATE KEY-----\nx", Level.FAULT, "PEM form"),
        (f"{KEY} ", SECRET, Level.FAULT, "SMCBOT_BINANCE_KEY has a blank"),
        (KEY, f'"{SECRET}"', Level.FAULT, "SMCBOT_BINANCE_SECRET has a blank or a quotation"),
        (KEY[1:], SECRET, Level.WARNING, "SMCBOT_BINANCE_KEY has 63 characters"),
        (KEY, SECRET[:-1] + "-", Level.WARNING, "SMCBOT_BINANCE_SECRET has 64 characters"),
    ],
)
def test_keys_when_examined_are_judged_by_shape_and_never_shown(key, secret, level, said):
    found = check_keys(settings(binance_key=key, binance_secret=secret), "binance")

    assert found.level is level
    assert said in found.text
    for hidden in (key, secret):
        assert not hidden or hidden not in found.text + found.advice


def test_keys_when_the_venue_is_embedded_do_not_matter():
    assert check_keys(settings(binance_key="bad"), "sim").level is Level.GOOD
