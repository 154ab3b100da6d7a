"""The named error replies say what the venue says, and every action belongs to one stage."""

from typing import get_args

import pytest

from engine.exchange.sim.errors import TEXTS
from engine.exchange.sim.fault_actions import (
    ERROR_REPLIES,
    EVENT_ACTIONS,
    REQUEST_ACTIONS,
    AfterAction,
    BeforeAction,
    EventAction,
)


def test_error_replies_when_listed_hold_three_different_503() -> None:
    texts = {reply.msg for reply in ERROR_REPLIES.values() if reply.status == 503}

    assert len(texts) == 4
    assert "Unknown error, please check your request or try again later." in texts
    assert "Service Unavailable." in texts


@pytest.mark.parametrize("name", ERROR_REPLIES)
def test_error_replies_when_sent_are_either_json_or_a_raw_body(name: str) -> None:
    reply = ERROR_REPLIES[name]

    assert reply.status >= 400
    assert (reply.code is None) == bool(reply.body)
    assert (reply.code is None) == (reply.content_type == "text/html")


def test_error_replies_when_the_exchange_knows_the_code_use_its_text() -> None:
    for reply in ERROR_REPLIES.values():
        if reply.code in TEXTS:
            assert reply.msg == TEXTS[reply.code]


def test_stages_when_compared_with_the_types_hold_every_action_once() -> None:
    assert set(REQUEST_ACTIONS) == {*get_args(BeforeAction), *get_args(AfterAction)}
    assert set(EVENT_ACTIONS) == set(get_args(EventAction))
    assert not set(REQUEST_ACTIONS) & set(EVENT_ACTIONS)
