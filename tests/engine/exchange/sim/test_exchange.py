from __future__ import annotations

import inspect
from decimal import Decimal
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from engine.exchange.sim.errors import ApiError
from engine.exchange.sim.exchange import RATE_LIMITS, Exchange, walk
from engine.exchange.sim.matching import BookDepth
from engine.exchange.sim.orders import OPEN_STATUSES
from tests.engine.exchange.sim.exchange_builders import (
    OTHER,
    SYMBOL,
    Trader,
    assert_books_balance,
    dec,
    refused,
    rules,
    tick,
)
from tests.engine.exchange.sim.shapes import assert_same_shape, sample

ENDPOINTS = [
    "place_order",
    "cancel_order",
    "query_order",
    "open_orders",
    "cancel_all_orders",
    "all_orders",
    "place_algo",
    "cancel_algo",
    "query_algo",
    "open_algos",
    "cancel_all_algos",
    "all_algos",
    "user_trades",
    "income",
    "set_leverage",
    "set_margin_type",
    "get_position_mode",
    "set_position_mode",
    "get_multi_assets",
    "set_multi_assets",
    "leverage_brackets",
    "commission_rate",
    "account_v3",
    "balance_v3",
    "position_risk_v3",
    "account_config",
    "symbol_config",
    "countdown_cancel_all",
]


def test_endpoints_when_listed_all_take_account_params_and_time() -> None:
    for name in ENDPOINTS:
        signature = inspect.signature(getattr(Exchange, name))
        assert list(signature.parameters) == ["self", "account", "params", "now_ms"], name


def test_exchange_info_when_compared_with_a_live_capture_has_its_shape() -> None:
    theirs = sample("live_recorded/exchangeInfo_excerpt.json")
    info = Trader().exchange.exchange_info(123)
    assert_same_shape(info, theirs, gone={"_note"})
    assert info["rateLimits"] == theirs["rateLimits"] == RATE_LIMITS
    assert info["serverTime"] == 123
    assert [row["symbol"] for row in info["symbols"]] == [SYMBOL, OTHER]


def test_interest_when_orders_stops_and_positions_come_and_go_follows_them() -> None:
    trader = Trader()
    interest = trader.exchange.symbols_of_interest
    assert interest() == set()
    trader.order("BUY", 1)
    trader.stop("BUY", 105, 1, symbol=OTHER, reduceOnly=None)
    assert interest() == {SYMBOL, OTHER}
    trader.call("cancel_all_algos", symbol=OTHER)
    trader.order("BUY", 1, 99, symbol=OTHER)
    assert interest() == {SYMBOL, OTHER}
    trader.call("cancel_all_orders", symbol=OTHER)
    trader.order("SELL", 1)
    assert interest() == set()


def test_market_calls_when_the_symbol_is_unknown_are_refused() -> None:
    exchange = Trader().exchange
    refused(-1121, exchange.quote, "NOTHERE", tick(1))
    refused(-1121, exchange.on_tick, "NOTHERE", tick(1), 1)
    refused(-1121, exchange.apply_funding, "NOTHERE", dec(1), dec(1), 1)


def test_quote_when_stored_moves_nothing_until_the_next_tick() -> None:
    trader = Trader()
    trader.order("BUY", 1)
    stop = trader.stop("SELL", 95, 1)
    trader.exchange.quote(SYMBOL, tick(90))
    assert trader.algo_status(stop) == "NEW"
    trader.move(90)
    assert trader.algo_status(stop) == "FINISHED"


def test_walk_when_the_path_has_steps_keeps_the_spread_and_moves_the_mark_evenly() -> None:
    before, after = tick(100), tick(97, mark=96, path=(101, 98, 97))
    quotes = list(walk(before, after))
    assert [q.last for q in quotes] == [101, 98, 97]
    assert [q.ask - q.bid for q in quotes] == [dec("0.2")] * 3
    assert [q.bid for q in quotes] == [dec("100.9"), dec("97.9"), dec("96.9")]
    assert [q.mark for q in quotes] == [dec("98.66666667"), dec("97.33333333"), 96]


def test_walk_when_nothing_traded_is_the_tick_alone() -> None:
    quiet = tick(100, path=())
    assert list(walk(tick(99), quiet)) == [quiet]


