from __future__ import annotations

import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.exchange.sim.errors import ApiError
from engine.exchange.sim.params import Params
from tests.engine.exchange.sim.exchange_builders import refused

NOW = 1_790_000_000_000
DAY = 86_400_000


@pytest.mark.parametrize("text", ["1e-05", "-1", "+1", "1,5", " 1", ".5", "1.", "NaN", "Infinity"])
def test_decimal_when_written_unusually_is_refused(text: str) -> None:
    refused(-1100, Params({"price": text}).decimal, "price")


@given(st.decimals(min_value=0, max_value=10**12, places=8, allow_nan=False, allow_infinity=False))
def test_decimal_when_written_plainly_is_read_exactly(value: Decimal) -> None:
    assert Params({"q": f"{value:f}"}).decimal("q") == value


READERS = ["text", "decimal", "integer", "flag", "client_id"]


@given(st.text(max_size=40), st.sampled_from(READERS))
def test_any_reader_when_given_any_text_answers_or_refuses(text: str, reader: str) -> None:
    with contextlib.suppress(ApiError):
        getattr(Params({"x": text}), reader)("x")


def test_text_when_empty_counts_as_not_sent() -> None:
    refused(-1102, Params({"symbol": ""}).text, "symbol")
    refused(-1102, Params({}).text, "symbol")
    assert Params({}).optional("symbol") is None


def test_flag_when_written_in_any_case_is_read() -> None:
    assert Params({"reduceOnly": "TRUE"}).flag("reduceOnly")
    assert not Params({"reduceOnly": "False"}).flag("reduceOnly", default=True)
    assert Params({}).flag("reduceOnly", default=True)


def test_forbid_when_sent_is_refused() -> None:
    refused(-1106, Params({"price": "1"}).forbid, "price")
    Params({}).forbid("price")


def test_order_key_when_neither_name_is_sent_says_which_are_possible() -> None:
    error = refused(-1102, Params({}).order_key, "orderId", "origClientOrderId")
    assert "'origClientOrderId' or 'orderId'" in error.msg
    assert Params({"orderId": "7"}).order_key("orderId", "origClientOrderId") == (7, None)


@pytest.mark.parametrize("name", ["ok-1_2.3:4/5", "a", "Z" * 36])
def test_client_id_when_of_the_venue_alphabet_is_taken(name: str) -> None:
    assert Params({"id": name}).client_id("id") == name


@pytest.mark.parametrize("name", ["two words", "ä", "x" * 37, "semi;colon"])
def test_client_id_when_the_venue_would_not_take_it_is_refused(name: str) -> None:
    refused(-4015, Params({"id": name}).client_id, "id")


def test_limit_when_out_of_range_is_refused() -> None:
    assert Params({}).limit(500, 1000) == 500
    assert Params({"limit": "1000"}).limit(500, 1000) == 1000
    refused(-1130, Params({"limit": "1001"}).limit, 500, 1000)
    refused(-1130, Params({"limit": "0"}).limit, 500, 1000)


def test_window_when_nothing_is_sent_is_the_last_days() -> None:
    assert Params({}).window(NOW, 7) == (NOW - 7 * DAY, NOW)


def test_window_when_only_the_start_is_sent_ends_at_now_or_after_the_days() -> None:
    assert Params({"startTime": str(NOW - DAY)}).window(NOW, 7) == (NOW - DAY, NOW)
    assert Params({"startTime": "0"}).window(NOW, 7) == (0, 7 * DAY)


def test_window_when_only_the_end_is_sent_reaches_back_the_days() -> None:
    assert Params({"endTime": str(10 * DAY)}).window(NOW, 7) == (3 * DAY, 10 * DAY)


def test_window_when_reversed_or_too_long_is_refused() -> None:
    refused(-1023, Params({"startTime": "2", "endTime": "1"}).window, NOW, 7)
    refused(-4165, Params({"startTime": "0", "endTime": str(8 * DAY)}).window, NOW, 7)
