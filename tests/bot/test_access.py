from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.access import CALLS_BURST, Caller, Doorman, Verdict, is_late
from bot.context import TelegramConfig
from tests.fake_clock import FakeClock

OWNER, VIEWER = 11, 22
ADA = Caller(user_id=OWNER, name="Ada", chat_id=OWNER, chat_type="private", direct=True)


def doorman(clock: FakeClock | None = None, **config: Any) -> Doorman:
    values: dict[str, Any] = {"owners": frozenset({OWNER}), "viewers": frozenset({VIEWER})}
    return Doorman(TelegramConfig(token="1:x", **(values | config)), clock or FakeClock())


def test_owner_when_in_private_may_act_and_viewer_may_look():
    door = doorman()

    assert door.judge(ADA) is Verdict.OWNER
    assert door.judge(replace(ADA, user_id=VIEWER, chat_id=VIEWER)) is Verdict.VIEWER
    assert door.strangers == 0


@pytest.mark.parametrize(
    "change",
    [
        {"user_id": 33},
        {"user_id": None},
        {"chat_type": "group"},
        {"chat_type": "supergroup"},
        {"chat_type": "channel"},
        {"chat_type": "", "chat_id": None},
    ],
)
def test_caller_when_anything_is_wrong_is_a_stranger(change: dict[str, Any]):
    door = doorman()

    assert door.judge(replace(ADA, **change)) is Verdict.STRANGER
    assert door.strangers == 1


def test_caller_when_the_chat_id_is_set_must_be_in_that_chat():
    door = doorman(chat_id=999)

    assert door.judge(ADA) is Verdict.STRANGER
    assert door.judge(replace(ADA, chat_id=999)) is Verdict.OWNER


def test_owner_when_not_speaking_directly_is_ignored():
    assert doorman().judge(replace(ADA, direct=False)) is Verdict.IGNORED


def test_anybody_when_the_list_is_empty_is_a_stranger():
    door = doorman(owners=frozenset(), viewers=frozenset())

    assert door.judge(ADA) is Verdict.STRANGER


@given(
    st.builds(
        Caller,
        user_id=st.none() | st.integers(),
        name=st.text(),
        chat_id=st.none() | st.integers(),
        chat_type=st.sampled_from(["private", "group", "supergroup", "channel", "sender", ""]),
        direct=st.booleans(),
    )
)
def test_stranger_when_fuzzed_never_gets_in(caller: Caller):
    verdict = doorman().judge(caller)

    if verdict is not Verdict.STRANGER:
        assert caller.user_id in {OWNER, VIEWER}
        assert caller.chat_type == "private"


def test_budget_when_used_up_comes_back_with_time():
    clock = FakeClock()
    door = doorman(clock)

    granted = [door.has_budget(OWNER) for _ in range(round(CALLS_BURST) + 1)]
    assert granted == [True] * round(CALLS_BURST) + [False]
    assert door.has_budget(VIEWER)

    clock.advance(1.0)
    assert door.has_budget(OWNER)
    assert not door.has_budget(OWNER)


def test_strangers_when_they_come_are_reported_once_an_hour():
    clock = FakeClock()
    door = doorman(clock)
    stranger = replace(ADA, user_id=33)
    assert door.stranger_report() == 0

    door.judge(stranger)
    door.judge(stranger)
    assert door.stranger_report() == 2

    door.judge(stranger)
    assert door.stranger_report() == 0
    clock.advance(3601)
    assert door.stranger_report() == 1


@pytest.mark.parametrize(
    ("age_s", "late"), [(0, False), (60, False), (61, True), (-100, False), (-121, True)]
)
def test_message_when_old_or_from_the_future_is_late(age_s: float, late: bool):
    assert is_late(1_000_000_000, round(1_000_000_000 + age_s * 1000)) is late


def test_caller_when_the_chat_is_not_their_own_is_a_stranger():
    assert doorman().judge(replace(ADA, chat_id=OWNER + 1)) is Verdict.STRANGER
