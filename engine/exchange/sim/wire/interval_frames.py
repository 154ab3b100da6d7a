"""Kline frames of the longer intervals, rendered row by row: few clients ask for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson

from engine.exchange.sim.candle_columns import MINUTE_MS, CandleColumns
from engine.exchange.sim.kline_rows import INTERVAL_MINUTES
from engine.exchange.sim.market import Market, MarketStep
from engine.exchange.sim.wire.hub import StreamHub


@dataclass(frozen=True, slots=True)
class _Stream:
    index: int
    symbol: str
    interval: str
    span_ms: int


class IntervalFrames:
    """Publishes `<symbol>@kline_<interval>` for every interval above one minute."""

    def __init__(self, market: Market) -> None:
        """Render from `market`'s candles."""
        self._market = market
        self._streams: Final = {
            f"{rule.symbol.lower()}@kline_{interval}": _Stream(
                index, rule.symbol, interval, minutes * MINUTE_MS
            )
            for index, rule in enumerate(market.rules)
            for interval, minutes in INTERVAL_MINUTES.items()
            if minutes > 1
        }

    def publish(self, hub: StreamHub, step: MarketStep) -> None:
        """Queue the open candle of subscribed symbols that traded, or the close of ended ones."""
        # Sorted, since the order of a set differs from run to run.
        names = sorted(self._streams.keys() & hub.names())
        if not names:
            return
        wanted = [(name, self._streams[name]) for name in names]
        candles = step.closed if step.closed is not None else self._market.open_candles()
        for name, stream, row, closed in self._rows(wanted, step, candles):
            payload = orjson.dumps(_frame(stream, row, candles, step.time_ms, closed=closed))
            hub.publish(name, "kline", stream.symbol, payload)

    def _rows(
        self, wanted: list[tuple[str, _Stream]], step: MarketStep, candles: CandleColumns
    ) -> Iterator[tuple[str, _Stream, list[Any], bool]]:
        for name, stream in wanted:
            open_ms = (step.time_ms - 1) // stream.span_ms * stream.span_ms
            ended = step.time_ms == open_ms + stream.span_ms
            if not ended and not step.traded[stream.index]:
                continue
            found = self._market.candles(stream.symbol, open_ms, open_ms, 1, stream.interval)
            # An interval without a trade has no candle on the venue's streams.
            if found and found[0][8] > 0:
                yield name, stream, found[0], ended


def _frame(
    stream: _Stream, row: list[Any], candles: CandleColumns, event_ms: int, *, closed: bool
) -> dict[str, Any]:
    # Trade ids are consecutive, so the first of the interval follows from the count.
    last_id = int(candles.last_id[stream.index])
    return {
        "e": "kline",
        "E": event_ms,
        "s": stream.symbol,
        "k": {
            "t": row[0],
            "T": row[6],
            "s": stream.symbol,
            "i": stream.interval,
            "f": last_id - row[8] + 1,
            "L": last_id,
            "o": row[1],
            "c": row[4],
            "h": row[2],
            "l": row[3],
            "v": row[5],
            "n": row[8],
            "x": closed,
            "q": row[7],
            "V": row[9],
            "Q": row[10],
            "B": "0",
        },
    }
