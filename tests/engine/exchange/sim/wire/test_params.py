"""Parameters are read as sent, and the signed text is exactly the text that was sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.exchange.sim.errors import ApiError
from engine.exchange.sim.wire.params import integer, limit, parse_http, parse_ws, required


def code_of(call: object) -> int:
    with pytest.raises(ApiError) as caught:
        call()  # type: ignore[operator]
    return caught.value.code


def test_parse_http_when_query_is_signed_keeps_the_text_before_the_signature() -> None:
    params = parse_http("symbol=BTCUSDT&timestamp=1&signature=abc", "")

    assert params.signed_text == "symbol=BTCUSDT&timestamp=1"
    assert params.values["signature"] == "abc"
    assert params.business == {"symbol": "BTCUSDT"}


def test_parse_http_when_query_and_body_are_sent_joins_them_without_a_separator() -> None:
    params = parse_http("symbol=LTCBTC&side=BUY", "quantity=1&timestamp=2&signature=f")

    assert params.signed_text == "symbol=LTCBTC&side=BUYquantity=1&timestamp=2"


def test_parse_http_when_both_name_a_parameter_the_query_wins() -> None:
    assert parse_http("symbol=A", "symbol=B").values == {"symbol": "A"}


def test_parse_http_when_symbol_is_percent_encoded_decodes_the_value_only() -> None:
    params = parse_http("symbol=%E5%B8%81USDT&signature=x", "")

    assert params.values["symbol"] == "币USDT"
    assert params.signed_text == "symbol=%E5%B8%81USDT"


def test_parse_http_when_signature_is_alone_signs_nothing() -> None:
    assert not parse_http("signature=x", "").signed_text


def test_parse_http_when_a_name_is_sent_twice_is_refused() -> None:
    assert code_of(lambda: parse_http("a=1&a=2", "")) == -1101


def test_parse_ws_when_frame_is_unsorted_signs_sorted_text() -> None:
    params = parse_ws(
        {"symbol": "BTCUSDT", "apiKey": "k", "quantity": "0.10", "timestamp": 5, "signature": "s"}
    )

    assert params.signed_text == "apiKey=k&quantity=0.10&symbol=BTCUSDT&timestamp=5"
    assert params.business == {"symbol": "BTCUSDT", "quantity": "0.10"}


def test_parse_ws_when_booleans_are_sent_reads_them_as_json_writes_them() -> None:
    assert parse_ws({"reduceOnly": True, "x": None}).values == {"reduceOnly": "true"}


def test_parse_ws_when_a_value_is_an_object_is_refused() -> None:
    assert code_of(lambda: parse_ws({"symbol": {"a": 1}})) == -1102


def test_required_when_empty_is_refused_by_name() -> None:
    with pytest.raises(ApiError, match="Mandatory parameter 'symbol'"):
        required({"symbol": ""}, "symbol")


@pytest.mark.parametrize("text", ["1.5", "abc", "1e3", "9" * 25])
def test_integer_when_not_a_whole_number_is_refused(text: str) -> None:
    assert code_of(lambda: integer({"n": text}, "n")) == -1100


@given(st.integers(-(10**19), 10**19))
def test_integer_when_whole_reads_it(number: int) -> None:
    assert integer({"n": str(number)}, "n") == number


@pytest.mark.parametrize("text", ["0", "1501", "-5"])
def test_limit_when_out_of_range_is_refused(text: str) -> None:
    assert code_of(lambda: limit({"limit": text}, default=500, maximum=1500)) == -1130


def test_limit_when_absent_is_the_default() -> None:
    assert limit({}, default=500, maximum=1500) == 500
    assert limit({"limit": "1500"}, default=500, maximum=1500) == 1500
