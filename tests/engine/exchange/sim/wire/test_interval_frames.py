"""Klines above a minute: the recorded shape, closes at their boundary, ids without a hole."""

import asyncio
import random
from itertools import pairwise

import pytest

from engine.exchange.sim.faults import FaultBox
from engine.exchange.sim.synthetic import SyntheticMarket
from engine.exchange.sim.wire.hub import StreamHub
from engine.exchange.sim.wire.interval_frames import IntervalFrames
from tests.engine.exchange.sim.wire.test_kline_frames import Sink
from tests.engine.exchange.sim.wire.test_market_data import sample, shape
from tests.engine.exchange.sim.wire.wire_kit import START_MS

MINUTE = 60_000
FIVE = 5 * MINUTE


class Bench:
    def __init__(self, *names: str) -> None:
        self.market = SyntheticMarket(2, seed=5, start_ms=START_MS, warm_minutes=20)
        self.sink = Sink()
        loop = asyncio.new_event_loop()
        loop.close()
        self.hub = StreamHub(FaultBox(random.Random(1)), loop)
        self.hub.subscribe(self.sink, names)  # type: ignore[arg-type]
        self.frames = IntervalFrames(self.market)

    def run(self, minutes: int, step_ms: int = MINUTE) -> None:
        end = self.market.now_ms + minutes * MINUTE
        while self.market.now_ms < end:
            self.frames.publish(self.hub, self.market.advance(self.market.now_ms + step_ms))


def test_publish_when_five_minutes_end_closes_once_with_the_rest_row() -> None:
    bench = Bench("btcusdt@kline_5m")

    bench.run(11)

    closes = [frame["k"] for _, frame in bench.sink.frames if frame["k"]["x"]]
    rows = bench.market.candles("BTCUSDT", closes[0]["t"], closes[-1]["t"], 9, "5m")
    assert len(closes) == 3  # the market begins a minute before a boundary
    assert [[k[f] for f in "tohlcvTqnVQ"] for k in closes] == [row[:11] for row in rows]
    assert all(frame["E"] % FIVE == 0 for _, frame in bench.sink.frames if frame["k"]["x"])


def test_publish_when_within_the_interval_sends_the_open_candle() -> None:
    bench = Bench("btcusdt@kline_5m")

    bench.run(1, step_ms=15_000)

    frames = [frame for _, frame in bench.sink.frames]
    assert frames
    assert shape(frames[0]) == shape(sample("kline_1m_stream.json"))
    assert frames[0]["k"]["i"] == "5m"
    assert all(not frame["k"]["x"] or frame["E"] % FIVE == 0 for frame in frames)


def test_publish_when_intervals_follow_trade_ids_have_no_hole() -> None:
    bench = Bench("btcusdt@kline_3m")

    bench.run(13)

    closes = [frame["k"] for _, frame in bench.sink.frames if frame["k"]["x"]]
    assert len(closes) == 5
    assert all(before["L"] + 1 == after["f"] for before, after in pairwise(closes))


@pytest.mark.parametrize("names", [(), ("btcusdt@kline_1m",)])
def test_publish_when_nobody_asks_for_long_intervals_sends_nothing(names: tuple[str, ...]) -> None:
    bench = Bench(*names)

    bench.run(6)

    assert bench.sink.frames == []
