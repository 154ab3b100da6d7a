"""Kline frames of all symbols, rendered from columns: one format string per symbol, no objects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.exchange.sim.candle_columns import MINUTE_MS, CandleColumns
from engine.exchange.sim.rules import SymbolRules
from engine.exchange.sim.scales import BoolArray
from engine.exchange.sim.wire.hub import StreamHub

_BODY: Final = (
    '"k":{"t":%d,"T":%d,{symbol}"i":"1m","f":%d,"L":%d,"o":"%.{p}f","c":"%.{p}f","h":"%.{p}f",'
    '"l":"%.{p}f","v":"%.{q}f","n":%d,"x":%b,"q":"%.{m}f","V":"%.{q}f","Q":"%.{m}f","B":"0"}}'
)
_MOST_DIGITS: Final = 8


@dataclass(frozen=True, slots=True)
class _Stream:
    """One stream of one symbol: its name, its event type and its format."""

    index: int
    symbol: str
    name: str
    event: str
    template: bytes


class KlineFrames:
    """Publishes `<symbol>@kline_1m` and `<pair>_perpetual@continuousKline_1m`."""

    def __init__(self, rules: Sequence[SymbolRules]) -> None:
        """Prepare the format of every contract, in the market's array order."""
        plain = [_plain(index, rule) for index, rule in enumerate(rules)]
        continuous = [
            _continuous(index, rule)
            for index, rule in enumerate(rules)
            if rule.contract_type == "PERPETUAL"
        ]
        self._streams = (*plain, *continuous)

    def publish(
        self,
        hub: StreamHub,
        candles: CandleColumns,
        chosen: BoolArray,
        event_ms: int,
        *,
        closed: bool,
    ) -> None:
        """Queue a frame for each chosen symbol that anybody listens to.

        Args:
            hub: where the frames go.
            candles: the minute to send.
            chosen: which symbols, in array order.
            event_ms: the frames' event time.
            closed: the frames' `x`.
        """
        wanted = [
            stream for stream in self._streams if chosen[stream.index] and hub.has(stream.name)
        ]
        if not wanted:
            return
        flag = b"true" if closed else b"false"
        ends = (candles.open_ms, candles.open_ms + MINUTE_MS - 1)
        rows = _rows(candles, [stream.index for stream in wanted])
        for stream, row in zip(wanted, rows, strict=True):
            first, last, o, c, h, low, volume, trades, quote, taker, taker_quote = row
            payload = stream.template % (
                event_ms, *ends, first, last, o, c, h, low, volume, trades, flag, quote,
                taker, taker_quote,
            )  # fmt: skip
            hub.publish(stream.name, stream.event, stream.symbol, payload)


def _rows(candles: CandleColumns, indices: list[int]) -> Iterable[tuple[float, ...]]:
    at = np.asarray(indices)
    columns = (
        candles.first_id,
        candles.last_id,
        candles.open,
        candles.close,
        candles.high,
        candles.low,
        candles.volume,
        candles.trades,
        candles.quote_volume,
        candles.taker_volume,
        candles.taker_quote_volume,
    )
    return zip(*(column[at].tolist() for column in columns), strict=True)


def _plain(index: int, rule: SymbolRules) -> _Stream:
    head = '{"e":"kline","E":%d,"s":"' + rule.symbol + '",'
    template = head + _body(rule, f'"s":"{rule.symbol}",') + "}"
    name = f"{rule.symbol.lower()}@kline_1m"
    return _Stream(index, rule.symbol, name, "kline", template.encode())


def _continuous(index: int, rule: SymbolRules) -> _Stream:
    head = '{"e":"continuous_kline","E":%d,"ps":"' + rule.pair + '","ct":"PERPETUAL",'
    template = head + _body(rule, "") + "}"
    name = f"{rule.pair.lower()}_perpetual@continuousKline_1m"
    return _Stream(index, rule.symbol, name, "continuous_kline", template.encode())


def _body(rule: SymbolRules, symbol_field: str) -> str:
    quote_digits = min(rule.price_precision + rule.qty_precision, _MOST_DIGITS)
    return (
        _BODY.replace("{symbol}", symbol_field)
        .replace("{p}", str(rule.price_precision))
        .replace("{q}", str(rule.qty_precision))
        .replace("{m}", str(quote_digits))
        .replace("}}", "}")
    )
