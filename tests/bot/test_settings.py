import pytest

from bot.settings import Settings, SettingsError, hosted_platform, platform_database_url


def load(**values) -> Settings:
    return Settings.load(_env_file=None, **values)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("risk_pct", "3", "SMCBOT_RISK_PCT was '3'"),
        ("risk_pct", "abc", "SMCBOT_RISK_PCT was 'abc'"),
        ("leverage", "0", "SMCBOT_LEVERAGE was '0'"),
        ("language", "tlh", "SMCBOT_LANGUAGE was 'tlh': must be one of en, de"),
        ("timezone", "Mars/Base", "must be a name like Europe/Berlin"),
        ("telegram_owners", "12,abc", "SMCBOT_TELEGRAM_OWNERS"),
        ("recipes", "magic", "SMCBOT_RECIPES"),
        ("model_sha256", "zz", "SMCBOT_MODEL_SHA256 was 'zz'"),
        ("venue", "ftx", "SMCBOT_VENUE was 'ftx'"),
        ("chat_port", "70000", "SMCBOT_CHAT_PORT was '70000'"),
    ],
)
def test_setting_when_wrong_names_variable_value_and_allowed(monkeypatch, name, value, said):
    monkeypatch.setenv(f"SMCBOT_{name.upper()}", value)

    with pytest.raises(SettingsError) as refused:
        load()

    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_setting_when_several_are_wrong_tells_each_on_its_line(monkeypatch):
    monkeypatch.setenv("SMCBOT_LEVERAGE", "99")
    monkeypatch.setenv("SMCBOT_DIGEST_HOUR", "24")

    with pytest.raises(SettingsError) as refused:
        load()

    assert len(str(refused.value).splitlines()) == 2


def test_settings_when_shown_hide_secrets():
    canary = "canary-token-value"
    settings = load(telegram_token=canary, binance_secret=canary, database_url=canary)

    assert canary not in repr(settings)
    assert canary not in str(settings.model_dump())
    assert settings.secrets == (canary,) * 3


def test_settings_when_lists_are_written_with_spaces_are_read():
    settings = load(telegram_owners=" 1, 22 ,", allow_symbols="btcusdt, ETHUSDT")

    assert settings.telegram_owners == (1, 22)
    assert settings.allow_symbols == ("BTCUSDT", "ETHUSDT")


def test_settings_when_changed_refuse():
    with pytest.raises(Exception, match="frozen"):
        load().leverage = 5


@pytest.mark.parametrize(
    ("environment", "name"),
    [({"DYNO": "worker.1"}, "Heroku"), ({"RAILWAY_PROJECT_ID": "x"}, "Railway"), ({}, None)],
)
def test_platform_when_its_variables_are_set_is_named(environment, name):
    assert hosted_platform(environment) == name


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("postgres://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("postgresql://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("", ""),
    ],
)
def test_database_url_when_handed_out_by_a_platform_is_respelt(given, url):
    assert platform_database_url({"DATABASE_URL": given}) == url


def test_setting_when_its_name_is_misspelt_is_refused_with_the_near_ones(monkeypatch):
    """A misspelt limit was silently ignored: somebody believed it was set."""
    monkeypatch.setenv("SMCBOT_MAX_RISK_PCT", "9")

    with pytest.raises(SettingsError, match=r"SMCBOT_MAX_RISK_PCT is no setting, did you mean"):
        load()


def test_setting_when_misspelt_in_the_env_file_is_refused_too(tmp_path):
    path = tmp_path / ".env"
    path.write_text("SMCBOT_QQQ=1\nOTHER=2\n")

    with pytest.raises(SettingsError, match=r"SMCBOT_QQQ is no setting: see \.env\.example"):
        Settings.load(_env_file=path)
