import pytest

from bot.setting_words import range_of
from bot.settings import Settings, SettingsError


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("RISK_PCT", "abc", "SMCBOT_RISK_PCT was 'abc': must be a number from 0.5 to 2.0"),
        ("RISK_PCT", "2.5", "SMCBOT_RISK_PCT was '2.5': must be a number from 0.5 to 2.0"),
        ("LEVERAGE", "1.5", "SMCBOT_LEVERAGE was '1.5': must be a whole number from 1 to 50"),
        ("LEVERAGE", "99", "must be a whole number from 1 to 50"),
        ("MAX_DRAWDOWN_PCT", "0", "must be a number above 0, up to 90"),
        ("COOL_DOWN_MINUTES", "-1", "must be a number from 0 up"),
        ("PAPER_BALANCE_USDT", "much", "must be a number above 0"),
        ("MAX_SYMBOLS", "many", "must be a whole number from 1 up"),
        ("TIMEZONE", "Mars", "must be a name like Europe/Berlin or UTC"),
        ("LOCALCHAT_LIVE", "perhaps", "valid boolean"),
    ],
)
def test_refusal_when_a_value_is_wrong_says_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, name: str, given: str, said: str
):
    monkeypatch.setenv(f"SMCBOT_{name}", given)

    with pytest.raises(SettingsError) as refused:
        Settings.load(_env_file=None)

    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("given", ["ftp://canary", "canary", "https://"])
def test_refusal_when_the_value_is_a_secret_does_not_show_it(
    monkeypatch: pytest.MonkeyPatch, given: str
):
    monkeypatch.setenv("SMCBOT_HEARTBEAT_URL", given)

    with pytest.raises(SettingsError, match=r"SMCBOT_HEARTBEAT_URL was \*\*\*: must be") as refused:
        Settings.load(_env_file=None)

    assert "canary" not in str(refused.value)


def test_range_when_a_field_has_no_limits_is_empty():
    assert range_of(Settings.model_fields["venue"]) == ""
