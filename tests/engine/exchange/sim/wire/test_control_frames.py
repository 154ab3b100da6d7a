"""Control requests of stream sockets: the good ones typed, the bad ones answered as documented."""

from contextlib import suppress

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.exchange.sim.wire.control_frames import (
    ControlFrameError,
    GetCombined,
    ListSubscriptions,
    SetCombined,
    Subscribe,
    Unsubscribe,
    error,
    parse_control,
    result,
)


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ('{"method":"SUBSCRIBE","params":["a@kline_1m"],"id":1}', Subscribe(1, ("a@kline_1m",))),
        ('{"method":"UNSUBSCRIBE","params":["a","b"],"id":312}', Unsubscribe(312, ("a", "b"))),
        ('{"method":"LIST_SUBSCRIPTIONS","id":"f3a1c0"}', ListSubscriptions("f3a1c0")),
        ('{"method":"LIST_SUBSCRIPTIONS","id":3}', ListSubscriptions(3)),
        ('{"method":"SET_PROPERTY","params":["combined",true],"id":5}', SetCombined(5, True)),
        ('{"method":"GET_PROPERTY","params":["combined"],"id":2}', GetCombined(2)),
    ],
)
def test_parse_control_when_well_formed_is_typed(text: str, request_: object) -> None:
    assert parse_control(text) == request_


@pytest.mark.parametrize(
    ("text", "code", "part"),
    [
        ("{", 3, "Invalid JSON"),
        ("[]", 2, "missing field `method`"),
        ('{"id":1}', 2, "missing field `method`"),
        ('{"method":"FOO","id":1}', 2, "unknown variant `FOO`"),
        ('{"method":"SUBSCRIBE","params":["a"]}', 2, "request ID must be an unsigned integer"),
        ('{"method":"SUBSCRIBE","params":["a"],"id":""}', 2, "unsigned integer"),
        ('{"method":"SUBSCRIBE","params":["a"],"id":1.5}', 2, "unsigned integer"),
        ('{"method":"SUBSCRIBE","params":["a"],"id":-1}', 2, "unsigned integer"),
        ('{"method":"SUBSCRIBE","params":["a"],"id":true}', 2, "unsigned integer"),
        ('{"method":"SUBSCRIBE","params":"a","id":1}', 2, "params must be a list"),
        ('{"method":"SUBSCRIBE","params":[1],"id":1}', 2, "params must be a list"),
        ('{"method":"SET_PROPERTY","params":["combined","x"],"id":1}', 1, "expected Boolean"),
        ('{"method":"SET_PROPERTY","params":["other",true],"id":1}', 0, "Unknown property"),
        ('{"method":"SET_PROPERTY","params":[1,true],"id":1}', 2, "must be a string"),
        ('{"method":"GET_PROPERTY","params":["other"],"id":1}', 0, "Unknown property"),
    ],
)
def test_parse_control_when_malformed_is_answered(text: str, code: int, part: str) -> None:
    with pytest.raises(ControlFrameError) as caught:
        parse_control(text)

    body = orjson.loads(error(caught.value))
    assert body["code"] == code
    assert part in body["msg"]


@given(st.text(max_size=60))
def test_parse_control_when_given_anything_raises_only_its_own_error(text: str) -> None:
    with suppress(ControlFrameError):
        assert parse_control(text)


def test_result_when_written_matches_the_documented_acknowledgement() -> None:
    assert result(312, None) == b'{"result":null,"id":312}'
