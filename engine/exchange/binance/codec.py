"""Market stream frames to market events. Pure; every time comes from the message."""

from dataclasses import dataclass
from math import inf
from typing import Any

import orjson

from engine.domain.candle import Candle, Timeframe
from engine.domain.errors import MalformedMessage
from engine.domain.events import (
    CandleClosed,
    ContractChanged,
    MarketEvent,
    MarkMoved,
    Origin,
    PriceMoved,
    QuoteMoved,
)
from engine.exchange.binance.parse import SHAPE_ERRORS, clip, integer, is_coin_margined, real, text

_COIN_M = 2


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The venue accepted a control request; it does not prove that data flows."""

    request_id: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The venue refused a control request."""

    request_id: int | None
    code: int
    message: str


@dataclass(frozen=True, slots=True)
class ShuttingDown:
    """The server announces that it will close the connection."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """A well-formed frame that means nothing to us: an unknown type or a COIN-M row."""

    kind: str


Decoded = MarketEvent | Acknowledged | Refused | ShuttingDown | Ignored


def decode_frame(raw: bytes | str, received_at: float) -> tuple[Decoded, ...]:
    """Return what one text frame says; array streams say several things.

    Args:
        raw: the frame, combined (`{"stream", "data"}`) or raw.
        received_at: monotonic wall seconds at the socket.

    Raises:
        MalformedMessage: the frame does not have the documented shape; nothing else is raised.
    """
    try:
        body = orjson.loads(raw)
        data = body.get("data", body) if isinstance(body, dict) else body
        if isinstance(data, list):
            return tuple(_decode(row, received_at) for row in data)
        return (_decode(data, received_at),)
    except SHAPE_ERRORS as error:
        raise MalformedMessage(
            f"market frame: {type(error).__name__} {error} in {clip(raw)}"
        ) from error


def _decode(data: dict[str, Any], received_at: float) -> Decoded:
    kind = data.get("e")
    # Klines come first because they are nearly all of the traffic: 4 a second for each symbol.
    if kind == "kline":
        return _kline(data, received_at)
    if data.get("st") == _COIN_M:
        return Ignored("coin-m")
    if kind == "bookTicker":
        return _quote(data)
    if kind == "markPriceUpdate":
        return _mark(data)
    if kind == "contractInfo":
        return _contract(data)
    return _control(data) if kind is None else Ignored(text(kind))


def _kline(data: dict[str, Any], received_at: float) -> Decoded:
    row = data["k"]
    if row["i"] != "1m":
        return Ignored("kline")
    if row["x"] is False:
        symbol, price, event_ms = data["s"], float(row["c"]), data["E"]
        if not (0.0 < price < inf and type(symbol) is str and type(event_ms) is int):
            raise ValueError(f"price {price} of {symbol!r} at {event_ms!r}")
        return PriceMoved(symbol, price, event_ms)
    if row["x"] is not True:
        raise ValueError(f"x is {row['x']!r}")
    return _closed(data, row, received_at)


def _closed(data: dict[str, Any], row: dict[str, Any], received_at: float) -> Decoded:
    symbol = text(data["s"])
    if data.get("st") == _COIN_M or is_coin_margined(symbol):
        return Ignored("coin-m")
    first, high, low, close = float(row["o"]), float(row["h"]), float(row["l"]), float(row["c"])
    volume, quote_volume = float(row["v"]), float(row["q"])
    # NaN fails every comparison, so it is refused here too.
    if not (0.0 < low <= first <= high < inf and low <= close <= high):
        raise ValueError("prices do not fit together")
    if not (0.0 <= volume < inf and 0.0 <= quote_volume < inf):
        raise ValueError("volume is impossible")
    open_ms, trades, first_id, last_id = row["t"], row["n"], row["f"], row["L"]
    if not (type(open_ms) is type(trades) is type(first_id) is type(last_id) is int):
        raise TypeError("times, counts and trade ids must be integers")
    if open_ms < 0 or open_ms % Timeframe.M1.ms:
        raise ValueError(f"open time {open_ms} is not at the start of a minute")
    candle = Candle(
        symbol=symbol,
        open_time_ms=open_ms,
        open=first,
        high=high,
        low=low,
        close=close,
        volume=volume,
        quote_volume=quote_volume,
        trades=trades,
        first_trade_id=first_id,
        last_trade_id=last_id,
    )
    return CandleClosed(candle, Origin.LIVE, received_at)


def _quote(data: dict[str, Any]) -> Decoded:
    symbol = text(data["s"])
    if is_coin_margined(symbol):
        return Ignored("coin-m")
    bid, ask = float(data["b"]), float(data["a"])
    if not 0.0 < bid <= ask < inf:
        # An empty side is written as 0 (facts/failures.md 37): there is no quote to speak of.
        if min(bid, ask) == 0.0:
            return Ignored("bookTicker")
        raise ValueError(f"bid {bid} and ask {ask}")
    return QuoteMoved(symbol, bid, ask, integer(data["E"]))


def _mark(data: dict[str, Any]) -> Decoded:
    symbol = text(data["s"])
    if is_coin_margined(symbol):
        return Ignored("coin-m")
    mark = real(data["p"])
    if mark <= 0.0:
        raise ValueError(f"mark price {mark}")
    rate = data.get("r")  # empty on delivery contracts, which pay no funding
    return MarkMoved(
        symbol, mark, real(rate) if rate else 0.0, integer(data["T"]), integer(data["E"])
    )


def _contract(data: dict[str, Any]) -> Decoded:
    symbol = text(data["s"])
    if is_coin_margined(symbol):
        return Ignored("coin-m")
    return ContractChanged(symbol, text(data["cs"]), integer(data["dt"]), integer(data["E"]))


def _control(data: dict[str, Any]) -> Decoded:
    if "event" in data:
        kind = text(data["event"]["e"])
        return ShuttingDown() if kind == "serverShutdown" else Ignored(kind)
    refusal = data.get("error", data)
    if "code" in refusal:
        number = data.get("id")
        return Refused(
            None if number is None else integer(number),
            integer(refusal["code"]),
            str(refusal.get("msg")),
        )
    if "id" in data and "result" in data:
        return Acknowledged(integer(data["id"]))
    raise ValueError("neither an event nor the answer to a request")
