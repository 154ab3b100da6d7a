"""What can be asked of a market between two steps; nothing here changes it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

import numpy as np

from engine.exchange.sim import quote_rows
from engine.exchange.sim.candle_book import COARSE_MINUTES, CandleBook
from engine.exchange.sim.candle_columns import MINUTE_MS, CandleColumns
from engine.exchange.sim.day_stats import DayStats, TickerColumns
from engine.exchange.sim.funding_rates import FundingRates
from engine.exchange.sim.kline_history import interval_history
from engine.exchange.sim.kline_rows import INTERVAL_MINUTES, cut, kline_rows
from engine.exchange.sim.lifecycle import ContractBoard
from engine.exchange.sim.market import MarketError
from engine.exchange.sim.revealed_minute import RevealedMinute
from engine.exchange.sim.rules import SymbolRules
from engine.exchange.sim.scales import FloatArray, IntArray, Scales
from engine.exchange.sim.tick import Tick
from engine.exchange.sim.tick_path import MinutePath

DEPTH_OF_DAY_VOLUME: Final = 1e-3
"""Share of a day's quote volume that moves the price by about 10 bps."""
TOP_OF_DEPTH: Final = 0.04
"""Typical share of that depth resting at the best bid or ask."""
MARK_SHARE_OF_BASIS: Final = 0.8
MAX_LIMIT: Final = 1500
_MARK_QUANTUM = Decimal("1e-8")


