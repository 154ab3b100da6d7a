import pytest

from bot.localchat.content.profiles import Profile, bot_profile


def test_bot_profile_when_token_is_well_formed_takes_its_id() -> None:
    bot = bot_profile("123456:AA-bb_9", "smcbot")
    assert bot.user_json() == {
        "id": 123456,
        "is_bot": True,
        "first_name": "smcbot",
        "username": "smcbot_local_bot",
    }


@pytest.mark.parametrize("token", ["", "abc", "1:", ":x", "1:ä", "12x:abc"])
def test_bot_profile_when_token_is_malformed_is_refused_without_repeating_it(token: str) -> None:
    with pytest.raises(ValueError, match="bot token must look like") as caught:
        bot_profile(token, "smcbot")
    assert not token or f"'{token}'" not in str(caught.value)


def test_person_when_written_as_user_and_chat_has_one_id() -> None:
    person = Profile(7, "Ann", language="de")
    assert person.user_json()["language_code"] == "de"
    assert person.user_json()["is_bot"] is False
    assert person.chat_json() == {"id": 7, "type": "private", "first_name": "Ann"}
