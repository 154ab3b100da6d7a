from pathlib import Path

import pytest

from bot.run_options import RunOptions, choose_venue
from bot.settings import Settings, SettingsError
from engine.domain.signal import Mode


def settings(**values) -> Settings:
    return Settings.load(_env_file=None, **values)


def test_venue_when_nothing_is_named_is_the_embedded_exchange():
    assert choose_venue(RunOptions(), settings(), hosted=None) == "sim"


def test_venue_when_hosted_must_be_named():
    with pytest.raises(SettingsError, match="on Heroku the venue must be named"):
        choose_venue(RunOptions(), settings(), hosted="Heroku")
    assert choose_venue(RunOptions(), settings(venue="sim"), hosted="Heroku") == "sim"


def test_venue_when_flag_and_setting_differ_the_flag_wins():
    options = RunOptions(venue="binance-demo")

    assert choose_venue(options, settings(venue="sim"), hosted=None) == "binance-demo"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (RunOptions(venue="binance", mode=Mode.LIVE), "send /live on and confirm twice"),
        (RunOptions(venue="binance", allow_negative_edge=True), "send /live on"),
        (RunOptions(venue="binance", fresh=True), "--fresh works with --venue sim only"),
        (RunOptions(venue="binance", exchange_url="http://127.0.0.1:1"), "--exchange works with"),
        (RunOptions(replay=(Path("nowhere.parquet"),)), "no such file or folder: nowhere.parquet"),
        (RunOptions(exchange_url="http://127.0.0.1:1", fresh=True), "belong to the exchange"),
        (RunOptions(exchange_url="127.0.0.1:8790"), "e.g. http://127.0.0.1:8790"),
        (RunOptions(exchange_url="http://127.0.0.1:99999"), "--exchange was 'http://127.0.0.1:9"),
        (RunOptions(exchange_url="http://"), "--exchange was"),
    ],
)
def test_options_when_they_do_not_fit_the_venue_are_refused_in_one_line(options, message):
    with pytest.raises(SettingsError, match=message) as refused:
        choose_venue(options, settings(), hosted=None)
    assert "\n" not in str(refused.value)


def test_options_when_paper_is_asked_on_a_real_venue_are_accepted():
    options = RunOptions(venue="binance", mode=Mode.PAPER)

    assert choose_venue(options, settings(), hosted=None) == "binance"


def test_settings_when_a_token_has_no_owner_are_refused():
    with pytest.raises(SettingsError, match="SMCBOT_TELEGRAM_OWNERS is empty"):
        choose_venue(RunOptions(), settings(telegram_token="1:abc"), hosted=None)


def test_settings_when_half_a_key_is_given_are_refused():
    with pytest.raises(SettingsError, match="belong together"):
        choose_venue(RunOptions(venue="binance"), settings(binance_key="k"), hosted=None)


@pytest.mark.parametrize(
    ("values", "platform", "fine"),
    [
        ({}, "", False),
        ({"persistent_disk": True}, "", True),
        ({"database_url": "postgresql://x"}, "", True),
        ({}, "postgresql://x", True),
    ],
)
def test_trading_when_the_disk_is_erased_at_each_restart_needs_another_memory(
    values, platform, fine
):
    options = RunOptions(venue="binance")
    keyed = settings(binance_key="k", binance_secret="s", **values)

    if fine:
        assert choose_venue(options, keyed, "Heroku", platform) == "binance"
    else:
        with pytest.raises(SettingsError, match="Heroku erases the disk"):
            choose_venue(options, keyed, "Heroku", platform)
    assert choose_venue(options, settings(), "Heroku") == "binance"
    assert choose_venue(options, keyed, None) == "binance"