def test_walk_when_the_price_is_a_single_tick_never_bids_nothing() -> None:
    low = tick("0.1", path=("0.1",))
    assert all(q.bid > 0 for q in walk(tick("0.3"), low))


def test_brackets_when_given_replace_the_default_of_that_symbol() -> None:
    from engine.exchange.sim.brackets import build_brackets

    exchange = Exchange([rules(), rules(OTHER)], brackets={OTHER: build_brackets([(3, 10, "0.1")])})
    caps = {row["symbol"]: row["brackets"] for row in exchange.leverage_brackets("a", {}, 0)}
    assert caps[OTHER][0]["initialLeverage"] == 3
    assert caps[SYMBOL][0]["initialLeverage"] == 75


def test_two_exchanges_when_fed_the_same_give_the_same_events() -> None:
    def run() -> list[dict[str, Any]]:
        trader = Trader(depth=BookDepth(dec(700), dec("0.001")))
        trader.order("BUY", 20)
        trader.stop("SELL", 97, 20)
        trader.order("SELL", 20, 104, reduceOnly="true")
        for price in (101, 99, 103, "96.5", 105):
            trader.move(price)
        return trader.events()

    assert run() == run() != []


SIDES = st.sampled_from(["BUY", "SELL"])
FLAG = st.sampled_from([None, "true"])
STEPS = st.integers(-45, 45)


