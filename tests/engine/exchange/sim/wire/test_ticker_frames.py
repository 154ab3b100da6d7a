"""Mark price, book, ticker and contract frames in the documented shapes."""

import asyncio
import json
import random
from typing import Any

from engine.exchange.sim.faults import FaultBox
from engine.exchange.sim.synthetic import SyntheticMarket
from engine.exchange.sim.wire.hub import StreamHub
from engine.exchange.sim.wire.stream_names import Route
from engine.exchange.sim.wire.ticker_frames import TickerFrames, contract_info
from tests.engine.exchange.sim.wire.test_kline_frames import Sink
from tests.engine.exchange.sim.wire.wire_kit import START_MS
from tests.shared import shared_path

NOW = START_MS + 1_000


class Bench:
    def __init__(self, route: Route, *names: str) -> None:
        self.market = SyntheticMarket(6, seed=5, start_ms=START_MS, warm_minutes=5)
        loop = asyncio.new_event_loop()
        loop.close()
        self.hub = StreamHub(FaultBox(random.Random(1)), loop)
        self.sink = Sink()
        self.sink.route = route
        self.hub.subscribe(self.sink, names)  # type: ignore[arg-type]
        self.frames = TickerFrames(self.market)
        self.step = self.market.advance(START_MS + 1_000)

    @property
    def sent(self) -> list[Any]:
        return [frame for _, frame in self.sink.frames]


def documented(name: str) -> dict[str, Any]:
    path = shared_path(f"samples/binance/official_docs_2026-05/{name}")
    example: dict[str, Any] = json.loads(path.read_text())["examples"][0]
    return example


def test_mark_prices_when_subscribed_have_the_documented_keys_and_st() -> None:
    bench = Bench(Route.MARKET, "btcusdt@markPrice@1s", "ethusdt@markPrice")

    bench.frames.mark_prices(bench.hub, NOW, "@markPrice@1s")

    assert [frame["s"] for frame in bench.sent] == ["BTCUSDT"]
    assert bench.sent[0].keys() == documented("markPrice.json").keys() | {"st"}
    assert bench.sent[0]["T"] > NOW
    assert float(bench.sent[0]["p"]) == round(float(bench.market.mark_price[0]), 8)


def test_mark_prices_when_all_are_asked_come_as_arrays_with_stocks_apart() -> None:
    bench = Bench(Route.MARKET, "!markPrice@arr@1s")

    bench.frames.mark_prices(bench.hub, NOW, "@markPrice@1s")

    crypto, stocks = [[row["s"] for row in rows] for rows in bench.sent]
    trading = [rule.symbol for rule in bench.market.rules if rule.status == "TRADING"]
    assert stocks == ["TSLAUSDT"]
    assert [symbol for symbol in trading if symbol not in stocks] == crypto


def test_changed_books_when_nothing_moved_send_once() -> None:
    bench = Bench(Route.PUBLIC, "btcusdt@bookTicker")

    bench.frames.changed_books(bench.hub, bench.step)
    bench.frames.changed_books(bench.hub, bench.step)

    assert len(bench.sent) == 1
    frame = bench.sent[0]
    assert frame.keys() == documented("bookTicker.json").keys() | {"ps", "st"}
    row = bench.market.book_ticker("BTCUSDT")
    assert [frame[field] for field in "bBaA"] == [
        row[field] for field in ("bidPrice", "bidQty", "askPrice", "askQty")
    ]
    assert frame["E"] == NOW


def test_changed_books_when_the_market_moved_send_again() -> None:
    bench = Bench(Route.PUBLIC, "btcusdt@bookTicker")
    bench.frames.changed_books(bench.hub, bench.step)

    bench.step = bench.market.advance(START_MS + 60_000)
    bench.frames.changed_books(bench.hub, bench.step)

    assert len(bench.sent) == 2
    assert bench.sent[1]["u"] > bench.sent[0]["u"]


def test_all_books_when_subscribed_send_one_frame_a_contract() -> None:
    bench = Bench(Route.PUBLIC, "!bookTicker")

    bench.frames.all_books(bench.hub, bench.step)

    trading = [rule.symbol for rule in bench.market.rules if rule.status == "TRADING"]
    assert [frame["s"] for frame in bench.sent] == trading


def test_day_tickers_when_subscribed_have_the_documented_keys() -> None:
    bench = Bench(Route.MARKET, "btcusdt@ticker", "btcusdt@miniTicker")

    bench.frames.day_tickers(bench.hub, NOW)

    full, mini = bench.sent
    assert full.keys() == set("esEpPwcQohlvqOCFLn") | {"st"}
    assert mini.keys() == set("eEscohlvq") | {"st"}
    assert full["c"] == mini["c"] == bench.market.ticker_24h("BTCUSDT")["lastPrice"]


def test_all_day_tickers_when_subscribed_are_arrays() -> None:
    bench = Bench(Route.MARKET, "!ticker@arr", "!miniTicker@arr")

    bench.frames.all_day_tickers(bench.hub, NOW)

    assert [rows[0]["e"] for rows in bench.sent] == ["24hrTicker", "24hrMiniTicker"]
    assert "SETTLING" not in {
        rule.status for rule in bench.market.rules if rule.symbol in bench.sent[0][0]["s"]
    }


def test_contract_change_when_a_contract_ends_says_its_status() -> None:
    bench = Bench(Route.MARKET, "!contractInfo")
    ended = next(rule for rule in bench.market.rules if rule.status == "SETTLING")

    bench.frames.contract_change(bench.hub, ended, NOW)

    frame = bench.sent[0]
    assert (frame["s"], frame["cs"], frame["dt"]) == (ended.symbol, "SETTLING", ended.delivery_ms)
    assert frame.keys() == (documented("contractInfo.json").keys() - {"ps"}) | {"st"}


def test_contract_change_when_nobody_listens_sends_nothing() -> None:
    bench = Bench(Route.PUBLIC, "!contractInfo")

    bench.frames.contract_change(bench.hub, bench.market.rules[0], NOW)

    assert bench.sent == []
    assert contract_info(bench.market.rules[0], NOW)["cs"] == "TRADING"
