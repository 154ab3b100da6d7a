from bot.tools.bench.candles import candles_of, random_walk
from bot.tools.bench.codec import kline_frame, measure_codec
from bot.tools.bench.measure import Size
from engine.domain.events import CandleClosed, PriceMoved
from engine.exchange.binance.codec import decode_frame
from engine.runtime.clock import SystemClock


def test_frame_when_decoded_is_the_candle_it_was_made_of():
    (candle,) = candles_of("BTCUSDT", random_walk(1, 1))

    (closed,) = decode_frame(kline_frame(candle, closed=True), 7.0)
    (moved,) = decode_frame(kline_frame(candle, closed=False), 7.0)

    assert isinstance(closed, CandleClosed)
    assert closed.candle.open_time_ms == candle.open_time_ms
    assert (closed.candle.open, closed.candle.close) == (candle.open, round(candle.close, 2))
    assert isinstance(moved, PriceMoved)
    assert moved.price == round(candle.close, 2)


def test_codec_when_measured_has_a_row_a_kind_of_frame():
    rows = measure_codec(Size(frames=20, repeats=2), SystemClock(), print)

    assert [row.what for row in rows] == [
        "decoding a frame, open minute, median",
        "decoding a frame, closed minute, median",
    ]
    for row in rows:
        assert row.value > 0
        assert row.count == 2
        assert row.load.startswith("20 frames of 3")