class AnyoneTrading(RuleBasedStateMachine):
    """Two customers do anything at any price; after each step the books must still hold."""

    @initialize(
        margin=st.sampled_from(["ISOLATED", "CROSSED"]),
        depth=st.sampled_from([BookDepth(dec(900), dec("0.004")), BookDepth(dec(10_000_000))]),
        delay=st.sampled_from([0, 700]),
        dual=st.booleans(),
    )
    def open_exchange(self, margin: str, depth: BookDepth, delay: int, dual: bool) -> None:
        self.trader = Trader(depth=depth, trigger_delay_ms=delay, seed_balance=5_000)
        if margin == "ISOLATED":
            self.trader.call("set_margin_type", symbol=SYMBOL, marginType=margin)
        self.dual = dual
        self.position_side = "LONG" if dual else "BOTH"
        for self.trader.name in ("bob", "alice"):
            if dual:
                self.trader.call("set_position_mode", dualSidePosition="true")

    def held(self) -> Decimal:
        return self.trader.held(side=self.position_side)

    def attempt(self, call: Any, *args: Any, **params: Any) -> None:
        """Send a request; one that is refused must leave no trace."""
        if self.dual:
            params |= {"positionSide": self.position_side, "reduceOnly": None}
        before = (self.held(), self.trader.account.wallet, len(self.trader.account.open_orders))
        try:
            call(*args, **params)
        except ApiError:
            account = self.trader.account
            assert (self.held(), account.wallet, len(account.open_orders)) == before

    @rule(side=st.sampled_from(["LONG", "SHORT"]))
    def switch_position_side(self, side: str) -> None:
        self.position_side = side if self.dual else "BOTH"

    def price(self, steps: int) -> Decimal:
        return Decimal(self.trader.world.quotes[SYMBOL].last) + steps * dec("0.1")

    @rule(name=st.sampled_from(["alice", "bob"]))
    def switch_customer(self, name: str) -> None:
        self.trader.name = name

    @rule(side=SIDES, qty=st.integers(1, 9_000), reduce_only=FLAG)
    def market_order(self, side: str, qty: int, reduce_only: str | None) -> None:
        before = self.held()
        self.attempt(self.trader.order, side, qty * dec("0.01"), reduceOnly=reduce_only)
        if self.dual:
            assert self.held() * (1 if self.position_side == "LONG" else -1) >= 0
        elif reduce_only:
            after = self.held()
            assert abs(after) <= abs(before)
            assert after * before >= 0

    @rule(
        side=SIDES,
        steps=STEPS,
        qty=st.integers(1, 3_000),
        reduce_only=FLAG,
        tif=st.sampled_from(["GTC", "IOC", "FOK", "GTX"]),
    )
    def limit_order(
        self, side: str, steps: int, qty: int, reduce_only: str | None, tif: str
    ) -> None:
        params = {"timeInForce": tif, "reduceOnly": reduce_only}
        size = qty * dec("0.01")
        self.attempt(self.trader.order, side, size, self.price(steps), **params)

    @rule(
        side=SIDES,
        steps=STEPS,
        qty=st.integers(1, 3_000),
        kind=st.sampled_from(["STOP_MARKET", "TAKE_PROFIT_MARKET"]),
        reduce_only=FLAG,
        working=st.sampled_from(["CONTRACT_PRICE", "MARK_PRICE"]),
    )
    def stop_order(
        self, side: str, steps: int, qty: int, kind: str, reduce_only: str | None, working: str
    ) -> None:
        params = {"type": kind, "reduceOnly": reduce_only, "workingType": working}
        size = qty * dec("0.01")
        self.attempt(self.trader.stop, side, self.price(steps), size, **params)

    @rule(side=SIDES, steps=STEPS)
    def close_position_stop(self, side: str, steps: int) -> None:
        self.attempt(self.trader.stop, side, self.price(steps), closePosition="true")

    @rule(path=st.lists(STEPS, min_size=1, max_size=5), gap=st.integers(-30, 30))
    def market_moves(self, path: list[int], gap: int) -> None:
        prices = [max(dec(20), min(dec(400), self.price(step))) for step in path]
        mark = max(dec(20), prices[-1] + gap * dec("0.05"))
        self.trader.move(prices[-1], path=tuple(prices), mark=mark)

    @rule(ms=st.integers(1, 2_000))
    def time_passes(self, ms: int) -> None:
        self.trader.wait(ms)

    @rule(rate=st.integers(-100, 100))
    def funding(self, rate: int) -> None:
        mark = self.trader.world.mark_of(SYMBOL)
        self.trader.exchange.apply_funding(SYMBOL, rate * dec("0.0001"), mark, self.trader.now_ms)

    @rule()
    def cancel_everything(self) -> None:
        self.trader.call("cancel_all_orders", symbol=SYMBOL)
        self.trader.call("cancel_all_algos", symbol=SYMBOL)

    @invariant()
    def books_balance(self) -> None:
        if not hasattr(self, "trader"):
            return
        assert_books_balance(self.trader)

    @invariant()
    def open_lists_hold_open_orders_only(self) -> None:
        if not hasattr(self, "trader"):
            return
        for account in self.trader.world.accounts.values():
            for number, order in account.orders.items():
                assert (order.status in OPEN_STATUSES) == (number in account.open_orders)
                assert 0 <= order.executed_qty <= order.qty
            for number, algo in account.algos.items():
                assert (algo.status in {"NEW", "TRIGGERING"}) == (number in account.open_algos)

    @invariant()
    def reducing_orders_never_add(self) -> None:
        """Replay the fills: those of reduce-only orders bring the position nearer to zero."""
        if not hasattr(self, "trader"):
            return
        for account in self.trader.world.accounts.values():
            held = dict.fromkeys(("BOTH", "LONG", "SHORT"), Decimal(0))
            for trade in account.trades:
                side, order = trade.position_side, account.orders[trade.order_id]
                signed = trade.qty if trade.side == "BUY" else -trade.qty
                if account.reduces(SYMBOL, trade.side, side, reduce_only=order.reduce_only):
                    assert held[side] * signed < 0
                    assert abs(signed) <= abs(held[side])
                held[side] += signed

    @invariant()
    def history_agrees_with_the_accounts(self) -> None:
        if not hasattr(self, "trader"):
            return
        last: dict[tuple[str, str], Any] = {}
        for after in self.trader.exchange.ledger.exposures():
            last[after.account, after.side] = after
        for (name, side), after in last.items():
            account = self.trader.world.accounts[name]
            assert after.position_qty == account.held_qty(SYMBOL, side)
            stops = [a for a in account.open_algos_of(SYMBOL) if a.position_side == side]
            stops = [a for a in stops if a.is_protective]
            covering = [a for a in stops if account.closable_qty(SYMBOL, a.side, side)]
            whole = any(a.close_position for a in covering)
            size = abs(after.position_qty)
            total = sum((a.qty for a in covering), Decimal(0))
            assert after.protected_qty == (size if whole else min(size, total))


AnyoneTrading.TestCase.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
TestAnyoneTrading = AnyoneTrading.TestCase
