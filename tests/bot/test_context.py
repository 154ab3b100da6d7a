from bot.context import Answered, TelegramConfig
from tests.bot.fake_desk import FakeDesk, position, snapshot
from tests.bot.front_kit import front


def test_config_when_shown_hides_the_token():
    config = TelegramConfig(token="123456:secret", owners=frozenset({5, 3}))

    assert "secret" not in repr(config)
    assert config.bot_id == "123456"
    assert config.home == 3


def test_home_when_a_chat_is_set_is_that_chat():
    assert TelegramConfig(token="1:x", owners=frozenset({5}), chat_id=7).home == 7
    assert TelegramConfig(token="1:x", owners=frozenset()).home is None


def test_answered_when_full_forgets_the_oldest():
    answered = Answered(limit=2)
    for command_id in ("a", "b", "c"):
        answered.add(command_id)

    assert ["a" in answered, "b" in answered, "c" in answered] == [False, True, True]
    answered.discard("c")
    answered.discard("never")
    assert "c" not in answered


def test_symbols_when_a_held_one_is_not_scanned_include_it():
    desk = FakeDesk(state=snapshot(positions=(position("XMRUSDT"), position("BTCUSDT"))))

    symbols = front(desk).symbols()

    assert symbols.count("BTCUSDT") == 1
    assert "XMRUSDT" in symbols
