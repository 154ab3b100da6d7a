"""Microseconds a frame of the stream codec."""

import orjson

from bot.tools.bench.candles import candles_of, random_walk
from bot.tools.bench.measure import Row, Say, Size, median_s
from engine.domain.candle import Candle
from engine.exchange.binance.codec import decode_frame
from engine.ports import Clock

PART = "codec"
_SYMBOL = "BTCUSDT"


def measure_codec(size: Size, clock: Clock, _say: Say) -> list[Row]:
    """Decode different frames of one stream, of minutes still open and of closed ones."""
    candles = candles_of(_SYMBOL, random_walk(size.frames, 2))
    return [
        _row("open minute", [kline_frame(c, closed=False) for c in candles], size, clock),
        _row("closed minute", [kline_frame(c, closed=True) for c in candles], size, clock),
    ]


def _row(kind: str, frames: list[bytes], size: Size, clock: Clock) -> Row:
    def decode() -> None:
        for frame in frames:
            decode_frame(frame, 0.0)

    took_s = median_s(clock, size.repeats, decode)
    return Row(
        part=PART,
        what=f"decoding a frame, {kind}, median",
        load=f"{len(frames):,} frames of {sum(map(len, frames)) // len(frames)} bytes",
        value=took_s / len(frames) * 1e6,
        unit="µs",
        count=size.repeats,
    )


def kline_frame(candle: Candle, *, closed: bool) -> bytes:
    """Return the frame by which the venue would tell this candle."""
    row = {
        "t": candle.open_time_ms,
        "T": candle.close_time_ms - 1,
        "s": candle.symbol,
        "i": "1m",
        "f": 1_000_000,
        "L": 1_000_000 + candle.trades - 1,
        "o": f"{candle.open:.2f}",
        "c": f"{candle.close:.2f}",
        "h": f"{candle.high:.2f}",
        "l": f"{candle.low:.2f}",
        "v": f"{candle.volume:.3f}",
        "n": candle.trades,
        "x": closed,
        "q": f"{candle.quote_volume:.5f}",
        "V": f"{candle.volume / 2:.3f}",
        "Q": f"{candle.quote_volume / 2:.5f}",
        "B": "0",
    }
    event = {"e": "kline", "E": candle.close_time_ms, "s": candle.symbol, "k": row, "st": 1}
    stream = f"{candle.symbol.lower()}@kline_1m"
    return orjson.dumps({"stream": stream, "data": event})
