import contextlib
from decimal import Decimal

import orjson
import pytest
from hypothesis import given

from engine.domain.errors import MalformedMessage
from engine.exchange.binance.codec_market import (
    decode_candles,
    decode_instruments,
    decode_tickers,
)
from tests.engine.exchange.binance.frames import ANY_JSON, MINUTE, exchange_info, kline_row
from tests.shared import shared_path


def test_instruments_when_read_carry_every_rule_about_our_orders() -> None:
    (instrument,), unreadable = decode_instruments(exchange_info("BTCUSDT"))
    assert unreadable == ()
    assert instrument.symbol == "BTCUSDT"
    assert instrument.tick_size == Decimal("0.10")
    assert (instrument.step_size, instrument.market_step_size) == (
        Decimal("0.001"),
        Decimal("0.01"),
    )
    assert instrument.min_qty == Decimal("0.01")  # the coarser of both lot filters
    assert (instrument.max_qty, instrument.market_max_qty) == (Decimal(1000), Decimal(120))
    assert instrument.min_notional == Decimal(50)
    assert instrument.delivery_ms == 4_133_404_800_000


@pytest.mark.parametrize(
    "changes",
    [{"filters": []}, {"onboardDate": None}, {"status": 5}, {"filters": None}],
)
def test_instruments_when_one_row_is_odd_names_it_and_keeps_the_others(
    changes: dict[str, object],
) -> None:
    body = exchange_info("BTCUSDT")
    body["symbols"] += exchange_info("ODDUSDT", **changes)["symbols"]
    readable, unreadable = decode_instruments(body)
    assert [instrument.symbol for instrument in readable] == ["BTCUSDT"]
    assert unreadable == ("ODDUSDT",)


def test_instruments_when_tick_is_zero_sets_the_row_aside() -> None:
    body = exchange_info("BTCUSDT")
    body["symbols"][0]["filters"][0]["tickSize"] = "0"
    assert decode_instruments(body) == ((), ("BTCUSDT",))


def test_instruments_when_coin_margined_are_left_out() -> None:
    readable, unreadable = decode_instruments(exchange_info("BTCUSD_PERP", "币安人生USDT"))
    assert [instrument.symbol for instrument in readable] == ["币安人生USDT"]
    assert unreadable == ()


@pytest.mark.parametrize("body", [None, [], {}, {"symbols": None}, {"symbols": [1]}, "text"])
def test_instruments_when_reply_has_another_shape_is_malformed(body: object) -> None:
    with pytest.raises(MalformedMessage):
        decode_instruments(body)


def test_instruments_when_recorded_from_the_venue_are_read() -> None:
    path = shared_path("samples/binance/live_recorded/exchangeInfo_excerpt.json")
    readable, unreadable = decode_instruments(orjson.loads(path.read_bytes()))
    assert unreadable == ()
    by_symbol = {instrument.symbol: instrument for instrument in readable}
    assert by_symbol["BTCUSDT"].min_notional == Decimal(50)
    assert by_symbol["XAUUSDT"].contract_type == "TRADIFI_PERPETUAL"


def test_tickers_when_read_keep_volume_and_price() -> None:
    rows = [
        {"symbol": "BTCUSDT", "quoteVolume": "13258734360.38", "lastPrice": "76914.90"},
        {"symbol": "BTCUSD_PERP", "quoteVolume": "1", "lastPrice": "1"},
    ]
    (ticker,) = decode_tickers(rows)
    assert (ticker.symbol, ticker.quote_volume, ticker.last) == (
        "BTCUSDT",
        13258734360.38,
        76914.9,
    )


@pytest.mark.parametrize("body", [{}, None, [{"symbol": "A"}], [{"symbol": "A", "quoteVolume": 1}]])
def test_tickers_when_reply_has_another_shape_is_malformed(body: object) -> None:
    with pytest.raises(MalformedMessage):
        decode_tickers(body)


def test_candles_when_last_row_is_open_drops_it() -> None:
    rows = [kline_row(MINUTE), kline_row(MINUTE + 60_000), kline_row(MINUTE + 120_000)]
    candles = decode_candles(rows, "BTCUSDT", MINUTE + 125_000)
    assert [candle.open_time_ms for candle in candles] == [MINUTE, MINUTE + 60_000]
    assert candles[0].first_trade_id == -1
    assert (candles[0].trades, candles[0].quote_volume) == (7, 201.0)


def test_candles_when_our_clock_is_far_behind_drops_only_the_newest() -> None:
    rows = [kline_row(MINUTE), kline_row(MINUTE + 60_000)]
    (candle,) = decode_candles(rows, "BTCUSDT", 0)
    assert candle.open_time_ms == MINUTE


def test_candles_when_the_minute_ends_this_moment_still_counts_as_open() -> None:
    assert decode_candles([kline_row(MINUTE)], "BTCUSDT", MINUTE + 59_999) == ()
    assert len(decode_candles([kline_row(MINUTE)], "BTCUSDT", MINUTE + 60_000)) == 1


@pytest.mark.parametrize(
    "rows",
    [
        None,
        {},
        "text",
        [[1, 2]],
        [kline_row(MINUTE, h="98")],
        [kline_row(MINUTE, c="NaN")],
        [kline_row(MINUTE, l="0")],
        [kline_row(MINUTE, v="-1")],
        [kline_row(MINUTE, q="inf")],
    ],
)
def test_candles_when_rows_are_impossible_are_malformed(rows: object) -> None:
    with pytest.raises(MalformedMessage):
        decode_candles(rows, "BTCUSDT", MINUTE + 10**9)


def test_candles_when_recorded_from_the_venue_are_read() -> None:
    path = shared_path("samples/binance/live_recorded/klines_1m_rest.json")
    rows = orjson.loads(path.read_bytes())
    candles = decode_candles(rows, "BTCUSDT", 2**62)
    assert [candle.open_time_ms for candle in candles] == [row[0] for row in rows]


@given(ANY_JSON)
def test_readers_when_fed_anything_raise_nothing_but_malformed(body: object) -> None:
    for read in (
        decode_instruments,
        decode_tickers,
        lambda value: decode_candles(value, "BTCUSDT", 2**62),
    ):
        with contextlib.suppress(MalformedMessage):
            read(body)
