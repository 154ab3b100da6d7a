"""The conditional order endpoints and the trigger that turns a waiting order into a child order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.exchange.sim.admission import admit_to_book
from engine.exchange.sim.algo import MARKET_TYPES, TRAILING, AlgoOrder, parse_algo
from engine.exchange.sim.algo_life import announce, confirm, leave, protection_gone
from engine.exchange.sim.errors import ApiError, refusal
from engine.exchange.sim.execution import enter, take
from engine.exchange.sim.filters import (
    check_algo_count,
    check_notional,
    check_price,
    check_quantity,
    check_status,
    check_trigger_price,
)
from engine.exchange.sim.orders import Order
from engine.exchange.sim.replies import algo_reply, algo_row

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.exchange.sim.account import Account
    from engine.exchange.sim.params import Params
    from engine.exchange.sim.rules import SymbolRules
    from engine.exchange.sim.tick import Tick
    from engine.exchange.sim.world import World

DONE = {"code": 200, "msg": "The operation of cancel all open order is done."}
WAITING = frozenset({"NEW", "TRIGGERING"})


class AlgoDesk:
    """Places, cancels, lists and triggers conditional orders."""

    def __init__(self, world: World) -> None:
        """Work on the given state."""
        self._world = world
        self._rejections: list[tuple[str | None, str]] = []

    def reject_next_trigger(self, symbol: str | None, reason: str) -> None:
        """Arm a fault.

        The next order that triggers, of `symbol` if given, is rejected with `reason`.
        """
        self._rejections.append((symbol, reason))

    def place(self, account: Account, params: Params, now_ms: int) -> dict[str, Any]:
        """POST algoOrder: judged by filters and position; margin is judged at the trigger only."""
        world = self._world
        rules = world.rules_of(params.text("symbol"))
        algo = parse_algo(params, now_ms, dual_side=account.dual_side)
        check_status(rules)
        tick = world.tick_of(rules.symbol)
        self._check_numbers(rules, algo, tick)
        check_algo_count(len(account.open_algos))
        if any(a.client_id == algo.client_id for a in account.open_algos.values()):
            raise refusal(-4116)
        self._check_position(account, algo)
        self._check_trigger(algo, tick)
        algo.algo_id = world.next_algo_id()
        algo.client_id = algo.client_id or f"simalgo{algo.algo_id}"
        account.algos[algo.algo_id] = algo
        account.open_algos[algo.algo_id] = algo
        confirm(world, account, algo, now_ms)
        return algo_reply(rules, algo)

    def cancel(self, account: Account, params: Params, now_ms: int) -> dict[str, Any]:
        """DELETE algoOrder: -2011 when it does not wait any more, -4117 while it is triggering."""
        algo = self._find(account, params)
        if algo is None or algo.status not in WAITING:
            raise refusal(-2011)
        if algo.status == "TRIGGERING":
            raise refusal(-4117)
        leave(self._world, account, algo, "CANCELED", now_ms)
        return {
            "algoId": algo.algo_id,
            "clientAlgoId": algo.client_id,
            "code": "200",
            "msg": "success",
        }

    def cancel_all(self, account: Account, params: Params, now_ms: int) -> dict[str, Any]:
        """DELETE algoOpenOrders of one symbol; regular orders stay."""
        symbol = self._world.rules_of(params.text("symbol")).symbol
        self.cancel_symbol(account, symbol, now_ms)
        return dict(DONE)

    def cancel_symbol(self, account: Account, symbol: str, now_ms: int) -> None:
        """Cancel every conditional order of a symbol that has not begun to trigger."""
        for algo in account.open_algos_of(symbol):
            if algo.status == "NEW":
                leave(self._world, account, algo, "CANCELED", now_ms)

    def query(self, account: Account, params: Params) -> dict[str, Any]:
        """GET algoOrder: -2013 when nobody knows it."""
        algo = self._find(account, params)
        if algo is None:
            raise refusal(-2013)
        return self._row(algo)

    def list_open(self, account: Account, params: Params) -> list[dict[str, Any]]:
        """GET openAlgoOrders of one symbol or of all."""
        symbol = params.optional("symbol")
        if symbol is not None:
            self._world.rules_of(symbol)
        return [self._row(algo) for algo in account.open_algos_of(symbol)]

    def list_all(self, account: Account, params: Params, now_ms: int) -> list[dict[str, Any]]:
        """GET allAlgoOrders of one symbol: at most seven days, or from an id on."""
        symbol = self._world.rules_of(params.text("symbol")).symbol
        first = params.optional_integer("algoId")
        start, end_ms = params.window(now_ms, 7)
        rows = [
            algo
            for algo in account.algos.values()
            if algo.symbol == symbol
            and (algo.algo_id >= first if first else start <= algo.created_ms <= end_ms)
        ]
        limit = params.limit(500, 1000)
        chosen = rows[:limit] if first or params.has("startTime") else rows[-limit:]
        return [self._row(algo) for algo in chosen]

    def _row(self, algo: AlgoOrder) -> dict[str, Any]:
        return algo_row(self._world.rules[algo.symbol], algo)

    def _find(self, account: Account, params: Params) -> AlgoOrder | None:
        algo_id, client_id = params.order_key("algoId", "clientAlgoId")
        if algo_id is not None:
            return account.algos.get(algo_id)
        for algo in reversed(account.algos.values()):
            if algo.client_id == client_id:
                return algo
        return None

    def _check_numbers(self, rules: SymbolRules, algo: AlgoOrder, tick: Tick) -> None:
        market = algo.order_type in MARKET_TYPES
        if algo.order_type != TRAILING:
            check_trigger_price(rules, algo.trigger_price)
        elif algo.activate_price:
            check_trigger_price(rules, algo.activate_price)
        if not market:
            check_price(rules, algo.price)
        if algo.close_position:
            return
        check_quantity(rules, algo.qty, market=market)
        if not algo.reduce_only:
            price = algo.price or algo.trigger_price or tick.last
            check_notional(rules, algo.qty, price)

    def _check_position(self, account: Account, algo: AlgoOrder) -> None:
        """Refuse what only closes where nothing is held, and a second closePosition of the kind.

        -4509 and -4130 for closePosition are known from field reports; -2022 for a reduce-only
        quantity without a position is our reading of them, and the stricter one.
        """
        closable = account.closable_qty(algo.symbol, algo.side, algo.position_side)
        if not closable and (algo.close_position or algo.reduce_only):
            raise refusal(-4509 if algo.close_position else -2022)
        if not algo.close_position:
            return
        for other in account.open_algos_of(algo.symbol):
            same_direction = (other.side, other.position_side) == (algo.side, algo.position_side)
            same_kind = other.is_take_profit == algo.is_take_profit
            if other.close_position and same_direction and same_kind:
                raise refusal(-4130)

    def _check_trigger(self, algo: AlgoOrder, tick: Tick) -> None:
        """Refuse what would fire at once (-2021); a trailing stop without activation starts now."""
        price = _watched_price(algo, tick)
        if algo.order_type != TRAILING:
            if algo.has_crossed(price):
                raise refusal(-2021)
        elif not algo.activate_price:
            algo.activated, algo.extreme = True, price
        elif algo.activate_price >= price if algo.is_buy else algo.activate_price <= price:
            raise refusal(-2021)

    def trigger(self, account: Account, symbol: str, now_ms: int) -> None:
        """Fire the symbol's waiting orders that its present quote has reached, oldest first."""
        tick = self._world.tick_of(symbol)
        for algo in account.open_algos_of(symbol):
            if algo.status != "NEW":
                continue
            was_active = algo.activated
            price = _watched_price(algo, tick)
            trailing = algo.order_type == TRAILING
            fires = algo.follow(price) if trailing else algo.has_crossed(price)
            if algo.activated and not was_active:
                confirm(self._world, account, algo, now_ms)
            if fires:
                self._fire(account, algo, now_ms)

    def fire_due(self, account: Account, now_ms: int) -> None:
        """Turn orders whose time in TRIGGERING is over into child orders."""
        for algo in account.open_algos_of():
            if algo.status == "TRIGGERING" and algo.fire_ms <= now_ms:
                self._spawn(account, algo, now_ms)

    def _fire(self, account: Account, algo: AlgoOrder, now_ms: int) -> None:
        algo.status, algo.trigger_ms = "TRIGGERING", now_ms
        algo.fire_ms = now_ms + self._world.behaviour.trigger_delay_ms
        announce(self._world, account, algo, now_ms)
        if algo.fire_ms <= now_ms:
            self._spawn(account, algo, now_ms)

    def _spawn(self, account: Account, algo: AlgoOrder, now_ms: int) -> None:
        world = self._world
        if _protected_gap(world.rules[algo.symbol], algo, world.tick_of(algo.symbol)):
            leave(world, account, algo, "EXPIRED", now_ms, "Price protection")
            return
        child = _child_of(account, algo, now_ms)
        if reason := self._objection(account, child):
            leave(world, account, algo, "REJECTED", now_ms, reason)
            return
        account.open_algos.pop(algo.algo_id)
        child.order_id = algo.child_order_id = world.next_order_id()
        algo.status = "TRIGGERED"
        announce(world, account, algo, now_ms)
        enter(world, account, child, now_ms)
        take(world, account, child, now_ms)
        protection_gone(world, account, algo, now_ms)

    def _objection(self, account: Account, child: Order) -> str:
        """Return why the child order may not enter the book, empty when it may."""
        for armed in self._rejections:
            if armed[0] in {None, child.symbol}:
                self._rejections.remove(armed)
                return armed[1]
        try:
            admit_to_book(self._world, account, child)
        except ApiError as error:
            return "Reduce Only reject" if error.code in {-2022, -4118} else error.msg
        return ""


