"""One minute of candles of all symbols, as columns in the order of the market's rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from engine.exchange.sim.scales import BoolArray, FloatArray, IntArray, Scales

MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class TickCandles:
    """Candles in whole ticks and lots, the form in which the market computes and stores them.

    A symbol with ``trades == 0`` has no candle in this minute; its prices then repeat the
    previous close and its volumes are zero.
    """

    open: IntArray
    high: IntArray
    low: IntArray
    close: IntArray
    lots: IntArray
    taker_lots: IntArray
    quote: FloatArray
    trades: IntArray


@dataclass(frozen=True, slots=True)
class CandleColumns:
    """Candles in prices and base units, the form the wire renders.

    Attributes:
        open_ms: Open time of the minute, exchange time.
        traded: Which symbols traded in the minute; the others have no candle to push.
        first_id: First trade id of the minute; follows the last id of the previous candle.
        last_id: Last trade id so far; ``first_id - 1`` where nothing traded.
    """

    open_ms: int
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    quote_volume: FloatArray
    taker_volume: FloatArray
    taker_quote_volume: FloatArray
    trades: IntArray
    first_id: IntArray
    last_id: IntArray
    traded: BoolArray

    @classmethod
    def of(
        cls,
        open_ms: int,
        candles: TickCandles,
        last_id_before: IntArray,
        prices: Scales,
        quantities: Scales,
    ) -> CandleColumns:
        """Convert ticks and lots; ``last_id_before`` is each symbol's id before this minute."""
        return cls(
            open_ms=open_ms,
            open=prices.values(candles.open),
            high=prices.values(candles.high),
            low=prices.values(candles.low),
            close=prices.values(candles.close),
            volume=quantities.values(candles.lots),
            quote_volume=candles.quote,
            taker_volume=quantities.values(candles.taker_lots),
            taker_quote_volume=taker_quote(candles.quote, candles.taker_lots, candles.lots),
            trades=candles.trades,
            first_id=last_id_before + 1,
            last_id=last_id_before + candles.trades,
            traded=candles.trades > 0,
        )


def taker_quote(
    quote: FloatArray,
    taker_lots: npt.NDArray[np.integer],
    lots: npt.NDArray[np.integer],
) -> FloatArray:
    """Quote volume bought by takers: the taker share of lots at the candle's average price."""
    result: FloatArray = quote * taker_lots / np.maximum(lots, 1)
    return result
