"""A market whose every minute is prepared in full when it opens and revealed as time passes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from engine.exchange.sim.candle_book import CandleBook
from engine.exchange.sim.candle_columns import MINUTE_MS, CandleColumns, TickCandles
from engine.exchange.sim.funding_rates import FundingRates
from engine.exchange.sim.lifecycle import ContractBoard
from engine.exchange.sim.market import FundingCharge, MarketError, MarketStep
from engine.exchange.sim.market_views import MarketViews
from engine.exchange.sim.minute_source import MinuteSource
from engine.exchange.sim.revealed_minute import RevealedMinute
from engine.exchange.sim.rules import SymbolRules
from engine.exchange.sim.scales import FloatArray, IntArray, Scales
from engine.exchange.sim.tick_path import MinuteTrades


class PathMarket(MarketViews):
    """The `Market` over any `MinuteSource`.

    Args:
        source: Maker of minutes; its next one is ``first_minute``.
        rules: Contracts in the source's order.
        seed: Seed of phases, funding and quote sizes.
        first_minute: First minute of history, minutes since the epoch.
        start_ms: Where the market begins; whole minutes before it become history at once.
    """

    def __init__(
        self,
        source: MinuteSource,
        rules: Sequence[SymbolRules],
        *,
        seed: int,
        first_minute: int,
        start_ms: int,
    ) -> None:
        self._source = source
        self._seed = seed
        self._index = {item.symbol: index for index, item in enumerate(rules)}
        self._board = ContractBoard(rules, first_minute * MINUTE_MS)
        self._prices = Scales.of([item.tick_size for item in rules])
        self._quantities = Scales.of([item.step_size for item in rules])
        self._funding = FundingRates(rules, seed)
        # Just below one: the last point must still lie inside the minute.
        self._phases = np.random.default_rng([seed, 0x9A5E]).random(len(rules)) * 0.999
        super().__init__(source.day_quote_volume)
        self._start_ms = start_ms
        self._funded_ms = start_ms
        self._snapshots: list[dict[str, Any]] = []
        self._begin(first_minute, np.zeros(len(rules), dtype=np.int64), start_ms)

    @property
    def start_ms(self) -> int:
        """Where the market began."""
        return self._start_ms

    @property
    def exhausted(self) -> bool:
        """Whether recorded data has run out; time still moves, but nothing trades any more."""
        end = self._source.end_minute
        return end is not None and self._open_ms // MINUTE_MS >= end

    def advance(self, to_ms: int) -> MarketStep:
        """Move to ``to_ms`` or to the end of the current minute, whichever comes first.

        Raises:
            MarketError: ``to_ms`` lies before ``now_ms``.
        """
        if to_ms < self._now_ms:
            raise MarketError(f"time moves forward only: at {self._now_ms}, asked for {to_ms}")
        start_ms, before = self._now_ms, self._minute.candles
        boundary = self._open_ms + MINUTE_MS
        self._now_ms = min(to_ms, boundary)
        self._step_path, self._step_from = self._minute.path, self._minute.points
        self._minute.reveal(self._now_ms - self._open_ms)
        self._step_to = self._minute.points
        after = self._minute.candles
        bid, ask, mark = self._minute.bid, self._minute.ask, self.mark_price
        closed = self._turn_minute() if self._now_ms == boundary else None
        trades = after.trades - before.trades
        return MarketStep(
            start_ms=start_ms,
            time_ms=self._now_ms,
            last=self._prices.values(after.close),
            bid=self._prices.values(bid),
            ask=self._prices.values(ask),
            mark=mark,
            traded=trades > 0,
            volume=self._quantities.values(after.lots - before.lots),
            quote_volume=after.quote - before.quote,
            trades=trades,
            closed=closed,
            contract_changes=self._board.move(self._now_ms),
        )

    def funding_due(self, now_ms: int) -> list[FundingCharge]:
        """Charges that have become due since the last call; each is returned once."""
        due = self._funding.due(self._funded_ms, now_ms)
        self._funded_ms = max(self._funded_ms, now_ms)
        mark = self.mark_price if due else np.empty(0)
        return [
            self._charge(index, time_ms, mark)
            for time_ms, symbols in due
            for index in symbols.tolist()
            if self.rules[index].status == "TRADING"
        ]

    def dump(self) -> dict[str, Any]:
        """JSON-ready state: a past snapshot of the source from which the rest is made again."""
        return {"now_ms": self._now_ms, "funded_ms": self._funded_ms, **self._snapshots[0]}

    def load(self, state: dict[str, Any]) -> None:
        """Continue from a state of `dump`; history before its snapshot is gone.

        Raises:
            MarketError: the state is of a market with another number of symbols.
        """
        last_id = np.array(state["last_id"], dtype=np.int64)
        if len(last_id) != len(self.rules):
            raise MarketError(f"saved market has {len(last_id)} symbols, this {len(self.rules)}")
        self._source.load(state["source"])
        self._snapshots.clear()
        self._begin(int(state["minute"]), last_id, int(state["now_ms"]))
        self._funded_ms = int(state["funded_ms"])

    def _begin(self, first_minute: int, last_id: IntArray, now_ms: int) -> None:
        """Make history from ``first_minute`` up to ``now_ms``."""
        self._book = CandleBook(len(self.rules), first_minute)
        self._last_id = last_id
        self._open_ms = first_minute * MINUTE_MS
        self._remember(first_minute)
        trades = self._prepare()
        while self._open_ms + MINUTE_MS <= now_ms:
            self._file(trades.candles)
            trades = self._prepare()
        self._minute = self._opened(trades)
        self._now_ms = now_ms
        self._minute.reveal(now_ms - self._open_ms)
        self._step_path = self._minute.path
        self._step_from = self._step_to = self._minute.points
        self._board.move(now_ms)

    def _turn_minute(self) -> CandleColumns:
        """Hand over the finished minute and open the next one."""
        columns = self.open_candles()
        self._file(self._minute.candles)
        self._minute = self._opened(self._prepare())
        return columns

    def _file(self, candles: TickCandles) -> None:
        """Add a finished minute to history and move to the next."""
        self._book.append(candles)
        self._last_id = self._last_id + candles.trades
        self._open_ms += MINUTE_MS

    def _prepare(self) -> MinuteTrades:
        """Draw the minute that opens now; snapshots need the source's state before it."""
        minute = self._open_ms // MINUTE_MS
        if minute % self._book.fine.capacity == 0:
            self._remember(minute)
        return self._source.next_minute()

    def _opened(self, trades: MinuteTrades) -> RevealedMinute:
        minute = self._open_ms // MINUTE_MS
        return RevealedMinute(trades.path(), minute, self._phases, self._seed)

    def _remember(self, minute: int) -> None:
        """Keep a few snapshots; the oldest lies one to two full histories behind."""
        snapshot = {
            "minute": minute,
            "last_id": self._last_id.tolist(),
            "source": self._source.dump(),
        }
        enough = minute - self._book.fine.capacity
        while len(self._snapshots) > 1 and self._snapshots[1]["minute"] <= enough:
            del self._snapshots[0]
        self._snapshots.append(snapshot)

    def _charge(self, index: int, time_ms: int, mark: FloatArray) -> FundingCharge:
        return FundingCharge(
            symbol=self.rules[index].symbol,
            time_ms=time_ms,
            rate=Decimal(f"{self._funding.rates_at(time_ms)[index]:.8f}"),
            mark=Decimal(f"{mark[index]:.8f}"),
        )
