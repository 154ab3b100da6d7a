"""Stream names belong to the routes the venue documents; URLs are read as clients write them."""

import pytest

from engine.exchange.sim.wire.stream_names import (
    Route,
    listen_keys_in_query,
    names_in_path,
    names_in_query,
    route_of,
)


@pytest.mark.parametrize(
    "name",
    [
        "btcusdt@aggTrade",
        "btcusdt@markPrice",
        "btcusdt@markPrice@1s",
        "!markPrice@arr",
        "!markPrice@arr@1s",
        "btcusdt@kline_1m",
        "btcusdt_perpetual@continuousKline_1m",
        "btcusdt@miniTicker",
        "btcusdt@ticker",
        "!ticker@arr",
        "!miniTicker@arr",
        "!forceOrder@arr",
        "btcusdt@forceOrder",
        "!contractInfo",
    ],
)
def test_route_of_when_a_market_stream_is_market(name: str) -> None:
    assert route_of(name) is Route.MARKET


@pytest.mark.parametrize(
    "name", ["btcusdt@bookTicker", "!bookTicker", "btcusdt@depth", "btcusdt@depth5@100ms"]
)
def test_route_of_when_a_book_stream_is_public(name: str) -> None:
    assert route_of(name) is Route.PUBLIC


@pytest.mark.parametrize("name", ["", "nonsense", "btcusdt@klines", "@kline_1m", "abc@def"])
def test_route_of_when_unknown_is_none(name: str) -> None:
    assert route_of(name) is None


def test_names_in_path_when_percent_encoded_decodes_utf8() -> None:
    path = "/%E5%B8%81%E5%AE%89usdt@kline_1m/btcusdt@kline_1m"

    assert names_in_path(path) == ["币安usdt@kline_1m", "btcusdt@kline_1m"]
    assert names_in_path("") == []


def test_names_in_query_when_several_are_joined_splits_them() -> None:
    assert names_in_query("streams=a@kline_1m/b@kline_1m&timeUnit=ms") == [
        "a@kline_1m",
        "b@kline_1m",
    ]


def test_listen_keys_in_query_when_events_follow_a_key_belong_to_it() -> None:
    query = "listenKey=K1&events=ORDER_TRADE_UPDATE/ALGO_UPDATE&listenKey=K2"

    assert listen_keys_in_query(query) == [
        ("K1", frozenset({"ORDER_TRADE_UPDATE", "ALGO_UPDATE"})),
        ("K2", None),
    ]


def test_listen_keys_in_query_when_events_come_first_ignores_them() -> None:
    assert listen_keys_in_query("events=X&listenKey=K") == [("K", None)]
