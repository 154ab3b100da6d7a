"""Builders for tests of the embedded exchange: a small market and a customer who acts on it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from engine.exchange.sim.errors import ApiError
from engine.exchange.sim.exchange import Exchange
from engine.exchange.sim.matching import BookDepth
from engine.exchange.sim.rules import SymbolRules
from engine.exchange.sim.tick import Tick
from engine.exchange.sim.world import Behaviour

START_MS = 1_790_000_000_000
SYMBOL = "ABCUSDT"
OTHER = "XYZUSDT"
DEEP = BookDepth(level_notional=Decimal(10_000_000))


def dec(value: object) -> Decimal:
    return Decimal(str(value))


def rules(symbol: str = SYMBOL, **changes: Any) -> SymbolRules:
    base = SymbolRules(
        symbol=symbol,
        base=symbol.removesuffix("USDT"),
        tick_size=dec("0.1"),
        step_size=dec("0.01"),
        market_step=dec("0.01"),
        min_qty=dec("0.01"),
        max_qty=dec(10_000),
        market_max_qty=dec(1_000),
        min_price=dec("0.1"),
        max_price=dec(100_000),
        price_precision=2,
        qty_precision=2,
    )
    return replace(base, **changes)


def tick(last: object, *, mark: object = None, path: tuple[object, ...] | None = None) -> Tick:
    """A quote one tick wide on either side of `last`; the path is `last` alone unless given."""
    price = dec(last)
    return Tick(
        bid=price - dec("0.1"),
        ask=price + dec("0.1"),
        last=price,
        mark=price if mark is None else dec(mark),
        path=(price,) if path is None else tuple(dec(p) for p in path),
    )


class Trader:
    """One customer of one exchange, with a clock that moves only when told."""

    def __init__(
        self,
        *listed: SymbolRules,
        name: str = "alice",
        depth: BookDepth = DEEP,
        price: object = 100,
        seed_balance: object = 10_000,
        **behaviour: Any,
    ) -> None:
        self.name = name
        self.now_ms = START_MS
        self.exchange = Exchange(
            listed or (rules(), rules(OTHER)),
            behaviour=Behaviour(depth=depth, **behaviour),
            seed_balance=dec(seed_balance),
        )
        for symbol in self.exchange.world.rules:
            self.exchange.quote(symbol, tick(price))

    @property
    def world(self) -> Any:
        return self.exchange.world

    @property
    def account(self) -> Any:
        return self.exchange.world.account(self.name)

    def call(self, endpoint: str, **params: object) -> Any:
        raw = {name: str(value) for name, value in params.items() if value is not None}
        return getattr(self.exchange, endpoint)(self.name, raw, self.now_ms)

    def order(self, side: str, qty: object, price: object = None, **params: object) -> Any:
        """Place MARKET, or LIMIT GTC when a price is given; RESULT replies."""
        kind: dict[str, object] = {"type": "MARKET"}
        if price is not None:
            kind = {"type": "LIMIT", "price": price, "timeInForce": "GTC"}
        defaults = {"symbol": SYMBOL, "newOrderRespType": "RESULT"}
        sent = {**defaults, "side": side, "quantity": qty, **kind, **params}
        return self.call("place_order", **sent)

    def stop(self, side: str, trigger: object, qty: object = None, **params: object) -> Any:
        """Place a reduce-only STOP_MARKET with quantity unless told otherwise."""
        sent: dict[str, object] = {
            "algoType": "CONDITIONAL",
            "symbol": SYMBOL,
            "side": side,
            "type": "STOP_MARKET",
            "triggerPrice": trigger,
            "quantity": qty,
            "reduceOnly": None if params.get("closePosition") else "true",
        }
        return self.call("place_algo", **{**sent, **params})

    def move(self, last: object, *, symbol: str = SYMBOL, after_ms: int = 1000, **kw: Any) -> None:
        """Let time pass and the market trade at `last`."""
        self.now_ms += after_ms
        self.exchange.on_tick(symbol, tick(last, **kw), self.now_ms)

    def wait(self, ms: int) -> None:
        self.now_ms += ms
        self.exchange.advance(self.now_ms)

    def events(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Drain the events of this customer, of one kind or of all."""
        drained = [e for name, e in self.exchange.drain_events() if name == self.name]
        return [e for e in drained if kind in {None, e["e"]}]

    def held(self, symbol: str = SYMBOL, side: str = "BOTH") -> Decimal:
        return self.account.held_qty(symbol, side)

    def algo_status(self, algo: dict[str, Any]) -> str:
        return self.call("query_algo", algoId=algo["algoId"])["algoStatus"]


def refused(code: int, call: Any, *args: Any, **kwargs: Any) -> ApiError:
    """Assert that a call is refused with `code` and return the refusal."""
    with pytest.raises(ApiError) as caught:
        call(*args, **kwargs)
    assert caught.value.code == code, caught.value
    return caught.value


def assert_books_balance(trader: Trader) -> None:
    """The wallet is the seed plus all bookings; positions are the sum of fills; history agrees."""
    for account in trader.world.accounts.values():
        incomes = sum((income.amount for income in account.incomes), Decimal(0))
        assert account.wallet == trader.world.seed_balance + incomes
        fills: dict[tuple[str, str], Decimal] = {}
        for trade in account.trades:
            key = (trade.symbol, trade.position_side)
            signed = trade.qty if trade.side == "BUY" else -trade.qty
            fills[key] = fills.get(key, Decimal(0)) + signed
        for key, position in account.positions.items():
            assert position.qty == fills.get(key, Decimal(0))
            assert position.qty or (position.cost == 0 and position.isolated_wallet == 0)
