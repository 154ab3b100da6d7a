"""The public endpoints, answered from the market: parameters checked, venue-shaped replies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from engine.exchange.sim import quote_rows
from engine.exchange.sim.errors import refusal
from engine.exchange.sim.kline_rows import INTERVAL_MINUTES
from engine.exchange.sim.market import Market
from engine.exchange.sim.rules import SymbolRules
from engine.exchange.sim.wire.params import Params, integer, limit, required
from engine.exchange.sim.wire.refusals import gateway_refusal

KLINES_DEFAULT: Final = 500
KLINES_MOST: Final = 1500


class MarketData:
    """Public data of one market; methods take (parameters, exchange time), return JSON data."""

    def __init__(self, market: Market) -> None:
        """Answer from `market`."""
        self._market = market
        self._symbols = frozenset(rule.symbol for rule in market.rules)

    def klines(self, params: Params, now_ms: int) -> object:
        """Answer candles of one symbol, the open one last.

        Raises:
            ApiError: -1102 no symbol or interval, -1121 unknown symbol, -1120 unknown interval,
                -1130 bad limit.
        """
        del now_ms
        symbol = self._symbol(params)
        interval = required(params, "interval")
        if interval not in INTERVAL_MINUTES:
            raise gateway_refusal(-1120)
        rows = limit(params, default=KLINES_DEFAULT, maximum=KLINES_MOST)
        start, end = integer(params, "startTime"), integer(params, "endTime")
        return self._market.candles(symbol, start, end, rows, interval)

    def premium_index(self, params: Params, now_ms: int) -> object:
        """Answer mark price and next funding of one symbol or of all."""
        del now_ms
        if params.get("symbol"):
            return self._market.premium_index(self._symbol(params))
        market = self._market
        marks, indices = market.mark_price.tolist(), market.index_price.tolist()
        rates, due = market.funding_rate.tolist(), market.next_funding_ms.tolist()
        return [
            quote_rows.premium_index(
                rule.symbol,
                mark=marks[at],
                index_price=indices[at],
                rate=rates[at],
                next_ms=due[at],
                now_ms=market.now_ms,
            )
            for at, rule in self._trading()
        ]

    def ticker_24h(self, params: Params, now_ms: int) -> object:
        """Answer the rolling day of one symbol or of all."""
        del now_ms
        if params.get("symbol"):
            return self._market.ticker_24h(self._symbol(params))
        columns = self._market.ticker_columns()
        return [
            quote_rows.ticker_24h(rule, columns, at, rule.step_size) for at, rule in self._trading()
        ]

    def book_ticker(self, params: Params, now_ms: int) -> object:
        """Answer best bid and ask of one symbol or of all."""
        del now_ms
        return self._one_or_all(params, self._market.book_ticker)

    def ticker_price(self, params: Params, now_ms: int) -> object:
        """Answer the last price of one symbol or of all."""
        return self._one_or_all(
            params,
            lambda symbol: {
                "symbol": symbol,
                "price": f"{self._market.tick(symbol).last:f}",
                "time": now_ms,
            },
        )

    def funding_rate(self, params: Params, now_ms: int) -> object:
        """Answer past funding charges, oldest first."""
        del now_ms
        symbol = self._symbol(params) if params.get("symbol") else None
        rows = limit(params, default=100, maximum=1000)
        start, end = integer(params, "startTime"), integer(params, "endTime")
        return self._market.funding_history(symbol, start, end, rows)

    def funding_info(self, params: Params, now_ms: int) -> object:
        """Answer the symbols whose funding differs from the default."""
        del params, now_ms
        return self._market.funding_info()

    def _one_or_all(self, params: Params, row: Callable[[str], object]) -> object:
        if params.get("symbol"):
            return row(self._symbol(params))
        return [row(rule.symbol) for _, rule in self._trading()]

    def _trading(self) -> list[tuple[int, SymbolRules]]:
        rules = enumerate(self._market.rules)
        return [(at, rule) for at, rule in rules if rule.status == "TRADING"]

    def _symbol(self, params: Params) -> str:
        symbol = required(params, "symbol")
        if symbol not in self._symbols:
            raise refusal(-1121)
        return symbol
