"""Kline frames: the recorded shape, prices as REST prints them, trade ids without a hole."""

import asyncio
import json
import random
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from engine.exchange.sim.faults import FaultBox
from engine.exchange.sim.synthetic import SyntheticMarket
from engine.exchange.sim.wire.hub import StreamHub
from engine.exchange.sim.wire.kline_frames import KlineFrames
from engine.exchange.sim.wire.stream_names import Route
from tests.engine.exchange.sim.wire.test_market_data import sample, shape
from tests.engine.exchange.sim.wire.wire_kit import START_MS

MINUTE = 60_000


class Sink:
    """A market socket that keeps frames by stream."""

    def __init__(self) -> None:
        self.route = Route.MARKET
        self.names: dict[str, str] = {}
        self.frames: list[tuple[str, dict[str, Any]]] = []

    def remember(self, name: str, label: str) -> None:
        self.names[name] = label

    def queue(self, name: str, payload: bytes) -> None:
        self.frames.append((name, json.loads(payload)))

    def flush(self) -> None:
        pass


class Bench:
    """A market, its frames and one sink subscribed to everything given."""

    def __init__(self, symbols: int, *names: str) -> None:
        self.market = SyntheticMarket(symbols, seed=5, start_ms=START_MS, warm_minutes=5)
        self.sink = Sink()
        loop = asyncio.new_event_loop()
        loop.close()
        self.hub = StreamHub(FaultBox(random.Random(1)), loop)
        self.hub.subscribe(self.sink, names)  # type: ignore[arg-type]
        self.frames = KlineFrames(self.market.rules)

    def close_minute(self) -> int:
        """Run to the next boundary, push its closes, return the minute's open time."""
        step = self.market.advance(self.market.now_ms + MINUTE)
        assert step.closed is not None
        self.frames.publish(self.hub, step.closed, step.closed.traded, step.time_ms, closed=True)
        return step.closed.open_ms


@pytest.fixture
def bench() -> Bench:
    return Bench(6, "btcusdt@kline_1m", "btcusdt_perpetual@continuousKline_1m")


def test_publish_when_a_minute_closes_has_the_recorded_shape(bench: Bench) -> None:
    bench.close_minute()

    frames = dict(bench.sink.frames)
    assert shape(frames["btcusdt@kline_1m"]) == shape(sample("kline_1m_stream.json"))
    assert frames["btcusdt@kline_1m"]["k"]["x"] is True


def test_publish_when_continuous_names_the_pair_and_contract(bench: Bench) -> None:
    bench.close_minute()

    frame = dict(bench.sink.frames)["btcusdt_perpetual@continuousKline_1m"]
    assert (frame["e"], frame["ps"], frame["ct"]) == ("continuous_kline", "BTCUSDT", "PERPETUAL")
    assert "s" not in frame["k"]


def test_publish_when_closed_equals_the_rest_row(bench: Bench) -> None:
    open_ms = bench.close_minute()

    k = dict(bench.sink.frames)["btcusdt@kline_1m"]["k"]
    row = bench.market.candles("BTCUSDT", open_ms, open_ms, 1, "1m")[0]
    assert [k[f] for f in ("t", "o", "h", "l", "c", "v", "T", "n", "V")] == [
        row[i] for i in (0, 1, 2, 3, 4, 5, 6, 8, 9)
    ]
    assert float(k["q"]) == pytest.approx(float(row[7]), abs=1e-4)
    assert float(k["Q"]) == pytest.approx(float(row[10]), abs=1e-4)


def test_publish_when_minutes_follow_trade_ids_have_no_hole(bench: Bench) -> None:
    for _ in range(5):
        bench.close_minute()

    ks = [frame["k"] for name, frame in bench.sink.frames if name == "btcusdt@kline_1m"]
    assert len(ks) == 5
    assert all(a["L"] + 1 == b["f"] for a, b in pairwise(ks))
    assert all(k["L"] - k["f"] + 1 == k["n"] for k in ks)


def test_publish_when_a_symbol_is_not_chosen_sends_nothing_for_it(bench: Bench) -> None:
    step = bench.market.advance(bench.market.now_ms + 5_000)
    nobody = np.zeros(len(bench.market.rules), dtype=bool)

    bench.frames.publish(bench.hub, bench.market.open_candles(), nobody, step.time_ms, closed=False)

    assert bench.sink.frames == []


def test_publish_when_open_says_so_and_carries_the_event_time(bench: Bench) -> None:
    step = bench.market.advance(bench.market.now_ms + 5_000)

    bench.frames.publish(
        bench.hub, bench.market.open_candles(), step.traded, step.time_ms, closed=False
    )

    frame = dict(bench.sink.frames)["btcusdt@kline_1m"]
    assert frame["k"]["x"] is False
    assert frame["E"] == step.time_ms


def test_publish_when_the_symbol_is_not_ascii_keeps_its_name() -> None:
    bench = Bench(45, "币安人生usdt@kline_1m")
    for _ in range(3):
        bench.close_minute()

    assert {frame["s"] for _, frame in bench.sink.frames} == {"币安人生USDT"}