class MarketViews:
    """Read-only half of `PathMarket`, which owns and moves the state declared here."""

    _board: ContractBoard
    _index: dict[str, int]
    _prices: Scales
    _quantities: Scales
    _funding: FundingRates
    _book: CandleBook
    _minute: RevealedMinute
    _last_id: IntArray
    _step_path: MinutePath
    _step_from: IntArray
    _step_to: IntArray
    _open_ms: int
    _now_ms: int

    def __init__(self, day_quote_volume: FloatArray) -> None:
        self._depth = day_quote_volume * DEPTH_OF_DAY_VOLUME
        self._day_stats = DayStats(self._prices, self._quantities)

    @property
    def rules(self) -> Sequence[SymbolRules]:
        """Contracts in array order, with their current status."""
        return self._board.rules

    @property
    def now_ms(self) -> int:
        """Time of the latest step."""
        return self._now_ms

    @property
    def bid_qty(self) -> FloatArray:
        """Quantity at the best bids, in base units."""
        return self._quantities.values(self._top_lots(0))

    @property
    def ask_qty(self) -> FloatArray:
        """Quantity at the best asks, in base units."""
        return self._quantities.values(self._top_lots(1))

    @property
    def index_price(self) -> FloatArray:
        """Index prices: the contract's smoothed price without its basis."""
        basis = self._funding.basis(self._now_ms)
        return self._prices.values(self._minute.smooth_ticks()) / (1.0 + basis)

    @property
    def mark_price(self) -> FloatArray:
        """Mark prices: the index plus most of the basis."""
        basis = self._funding.basis(self._now_ms)
        return self.index_price * (1.0 + MARK_SHARE_OF_BASIS * basis)

    @property
    def funding_rate(self) -> FloatArray:
        """Rates of the next charges."""
        return self._funding.coming_rates(self._now_ms)

    @property
    def next_funding_ms(self) -> IntArray:
        """Times of the next charges."""
        return self._funding.next_ms(self._now_ms)

    def tick(self, symbol: str) -> Tick:
        """Current quote of a symbol with the prices traded in the latest step."""
        index = self._at(symbol)
        path = self._step_path.traded_between(
            index, int(self._step_from[index]), int(self._step_to[index])
        )
        exact = self._prices.exact
        return Tick(
            bid=exact(index, int(self._minute.bid[index])),
            ask=exact(index, int(self._minute.ask[index])),
            last=exact(index, int(self._minute.candles.close[index])),
            mark=Decimal(float(self.mark_price[index])).quantize(_MARK_QUANTUM),
            path=tuple(exact(index, ticks) for ticks in path),
            bid_qty=self._quantities.exact(index, int(self._top_lots(0)[index])),
            ask_qty=self._quantities.exact(index, int(self._top_lots(1)[index])),
        )

    def open_candles(self) -> CandleColumns:
        """The unfinished minute; symbols without ``traded`` have no candle yet."""
        return CandleColumns.of(
            self._open_ms, self._minute.candles, self._last_id, self._prices, self._quantities
        )

    def candles(
        self, symbol: str, start_ms: int | None, end_ms: int | None, limit: int, interval: str
    ) -> list[list[Any]]:
        """Rows of the klines endpoint, oldest first, the unfinished candle last.

        Minutes without trades appear flat with zero volume, as on the venue; nothing appears
        before a contract's first trade.

        Raises:
            MarketError: unknown symbol or interval, or a limit outside 1..1500.
        """
        index = self._at(symbol)
        minutes = INTERVAL_MINUTES.get(interval)
        if minutes is None:
            raise MarketError(f"interval {interval!r} is not one of {' '.join(INTERVAL_MINUTES)}")
        if not 1 <= limit <= MAX_LIMIT:
            raise MarketError(f"limit must be 1..{MAX_LIMIT}, got {limit}")
        span = minutes * MINUTE_MS
        start = None if start_ms is None else -(-start_ms // span)
        end = self._now_ms // span if end_ms is None else end_ms // span
        since = max(0, end - limit) if start is None else start
        history = interval_history(self._book, index, self._minute.candles, minutes, since)
        rules = self.rules[index]
        return kline_rows(
            cut(history, start, end, limit),
            minutes,
            (float(self._prices.units[index]), float(self._prices.powers[index])),
            (float(self._quantities.units[index]), float(self._quantities.powers[index])),
            (rules.price_precision, rules.qty_precision),
        )

    def depth_notional(self, symbol: str) -> Decimal:
        """Quote volume that moves the price by about 10 basis points."""
        return Decimal(round(float(self._depth[self._at(symbol)])))

    def ticker_columns(self) -> TickerColumns:
        """Statistics of the last 24 hours."""
        current = self._minute.candles
        return self._day_stats.columns(self._book.fine, current, self._last_id, self._now_ms)

    def ticker_24h(self, symbol: str) -> dict[str, Any]:
        """One row of the ticker/24hr endpoint."""
        index = self._at(symbol)
        smallest = self._quantities.increments[index]
        return quote_rows.ticker_24h(self.rules[index], self.ticker_columns(), index, smallest)

    def premium_index(self, symbol: str) -> dict[str, Any]:
        """One row of the premiumIndex endpoint."""
        index = self._at(symbol)
        return quote_rows.premium_index(
            symbol,
            mark=float(self.mark_price[index]),
            index_price=float(self.index_price[index]),
            rate=float(self.funding_rate[index]),
            next_ms=int(self.next_funding_ms[index]),
            now_ms=self._now_ms,
        )

    def book_ticker(self, symbol: str) -> dict[str, Any]:
        """One row of the ticker/bookTicker endpoint."""
        index = self._at(symbol)
        update_id = self._open_ms + int(self._minute.points[index])
        return quote_rows.book_ticker(self.rules[index], self.tick(symbol), self._now_ms, update_id)

    def funding_info(self) -> list[dict[str, Any]]:
        """Rows of the fundingInfo endpoint."""
        return quote_rows.funding_info(self.rules, self._funding)

    def funding_history(
        self, symbol: str | None, start_ms: int | None, end_ms: int | None, limit: int
    ) -> list[dict[str, Any]]:
        """Rows of the fundingRate endpoint within the held history, oldest first.

        With ``start_ms`` the first ``limit`` charges after it, without it the latest ``limit``.
        """
        wanted = range(len(self.rules)) if symbol is None else [self._at(symbol)]
        held = min(self._book.fine.oldest_slot, self._book.coarse.oldest_slot * COARSE_MINUTES)
        start = max(held * MINUTE_MS, start_ms or 0)
        end = self._now_ms if end_ms is None else min(self._now_ms, end_ms)
        rows = [
            self._funding_row(index, time_ms)
            for time_ms, charged in self._funding.due(start - 1, end)
            for index in np.intersect1d(charged, wanted).tolist()
            if self._book.first_traded[index] < time_ms // MINUTE_MS
        ]
        return rows[-limit:] if start_ms is None else rows[:limit]

    def _funding_row(self, index: int, time_ms: int) -> dict[str, Any]:
        rate = float(self._funding.rates_at(time_ms)[index])
        before = self._book.fine.history(index, time_ms // MINUTE_MS - 1)
        known = len(before.slot) > 0 and before.slot[0] == time_ms // MINUTE_MS - 1
        mark = float(self._prices.values_of(index, before.close[:1])[0]) if known else None
        return quote_rows.funding_rate(self.rules[index].symbol, time_ms, rate, mark)

    def _top_lots(self, side: int) -> IntArray:
        """Lots at the best bid (0) or ask (1), at least one."""
        price = self._prices.values(self._minute.candles.close)
        wanted = self._depth * TOP_OF_DEPTH * self._minute.size_factors(side) / price
        return np.maximum(self._quantities.counts(wanted), 1)

    def _at(self, symbol: str) -> int:
        index = self._index.get(symbol)
        if index is None:
            raise MarketError(f"symbol {symbol!r} is not listed")
        return index
