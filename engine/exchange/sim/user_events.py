"""User-data events in the venue's shape, every field included (state of late 2026)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.exchange.sim.margin import position_maintenance
from engine.exchange.sim.money import ZERO, fixed, plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.exchange.sim.account import Account, Position
    from engine.exchange.sim.algo import AlgoOrder
    from engine.exchange.sim.orders import Order
    from engine.exchange.sim.rules import SymbolRules
    from engine.exchange.sim.world import World

NO_CHANGE = Decimal(0)


@dataclass(frozen=True, slots=True)
class FillDetails:
    """What one execution adds to an order event. Amounts in quote units, `qty` in base units."""

    trade_id: int
    price: Decimal
    qty: Decimal
    commission: Decimal
    realised: Decimal
    maker: bool


def order_trade_update(
    rules: SymbolRules,
    order: Order,
    execution: str,
    now_ms: int,
    *,
    fill: FillDetails | None = None,
    waiting: tuple[Decimal, Decimal] = (ZERO, ZERO),
) -> dict[str, Any]:
    """Build ORDER_TRADE_UPDATE.

    Args:
        rules: the contract.
        order: the order after what happened.
        execution: NEW, CANCELED, CALCULATED, EXPIRED or TRADE.
        now_ms: exchange time.
        fill: the execution, for TRADE and CALCULATED.
        waiting: notionals of the symbol's open buy and sell orders.
    """
    body = _order_state(rules, order, execution)
    body |= {
        "l": fixed(fill.qty, rules.qty_precision) if fill else "0",
        "z": fixed(order.executed_qty, rules.qty_precision),
        "L": fixed(fill.price, rules.price_precision) if fill else "0",
    }
    if fill:
        body |= {"n": fixed(fill.commission, 8), "N": rules.margin_asset}
    body |= {
        "T": now_ms,
        "t": fill.trade_id if fill else 0,
        "b": plain(waiting[0]),
        "a": plain(waiting[1]),
        "m": fill.maker if fill else False,
        "rp": fixed(fill.realised, 8) if fill else "0",
    }
    return {"e": "ORDER_TRADE_UPDATE", "E": now_ms, "T": now_ms, "o": body | _order_flags(order)}


def _order_state(rules: SymbolRules, order: Order, execution: str) -> dict[str, Any]:
    return {
        "s": order.symbol,
        "c": order.client_id,
        "S": order.side,
        "o": order.order_type,
        "f": order.time_in_force,
        "q": fixed(order.qty, rules.qty_precision),
        "p": fixed(order.price, rules.price_precision),
        "ap": plain(round(order.average_price, max(5, rules.price_precision))),
        "sp": fixed(order.stop_price, rules.price_precision),
        "x": execution,
        "X": order.status,
        "i": order.order_id,
    }


def _order_flags(order: Order) -> dict[str, Any]:
    return {
        "R": order.reduce_only,
        "wt": order.working_type,
        "ot": order.orig_type,
        "ps": order.position_side,
        "cp": order.close_position,
        "pP": order.price_protect,
        "si": 0,
        "ss": 0,
        "V": order.stp_mode,
        "pm": "NONE",
        "gtd": order.good_till_ms,
        "er": order.expire_reason,
    }


def trade_lite(rules: SymbolRules, order: Order, fill: FillDetails, now_ms: int) -> dict[str, Any]:
    """Build TRADE_LITE, the short twin of a fill."""
    return {
        "e": "TRADE_LITE",
        "E": now_ms,
        "T": now_ms,
        "s": order.symbol,
        "q": fixed(order.qty, rules.qty_precision),
        "p": fixed(order.price, rules.price_precision),
        "m": fill.maker,
        "c": order.client_id,
        "S": order.side,
        "L": fixed(fill.price, rules.price_precision),
        "l": fixed(fill.qty, rules.qty_precision),
        "t": fill.trade_id,
        "i": order.order_id,
    }


def account_update(
    world: World,
    account: Account,
    reason: str,
    now_ms: int,
    *,
    positions: Iterable[Position] = (),
    balance_change: Decimal = NO_CHANGE,
    symbol: str | None = None,
) -> dict[str, Any]:
    """Build ACCOUNT_UPDATE: the balance and the positions that changed.

    `balance_change` excludes profit and commission, as on the venue; `symbol` is sent with funding
    only.
    """
    body: dict[str, Any] = {
        "m": reason,
        "B": [
            {
                "a": "USDT",
                "wb": fixed(account.wallet, 8),
                "cw": fixed(account.cross_wallet, 8),
                "bc": plain(balance_change),
            }
        ],
        "P": [_position_entry(world, account, position) for position in positions],
    }
    if symbol is not None:
        body["S"] = symbol
    return {"e": "ACCOUNT_UPDATE", "E": now_ms, "T": now_ms, "a": body}


def _position_entry(world: World, account: Account, position: Position) -> dict[str, Any]:
    rules = world.rules[position.symbol]
    digits = max(5, rules.price_precision)
    isolated = account.settings_of(position.symbol).isolated
    return {
        "s": position.symbol,
        "pa": plain(position.qty),
        "ep": fixed(position.entry_price, digits),
        "bep": plain(round(position.break_even_price, digits)),
        "cr": plain(position.realised),
        "up": fixed(position.unrealised(world.mark_of(position.symbol)), 8),
        "mt": "isolated" if isolated else "cross",
        "iw": fixed(position.isolated_wallet, 8) if isolated else "0",
        "ps": position.side,
    }


def algo_update(
    rules: SymbolRules, algo: AlgoOrder, now_ms: int, *, activated: bool | None = None
) -> dict[str, Any]:
    """Build ALGO_UPDATE.

    `ai` is empty and `ap`, `aq` absent while TRIGGERING; `rm` only when rejected.
    """
    body: dict[str, Any] = {
        "caid": algo.client_id,
        "aid": algo.algo_id,
        "at": "CONDITIONAL",
        "o": algo.order_type,
        "s": algo.symbol,
        "S": algo.side,
        "ps": algo.position_side,
        "f": algo.time_in_force,
        "q": plain(algo.qty),
        "X": algo.status,
        "ai": str(algo.child_order_id) if algo.child_order_id else "",
    }
    if algo.status != "TRIGGERING":
        body["ap"] = fixed(algo.actual_price, max(5, rules.price_precision))
        body["aq"] = fixed(algo.actual_qty, rules.qty_precision)
    body |= _algo_terms(rules, algo)
    if algo.reject_reason:
        body["rm"] = algo.reject_reason
    if activated is not None:
        body["ia"] = activated
    return {"e": "ALGO_UPDATE", "T": now_ms, "E": now_ms, "o": body}


def _algo_terms(rules: SymbolRules, algo: AlgoOrder) -> dict[str, Any]:
    return {
        "act": algo.actual_type if algo.child_order_id else "0",
        "tp": fixed(algo.trigger_price, rules.price_precision),
        "p": fixed(algo.price, rules.price_precision),
        "V": algo.stp_mode,
        "wt": algo.working_type,
        "pm": "NONE",
        "cp": algo.close_position,
        "pP": algo.price_protect,
        "R": algo.reduce_only,
        "tt": algo.trigger_ms,
        "gtd": algo.good_till_ms,
    }


def leverage_update(symbol: str, leverage: int, now_ms: int) -> dict[str, Any]:
    """Build ACCOUNT_CONFIG_UPDATE for a leverage change."""
    config = {"s": symbol, "l": leverage}
    return {"e": "ACCOUNT_CONFIG_UPDATE", "E": now_ms, "T": now_ms, "ac": config}


def multi_assets_update(*, enabled: bool, now_ms: int) -> dict[str, Any]:
    """Build ACCOUNT_CONFIG_UPDATE for the asset mode."""
    return {"e": "ACCOUNT_CONFIG_UPDATE", "E": now_ms, "T": now_ms, "ai": {"j": enabled}}


def margin_call(
    world: World, account: Account, positions: Iterable[Position], now_ms: int
) -> dict[str, Any]:
    """Build MARGIN_CALL for positions close to liquidation.

    `cw` only tells something in cross mode.
    """
    return {
        "e": "MARGIN_CALL",
        "E": now_ms,
        "cw": fixed(account.cross_wallet, 8),
        "p": [
            {
                "s": p.symbol,
                "ps": p.side,
                "pa": plain(p.qty),
                "mt": account.settings_of(p.symbol).margin_type,
                "iw": plain(p.isolated_wallet),
                "mp": fixed(world.mark_of(p.symbol), 8),
                "up": fixed(p.unrealised(world.mark_of(p.symbol)), 8),
                "mm": fixed(position_maintenance(world, p), 8),
            }
            for p in positions
        ],
    }
