"""Steps in the life of a conditional order, each with its event and its fact in the history."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from engine.exchange.sim.user_events import algo_update

if TYPE_CHECKING:
    from engine.exchange.sim.account import Account
    from engine.exchange.sim.algo import AlgoOrder
    from engine.exchange.sim.orders import Order
    from engine.exchange.sim.world import World

WHATEVER_IS_HELD: Final = Decimal("Infinity")


def announce(world: World, account: Account, algo: AlgoOrder, now_ms: int) -> None:
    """Send the order's present state and note it in the history."""
    algo.updated_ms = now_ms
    rules = world.rules[algo.symbol]
    activated = algo.activated if algo.callback_rate else None
    world.send(account, algo_update(rules, algo, now_ms, activated=activated))
    world.record(
        account,
        algo.symbol,
        algo.position_side,
        "algo",
        algo.algo_id,
        now_ms,
        label=f"{algo.status} {algo.client_id}",
        qty=algo.qty,
        price=algo.trigger_price,
    )


def confirm(world: World, account: Account, algo: AlgoOrder, now_ms: int) -> None:
    """Announce an order that now waits, and record it as protection if it is one."""
    announce(world, account, algo, now_ms)
    if algo.is_protective:
        size = WHATEVER_IS_HELD if algo.close_position else algo.qty
        world.record(
            account,
            algo.symbol,
            algo.position_side,
            "stop_confirmed",
            algo.algo_id,
            now_ms,
            label=algo.client_id,
            qty=size if algo.is_buy else -size,
            price=algo.trigger_price,
        )


def leave(
    world: World, account: Account, algo: AlgoOrder, status: str, now_ms: int, reason: str = ""
) -> None:
    """End an order without a child: CANCELED, EXPIRED, or REJECTED with its reason."""
    algo.status, algo.reject_reason = status, reason
    account.open_algos.pop(algo.algo_id, None)
    announce(world, account, algo, now_ms)
    protection_gone(world, account, algo, now_ms)


def protection_gone(world: World, account: Account, algo: AlgoOrder, now_ms: int) -> None:
    """Record that the order no longer protects anything."""
    if algo.is_protective:
        world.record(
            account,
            algo.symbol,
            algo.position_side,
            "stop_gone",
            algo.algo_id,
            now_ms,
            label=algo.status,
        )


def finish_parent(world: World, account: Account, order: Order, now_ms: int) -> None:
    """Mark the conditional order FINISHED once its child can no longer trade."""
    algo = account.algos.get(order.algo_id)
    if algo is None or order.is_open or algo.status != "TRIGGERED":
        return
    algo.status = "FINISHED"
    algo.actual_qty, algo.actual_price = order.executed_qty, order.average_price
    announce(world, account, algo, now_ms)


def expire_orphans(
    world: World, account: Account, symbol: str, position_side: str, now_ms: int
) -> None:
    """Expire closePosition orders with nothing left to close; others stay, as on the venue."""
    for algo in account.open_algos_of(symbol):
        if not algo.close_position or algo.position_side != position_side:
            continue
        if not account.closable_qty(symbol, algo.side, position_side):
            leave(world, account, algo, "EXPIRED", now_ms)
