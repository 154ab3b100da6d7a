from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.errors import MalformedMessage
from engine.exchange.binance import parse


def test_loads_when_not_json_raises_malformed_with_a_clipped_text() -> None:
    with pytest.raises(MalformedMessage, match="not JSON: <html>"):
        parse.loads(b"<html>" + b"x" * 5000)


def test_guarded_when_reader_fails_names_it() -> None:
    @parse.guarded
    def read_thing(body: dict[str, int]) -> int:
        return body["absent"]

    with pytest.raises(MalformedMessage, match="read_thing: KeyError 'absent'"):
        read_thing({"present": 1})


def test_guarded_when_reader_succeeds_returns_its_value() -> None:
    @parse.guarded
    def read_thing(body: int) -> int:
        return body + 1

    assert read_thing(1) == 2


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-inf", float("inf"), True, None, [], "x"])
def test_decimal_when_not_a_finite_number_refuses(value: object) -> None:
    with pytest.raises((ValueError, ArithmeticError)):
        parse.decimal(value)


def test_decimal_when_json_float_means_its_shortest_text() -> None:
    assert parse.decimal(0.0065) == Decimal("0.0065")
    assert parse.decimal_or_zero("") == parse.decimal_or_zero(None) == Decimal(0)


@pytest.mark.parametrize("value", [1.5, True, None, "1.5", ""])
def test_integer_when_not_whole_refuses(value: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse.integer(value)


def test_integer_when_written_as_text_is_read() -> None:
    assert parse.integer("1736996475556") == 1736996475556


@pytest.mark.parametrize(("value", "meant"), [(True, True), ("false", False), ("TRUE", True)])
def test_truth_when_written_either_way_is_read(value: object, meant: bool) -> None:
    assert parse.truth(value) is meant


@pytest.mark.parametrize("value", [1, "yes", None])
def test_truth_when_anything_else_refuses(value: object) -> None:
    with pytest.raises(ValueError, match="neither true nor false"):
        parse.truth(value)


def test_text_and_rows_when_other_types_refuse() -> None:
    with pytest.raises(ValueError, match="not a text"):
        parse.text(1)
    with pytest.raises(ValueError, match="list of objects"):
        parse.rows([1])
    with pytest.raises(ValueError, match="list of objects"):
        parse.rows({})


@pytest.mark.parametrize(
    ("symbol", "coin_margined"),
    [
        ("BTCUSD_PERP", True),
        ("BTCUSD_260925", True),
        ("BTCUSDT", False),
        ("BTCUSDT_260925", False),
        ("币安人生USDT", False),
    ],
)
def test_is_coin_margined_when_symbol_tells(symbol: str, coin_margined: bool) -> None:
    assert parse.is_coin_margined(symbol) is coin_margined


def test_clip_when_bytes_are_no_text_still_shows_something() -> None:
    assert parse.clip(b"\xff\xfe") == "\ufffd\ufffd"


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_decimal_when_finite_keeps_every_digit(number: Decimal) -> None:
    assert parse.decimal(str(number)) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_real_when_finite_is_the_same_float(number: float) -> None:
    assert parse.real(repr(number)) == number
