"""What the bot and its drawing process say to each other: length-prefixed JSON and pictures.

A request is `{"kind": "candles" | "equity", "zone": ..., "language": ..., "data": ...}`; an answer
is one byte, `+` or `-`, and a PNG or the reason why there is none.
"""

from decimal import Decimal
from typing import Any, NamedTuple

import orjson

from bot.charts.renderer import Curves
from bot.desk import ChartData
from bot.language import spoken
from engine.domain.candle import Candle
from engine.domain.order import Book
from engine.domain.setup import Direction, Evidence, EvidenceKind
from engine.domain.snapshot import PositionView

PREFIX_BYTES = 4
MAX_FRAME_BYTES = 16 * 1024 * 1024


def frame(body: bytes) -> bytes:
    """Return a body with its length in front, big-endian.

    Raises:
        ValueError: the body is too large.
    """
    if len(body) > MAX_FRAME_BYTES:
        raise ValueError(f"a frame of {len(body)} bytes is too large")
    return len(body).to_bytes(PREFIX_BYTES, "big") + body


def candles_request(data: ChartData, zone: str) -> bytes:
    """Return the request for a candle chart in the language spoken now."""
    return _request("candles", zone, _chart_to_json(data))


def equity_request(curves: Curves, zone: str) -> bytes:
    """Return the request for equity curves in the language spoken now."""
    return _request("equity", zone, dict(curves))


def _request(kind: str, zone: str, data: dict[str, Any]) -> bytes:
    return orjson.dumps({"kind": kind, "zone": zone, "language": spoken(), "data": data})


class Request(NamedTuple):
    """What to draw, with the names of the time zone and the language it is labelled in."""

    zone: str
    language: str
    subject: ChartData | Curves


def read_request(body: bytes) -> Request:
    """Return what is asked for.

    Raises:
        ValueError: not a request.
    """
    try:
        row = orjson.loads(body)
        subject = _curves(row["data"]) if row["kind"] == "equity" else _chart_from_json(row["data"])
        return Request(str(row["zone"]), str(row["language"]), subject)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a drawing request: {error!r}") from error


def _curves(data: dict[str, Any]) -> Curves:
    return {name: tuple((int(t), float(e)) for t, e in curve) for name, curve in data.items()}


def _chart_to_json(data: ChartData) -> dict[str, Any]:
    return {
        "symbol": data.symbol,
        "decimals": data.decimals,
        "candles": [
            (c.open_time_ms, c.open, c.high, c.low, c.close, c.volume, c.quote_volume)
            for c in data.candles
        ],
        "evidence": [
            (e.kind.value, e.open_time_ms, e.direction.value, e.top, e.bottom)
            for e in data.evidence
        ],
        "direction": None if data.direction is None else data.direction.value,
        "levels": (data.entry, data.stop, data.target),
        "zone": data.zone,
        "position": None if data.position is None else _position_to_json(data.position),
        "caption": data.caption,
    }


def _chart_from_json(row: dict[str, Any]) -> ChartData:
    symbol = str(row["symbol"])
    entry, stop, target = row["levels"]
    zone = row["zone"]
    return ChartData(
        symbol=symbol,
        decimals=int(row["decimals"]),
        candles=tuple(_candle(symbol, *values) for values in row["candles"]),
        evidence=tuple(_evidence(*values) for values in row["evidence"]),
        direction=None if row["direction"] is None else Direction(row["direction"]),
        entry=entry,
        stop=stop,
        target=target,
        zone=None if zone is None else (zone[0], zone[1]),
        position=None if row["position"] is None else _position_from_json(symbol, row["position"]),
        caption=str(row["caption"]),
    )


def _candle(
    symbol: str,
    open_time_ms: int,
    opened: float,
    high: float,
    low: float,
    close: float,
    volume: float,
    quote_volume: float,
) -> Candle:
    return Candle(
        symbol=symbol,
        open_time_ms=open_time_ms,
        open=opened,
        high=high,
        low=low,
        close=close,
        volume=volume,
        quote_volume=quote_volume,
    )


def _evidence(kind: str, time_ms: int, direction: int, top: float, bottom: float) -> Evidence:
    return Evidence(
        kind=EvidenceKind(kind),
        open_time_ms=time_ms,
        direction=Direction(direction),
        top=top,
        bottom=bottom,
    )


_DECIMALS = ("qty", "entry_price", "stop_price", "target_price", "unrealised", "risk")
_OTHERS = (
    "setup_id",
    "score",
    "mark_price",
    "r_now",
    "best_r",
    "opened_ms",
    "time_exit_ms",
    "protected",
    "exiting",
    "ours",
)


def _position_to_json(position: PositionView) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(position, name) for name in _OTHERS}
    row |= {name: str(getattr(position, name)) for name in _DECIMALS}
    return row | {"book": position.book.value, "direction": position.direction.value}


def _position_from_json(symbol: str, row: dict[str, Any]) -> PositionView:
    values = {name: row[name] for name in _OTHERS}
    values |= {name: Decimal(row[name]) for name in _DECIMALS}
    return PositionView(
        symbol=symbol, book=Book(row["book"]), direction=Direction(row["direction"]), **values
    )
