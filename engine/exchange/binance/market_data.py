"""Binance's public data behind `ports.MarketData`."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import structlog

from engine.domain.candle import Candle, Timeframe
from engine.domain.errors import MalformedMessage, VenueBusy, VenueUnreachable
from engine.domain.instrument import Instrument
from engine.exchange.binance.codec_market import (
    decode_candles,
    decode_instruments,
    decode_tickers,
)
from engine.exchange.binance.config import BinanceConfig
from engine.exchange.binance.endpoints import EXCHANGE_INFO, KLINES, TICKERS_24H, klines_weight
from engine.exchange.binance.rest import BinanceRest
from engine.exchange.binance.streams import MarketStream, StreamCounts
from engine.ports import Clock, MarketFrame, Ticker24h

log = structlog.get_logger(__name__)

_LONGEST_WAIT_S = 2.0


class BinanceMarketData:
    """Public data of the venue.

    Args:
        config: addresses; keys are not needed.
        clock: both clocks.
        rest: shared with the account so that one weight budget rules both.
        margin_ms: a candle counts as closed this long (exchange ms) after its end, so that a
            clock slightly ahead of the venue's never takes an open row for a closed one.
    """

    def __init__(
        self, config: BinanceConfig, clock: Clock, rest: BinanceRest, *, margin_ms: int = 500
    ) -> None:
        self._config = config
        self._clock = clock
        self._rest = rest
        self._margin_ms = margin_ms
        self.counts = StreamCounts()

    async def instruments(self) -> tuple[Instrument, ...]:
        """Return every USDⓈ-M contract the venue lists, whatever its status or type."""
        body = await self._rest.call(EXCHANGE_INFO)
        try:
            instruments, unreadable = decode_instruments(body)
        except MalformedMessage as error:
            raise VenueUnreachable(f"unreadable exchangeInfo: {error}") from error
        if unreadable:
            log.warning("instruments.unreadable", symbols=list(unreadable)[:20])
        return instruments

    async def tickers(self) -> tuple[Ticker24h, ...]:
        """Return 24 h statistics of all symbols."""
        body = await self._rest.call(TICKERS_24H)
        try:
            return decode_tickers(body)
        except MalformedMessage as error:
            raise VenueUnreachable(f"unreadable ticker/24hr: {error}") from error

    async def candles(
        self,
        symbol: str,
        timeframe: Timeframe,
        *,
        limit: int,
        start_ms: int | None = None,
        end_ms: int | None = None,
    ) -> tuple[Candle, ...]:
        """Return closed candles, oldest first; the row still open is dropped.

        Args:
            symbol: the venue's spelling.
            timeframe: interval.
            limit: rows asked for, 1 to 1500; 499 is the most for weight 2.
            start_ms: first open time wanted, exchange ms.
            end_ms: last open time wanted, exchange ms. If that candle ended only this moment,
                it is waited for: an answer without it would mean that nothing was traded.

        Raises:
            VenueBusy: the candle at `end_ms` ended by our clock, but not surely by the venue's.
        """
        if end_ms is not None:
            await self._until_final(timeframe.opening(end_ms) + timeframe.ms)
        params: dict[str, str | int] = {
            "symbol": symbol,
            "interval": timeframe.value,
            "limit": limit,
        }
        if start_ms is not None:
            params["startTime"] = start_ms
        if end_ms is not None:
            params["endTime"] = end_ms
        # By the time of asking: a minute that ends while the answer travels was written unfinished.
        asked_ms = self._rest.server.now_ms()
        body = await self._rest.call(KLINES, params, weight=klines_weight(limit))
        try:
            return decode_candles(body, symbol, asked_ms - self._margin_ms + 1)
        except MalformedMessage as error:
            raise VenueUnreachable(f"unreadable klines of {symbol}: {error}") from error

    async def _until_final(self, closes_ms: int) -> None:
        if closes_ms > self._clock.exchange_ms():
            return  # asked for while still open; its row is dropped
        if (left_s := self._left_s(closes_ms)) > 0:
            await asyncio.sleep(min(left_s, _LONGEST_WAIT_S))
        if (left_s := self._left_s(closes_ms)) > 0:
            raise VenueBusy("the newest candle is not final at the venue yet", left_s)

    def _left_s(self, closes_ms: int) -> float:
        """Wall seconds until a candle that closes then is surely final."""
        left_ms = closes_ms + self._margin_ms - self._rest.server.now_ms()
        return left_ms / 1000 / self._clock.speed

    def stream(self, names: Sequence[str]) -> AsyncIterator[MarketFrame]:
        """Open one connection to these streams and yield until it ends or breaks.

        Raises:
            ValueError: no names, more than 1024, or names of different routes.
            VenueUnreachable: the connection cannot be made (when iteration begins).
        """
        stream = MarketStream(self._config, self._clock, self._rest.server, self.counts, names)
        return stream.frames()
