"""What the embedded exchange needs of a market, synthetic or replayed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from engine.exchange.sim.candle_columns import CandleColumns
from engine.exchange.sim.day_stats import TickerColumns
from engine.exchange.sim.rules import SymbolRules
from engine.exchange.sim.scales import BoolArray, FloatArray, IntArray
from engine.exchange.sim.tick import Tick


class MarketError(ValueError):
    """The market cannot be built or asked like this; the message says what is allowed."""


@dataclass(frozen=True, slots=True)
class MarketStep:
    """All symbols after one move of exchange time, arrays in the order of ``Market.rules``.

    Attributes:
        start_ms: Exchange time before the step.
        time_ms: Exchange time after it; never beyond the end of the minute ``start_ms`` is in.
        last: Last traded price.
        bid: Best bid.
        ask: Best ask.
        mark: Mark price.
        traded: Which symbols traded within the step.
        volume: Base quantity traded within the step.
        quote_volume: Quote quantity traded within the step.
        trades: Trades within the step.
        closed: Candles of the minute that ended exactly at ``time_ms``, else None. Only symbols
            with ``closed.traded`` have a closing frame.
        contract_changes: Rules of contracts whose status changed at ``time_ms``.
    """

    start_ms: int
    time_ms: int
    last: FloatArray
    bid: FloatArray
    ask: FloatArray
    mark: FloatArray
    traded: BoolArray
    volume: FloatArray
    quote_volume: FloatArray
    trades: IntArray
    closed: CandleColumns | None
    contract_changes: tuple[SymbolRules, ...]


@dataclass(frozen=True, slots=True)
class FundingCharge:
    """One due funding charge of one symbol."""

    symbol: str
    time_ms: int
    rate: Decimal
    mark: Decimal


class Market(Protocol):
    """Prices of all symbols as exchange time moves. Times are exchange milliseconds.

    Methods that take a symbol raise `MarketError` when it is not listed.
    """

    @property
    def rules(self) -> Sequence[SymbolRules]:
        """Contracts in array order, with their current status."""
        ...

    @property
    def start_ms(self) -> int:
        """Where the market began; candles before it are history."""
        ...

    @property
    def now_ms(self) -> int:
        """Time of the latest step."""
        ...

    @property
    def exhausted(self) -> bool:
        """Whether recorded data has run out; time still moves, but nothing trades any more."""
        ...

    def advance(self, to_ms: int) -> MarketStep:
        """Move to ``to_ms`` or to the end of the current minute, whichever comes first."""
        ...

    def tick(self, symbol: str) -> Tick:
        """Current quote of a symbol with the prices traded in the latest step."""
        ...

    def open_candles(self) -> CandleColumns:
        """The unfinished minute; symbols without ``traded`` have no candle yet."""
        ...

    def candles(
        self, symbol: str, start_ms: int | None, end_ms: int | None, limit: int, interval: str
    ) -> list[list[Any]]:
        """Rows of the klines endpoint, the unfinished candle last."""
        ...

    def funding_due(self, now_ms: int) -> list[FundingCharge]:
        """Charges that have become due since the last call; each is returned once."""
        ...

    def depth_notional(self, symbol: str) -> Decimal:
        """Quote volume that moves the price by about 10 basis points."""
        ...

    @property
    def bid_qty(self) -> FloatArray:
        """Quantity at the best bids."""
        ...

    @property
    def ask_qty(self) -> FloatArray:
        """Quantity at the best asks."""
        ...

    @property
    def index_price(self) -> FloatArray:
        """Index prices."""
        ...

    @property
    def mark_price(self) -> FloatArray:
        """Mark prices."""
        ...

    @property
    def funding_rate(self) -> FloatArray:
        """Rates of the next charges."""
        ...

    @property
    def next_funding_ms(self) -> IntArray:
        """Times of the next charges."""
        ...

    def ticker_columns(self) -> TickerColumns:
        """Statistics of the last 24 hours."""
        ...

    def ticker_24h(self, symbol: str) -> dict[str, Any]:
        """One row of the ticker/24hr endpoint."""
        ...

    def premium_index(self, symbol: str) -> dict[str, Any]:
        """One row of the premiumIndex endpoint."""
        ...

    def book_ticker(self, symbol: str) -> dict[str, Any]:
        """One row of the ticker/bookTicker endpoint."""
        ...

    def funding_info(self) -> list[dict[str, Any]]:
        """Rows of the fundingInfo endpoint."""
        ...

    def funding_history(
        self, symbol: str | None, start_ms: int | None, end_ms: int | None, limit: int
    ) -> list[dict[str, Any]]:
        """Rows of the fundingRate endpoint, oldest first."""
        ...

    def dump(self) -> dict[str, Any]:
        """JSON-ready state from which the same market continues."""
        ...

    def load(self, state: dict[str, Any]) -> None:
        """Continue from a state of `dump`; the market must be built with the same arguments."""
        ...
