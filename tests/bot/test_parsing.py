from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk import Period
from bot.parsing import (
    BadInput,
    no_more,
    read_command,
    read_count,
    read_duration_ms,
    read_mode,
    read_number,
    read_on_off,
    read_period,
    read_share,
    read_symbol,
    read_whole,
)
from engine.domain.signal import Mode

SYMBOLS = ("BTCUSDT", "ETHUSDT", "1000PEPEUSDT", "DOGEUSDT", "币安人生USDT")
ANYTHING = st.text(max_size=60)


@pytest.mark.parametrize(
    ("text", "name", "args"),
    [
        ("/close BTC 50", "close", ("BTC", "50")),
        ("  /Status ", "status", ()),
        ("/pause news\nat two", "pause", ("news", "at", "two")),
        ("/status@smcbot", "status", ()),
    ],
)
def test_command_when_typed_is_read(text: str, name: str, args: tuple[str, ...]):
    typed = read_command(text)

    assert typed is not None
    assert (typed.name, typed.args) == (name, args)


@pytest.mark.parametrize("text", ["hello", "/", "close BTC", "/clo-se", "", "//status"])
def test_text_when_no_command_is_none(text: str):
    assert read_command(text) is None


@given(ANYTHING)
def test_command_when_anything_is_typed_never_raises(text: str):
    read_command("/" + text)


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("btc", "BTCUSDT"),
        ("BTCUSDT", "BTCUSDT"),
        ("$eth", "ETHUSDT"),
        ("doge/usdt", "DOGEUSDT"),
        ("pepe", "1000PEPEUSDT"),
        ("币安人生", "币安人生USDT"),
    ],
)
def test_symbol_when_written_in_short_is_found(text: str, symbol: str):
    assert read_symbol(text, SYMBOLS) == symbol


def test_symbol_when_misspelt_gets_a_suggestion():
    with pytest.raises(BadInput, match="Did you mean BTCUSDT"):
        read_symbol("BTCUSTD", SYMBOLS)


@given(ANYTHING)
def test_readers_when_given_anything_answer_or_refuse_in_one_line(text: str):
    readers = (
        lambda: read_symbol(text, SYMBOLS),
        lambda: read_share(text),
        lambda: read_mode(text),
        lambda: read_period(text),
        lambda: read_on_off(text, "/live"),
        lambda: read_number(text, "0.5", "2.0", what="Risk", example="/risk 1.0"),
        lambda: read_whole(text, 1, 50, what="Number", example="/signals 5"),
        lambda: read_duration_ms(text, example="/mute DOGE 2h"),
    )
    for reader in readers:
        refusal = ""
        try:
            reader()
        except BadInput as bad:
            refusal = str(bad)
        assert "\n" not in refusal
        assert len(refusal) < 200


def test_values_when_right_are_read():
    assert read_share("50%") == 50
    assert read_mode("Paper") is Mode.PAPER
    assert read_period("WEEK") is Period.WEEK
    assert read_on_off("ON", "/live") is True
    assert read_number("1,5", "0.5", "2.0", what="Risk", example="x") == Decimal("1.5")
    assert read_count((), 10, example="x") == 10
    assert read_count(("7",), 10, example="x") == 7
    assert read_duration_ms("2h", example="x") == 7_200_000


@pytest.mark.parametrize("text", ["2.1", "0.4", "-1", "1e0", "nan", "inf", "1.0.0", "٢", ""])
def test_number_when_out_of_range_or_no_number_is_refused(text: str):
    with pytest.raises(BadInput, match=r"0\.5 to 2\.0"):
        read_number(text, "0.5", "2.0", what="Risk", example="/risk 1.0")


@pytest.mark.parametrize("text", ["31d", "0s", "2", "h"])
def test_duration_when_odd_is_refused(text: str):
    with pytest.raises(BadInput, match="up to 30d"):
        read_duration_ms(text, example="/mute DOGE 2h")


def test_arguments_when_too_many_are_refused():
    no_more(("a",), 1, "/x")
    with pytest.raises(BadInput, match="'b c'"):
        no_more(("a", "b", "c"), 1, "/x")
