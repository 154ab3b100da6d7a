"""The regular order endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.exchange.sim.admission import admit
from engine.exchange.sim.errors import refusal
from engine.exchange.sim.execution import end, enter, take
from engine.exchange.sim.filters import check_status
from engine.exchange.sim.orders import RESPONSE_TYPES, parse_order
from engine.exchange.sim.replies import acknowledged, order_reply, order_row

if TYPE_CHECKING:
    from engine.exchange.sim.account import Account
    from engine.exchange.sim.orders import Order
    from engine.exchange.sim.params import Params
    from engine.exchange.sim.world import World

DONE = {"code": 200, "msg": "The operation of cancel all open order is done."}


class OrderDesk:
    """Places, cancels and lists orders of the regular book."""

    def __init__(self, world: World) -> None:
        """Work on the given state."""
        self._world = world

    def place(self, account: Account, params: Params, now_ms: int) -> dict[str, Any]:
        """POST order: judge, enter, match; newOrderRespType=RESULT replies with the final state."""
        world = self._world
        rules = world.rules_of(params.text("symbol"))
        order = parse_order(params, now_ms, dual_side=account.dual_side)
        response = params.choice("newOrderRespType", RESPONSE_TYPES, "ACK", code=-1136)
        check_status(rules)
        if any(o.client_id == order.client_id for o in account.open_orders.values()):
            raise refusal(-4116)
        admit(world, account, order)
        enter(world, account, order, now_ms)
        take(world, account, order, now_ms)
        reply = order_reply(rules, order)
        return reply if response == "RESULT" else acknowledged(reply, rules)

    def cancel(self, account: Account, params: Params, now_ms: int) -> dict[str, Any]:
        """DELETE order: -2011 when it is not open."""
        rules = self._world.rules_of(params.text("symbol"))
        order = self._find(account, params)
        if order is None or not order.is_open:
            raise refusal(-2011)
        end(self._world, account, order, "CANCELED", now_ms)
        return order_reply(rules, order)

    def cancel_all(self, account: Account, params: Params, now_ms: int) -> dict[str, Any]:
        """DELETE allOpenOrders of one symbol; conditional orders stay."""
        symbol = self._world.rules_of(params.text("symbol")).symbol
        self.cancel_symbol(account, symbol, now_ms)
        return dict(DONE)

    def cancel_symbol(self, account: Account, symbol: str, now_ms: int) -> None:
        """Cancel every open regular order of a symbol."""
        for order in account.open_orders_of(symbol):
            end(self._world, account, order, "CANCELED", now_ms)

    def query(self, account: Account, params: Params) -> dict[str, Any]:
        """GET order: -2013 when nobody knows it."""
        rules = self._world.rules_of(params.text("symbol"))
        order = self._find(account, params)
        if order is None:
            raise refusal(-2013)
        return order_row(rules, order)

    def list_open(self, account: Account, params: Params) -> list[dict[str, Any]]:
        """GET openOrders of one symbol or of all."""
        symbol = params.optional("symbol")
        if symbol is not None:
            self._world.rules_of(symbol)
        return [self._row(order) for order in account.open_orders_of(symbol)]

    def list_all(self, account: Account, params: Params, now_ms: int) -> list[dict[str, Any]]:
        """GET allOrders: at most seven days, or from an order id on."""
        symbol, first = params.optional("symbol"), params.optional_integer("orderId")
        start, end_ms = params.window(now_ms, 7)
        rows = [
            order
            for order in account.orders.values()
            if symbol in {None, order.symbol}
            and (order.order_id >= first if first else start <= order.created_ms <= end_ms)
        ]
        limit = params.limit(500, 1000)
        chosen = rows[:limit] if first or params.has("startTime") else rows[-limit:]
        return [self._row(order) for order in chosen]

    def _row(self, order: Order) -> dict[str, Any]:
        return order_row(self._world.rules[order.symbol], order)

    def _find(self, account: Account, params: Params) -> Order | None:
        order_id, client_id = params.order_key("orderId", "origClientOrderId")
        symbol = params.text("symbol")
        if order_id is not None:
            order = account.orders.get(order_id)
            return order if order and order.symbol == symbol else None
        # A client id may be used again once its order is done: the newest one is meant.
        for order in reversed(account.orders.values()):
            if order.client_id == client_id and order.symbol == symbol:
                return order
        return None
