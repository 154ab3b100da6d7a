"""WS API frames: ids come back as sent, decimals keep their text, errors have the venue's shape."""

from contextlib import suppress

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.exchange.sim.fault_actions import BAD_GATEWAY_502, UNKNOWN_503
from engine.exchange.sim.wire.gateway import Reply
from engine.exchange.sim.wire.ws_api_frames import (
    FrameError,
    WsRequest,
    parse_request,
    render_reply,
)


@pytest.mark.parametrize("request_id", ["3f7df6e3", 17, None])
def test_parse_request_when_well_formed_keeps_id_and_params(request_id: object) -> None:
    text = orjson.dumps(
        {"id": request_id, "method": "order.place", "params": {"symbol": "BTCUSDT", "n": 5}}
    ).decode()

    assert parse_request(text) == WsRequest(
        request_id,  # type: ignore[arg-type]
        "order.place",
        {"symbol": "BTCUSDT", "n": 5},
    )


def test_parse_request_when_a_decimal_is_a_json_number_keeps_its_text() -> None:
    request = parse_request('{"id":1,"method":"m","params":{"price":43187.0,"qty":0.10}}')

    assert request.params == {"price": "43187.0", "qty": "0.10"}


@pytest.mark.parametrize(
    ("text", "request_id"),
    [
        ("{", None),
        ("[1]", None),
        ('{"id":true,"method":"m"}', None),
        ('{"id":[1],"method":"m"}', None),
        ('{"id":7}', 7),
        ('{"id":7,"method":"m","params":[1]}', 7),
    ],
)
def test_parse_request_when_malformed_is_refused_under_its_id(
    text: str, request_id: object
) -> None:
    with pytest.raises(FrameError) as caught:
        parse_request(text)
    assert caught.value.request_id == request_id
    assert caught.value.refusal.code == -1135


@given(st.text(max_size=60))
def test_parse_request_when_given_anything_raises_only_its_own_error(text: str) -> None:
    with suppress(FrameError):
        assert parse_request(text)


def test_render_reply_when_accepted_has_result_and_limits() -> None:
    frame = orjson.loads(render_reply("x", Reply(200, {"orderId": 1}), [{"count": 3}]))

    assert frame == {
        "id": "x",
        "status": 200,
        "result": {"orderId": 1},
        "rateLimits": [{"count": 3}],
    }


def test_render_reply_when_refused_has_error_and_no_result() -> None:
    frame = orjson.loads(render_reply(4, Reply(400, {"code": -2013, "msg": "m"}), None))

    assert frame == {"id": 4, "status": 400, "error": {"code": -2013, "msg": "m"}}


def test_render_reply_when_a_fault_answers_shows_its_code_or_unknown() -> None:
    named = orjson.loads(render_reply(1, Reply(503, None, error=UNKNOWN_503), None))
    html = orjson.loads(render_reply(1, Reply(502, None, error=BAD_GATEWAY_502), None))

    assert (named["status"], named["error"]["code"]) == (503, -1000)
    assert "Unknown error" in named["error"]["msg"]
    assert (html["status"], html["error"]["code"]) == (502, -1000)
