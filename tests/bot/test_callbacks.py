import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.callbacks import (
    LIFETIME_S,
    MAX_DATA_BYTES,
    Confirmation,
    Nonces,
    StaleButton,
    is_token,
    pack,
    unpack,
)
from engine.domain.commands import CloseAll
from tests.fake_clock import FakeClock

QUESTION = Confirmation(CloseAll(command_id="1", requested_by="ada"), shown="state")


def nonces(clock: FakeClock | None = None) -> Nonces:
    return Nonces(random.Random(5), clock or FakeClock())


def test_token_when_burned_gives_what_was_asked_once():
    open_questions = nonces()
    token = open_questions.issue(11, QUESTION)

    assert open_questions.burn(token, 11) is QUESTION
    with pytest.raises(StaleButton, match="old or was used"):
        open_questions.burn(token, 11)


def test_token_when_pressed_by_somebody_else_stays_for_its_owner():
    open_questions = nonces()
    token = open_questions.issue(11, QUESTION)

    with pytest.raises(StaleButton):
        open_questions.burn(token, 12)

    assert open_questions.burn(token, 11) is QUESTION


def test_token_when_older_than_a_minute_is_refused():
    clock = FakeClock()
    open_questions = nonces(clock)
    token = open_questions.issue(11, QUESTION)
    clock.advance(LIFETIME_S + 1)

    with pytest.raises(StaleButton, match="60 s"):
        open_questions.burn(token, 11)


def test_token_when_withdrawn_is_gone():
    open_questions = nonces()
    token = open_questions.issue(11, QUESTION)
    open_questions.withdraw(token, 12)
    open_questions.withdraw(token, 11)

    with pytest.raises(StaleButton):
        open_questions.burn(token, 11)


def test_tokens_when_issued_differ_and_fit_into_a_button():
    open_questions = nonces()
    tokens = {open_questions.issue(11, QUESTION) for _ in range(150)}

    assert len(tokens) == 150
    assert all(is_token(t) and len(("no:" + t).encode()) <= MAX_DATA_BYTES for t in tokens)


def test_tokens_when_there_are_too_many_forget_the_oldest():
    open_questions = nonces()
    tokens = [open_questions.issue(11, QUESTION) for _ in range(201)]

    with pytest.raises(StaleButton):
        open_questions.burn(tokens[0], 11)
    assert open_questions.burn(tokens[-1], 11) is QUESTION


@given(st.text(max_size=80))
def test_unpack_when_given_anything_never_raises(data: str):
    action, args = unpack(data)

    assert ":".join((action, *args)) == data


def test_pack_when_too_long_is_none():
    assert pack("chart", "BTCUSDT") == "chart:BTCUSDT"
    assert pack("chart", "币" * 30) is None