def _watched_price(algo: AlgoOrder, tick: Tick) -> Decimal:
    return tick.mark if algo.working_type == "MARK_PRICE" else tick.last


def _protected_gap(rules: SymbolRules, algo: AlgoOrder, tick: Tick) -> bool:
    """Tell whether contract and mark price are too far apart for an order with priceProtect."""
    if not algo.price_protect:
        return False
    return abs(tick.last - tick.mark) > tick.mark * rules.trigger_protect


def _child_of(account: Account, algo: AlgoOrder, now_ms: int) -> Order:
    """Build the order that carries the conditional order out; it keeps the client id."""
    closable = account.closable_qty(algo.symbol, algo.side, algo.position_side)
    return Order(
        order_id=0,
        client_id=algo.client_id,
        symbol=algo.symbol,
        side=algo.side,
        order_type=algo.actual_type,
        orig_type=algo.order_type,
        time_in_force="GTC" if algo.close_position else algo.time_in_force,
        qty=closable if algo.close_position else algo.qty,
        price=algo.price,
        position_side=algo.position_side,
        reduce_only=algo.reduce_only,
        close_position=algo.close_position,
        stop_price=algo.trigger_price,
        working_type=algo.working_type,
        price_protect=algo.price_protect,
        stp_mode=algo.stp_mode,
        good_till_ms=algo.good_till_ms,
        algo_id=algo.algo_id,
        created_ms=now_ms,
        updated_ms=now_ms,
    )
