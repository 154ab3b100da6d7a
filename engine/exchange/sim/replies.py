"""Replies about orders, conditional orders and trades in the venue's shape: numbers as strings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.exchange.sim.money import fixed

if TYPE_CHECKING:
    from engine.exchange.sim.account import Income, Trade
    from engine.exchange.sim.algo import AlgoOrder
    from engine.exchange.sim.orders import Order
    from engine.exchange.sim.rules import SymbolRules


def order_reply(rules: SymbolRules, order: Order) -> dict[str, Any]:
    """Return the reply to placing or cancelling.

    AvgPrice and cumQuote are gone since 2026-06-30.
    """
    return {
        "orderId": order.order_id,
        "symbol": order.symbol,
        "status": order.status,
        "clientOrderId": order.client_id,
        "price": fixed(order.price, rules.price_precision),
        "origQty": fixed(order.qty, rules.qty_precision),
        "executedQty": fixed(order.executed_qty, rules.qty_precision),
        "cumQty": fixed(order.executed_qty, rules.qty_precision),
        **_order_terms(rules, order),
        "updateTime": order.updated_ms,
    }


def acknowledged(reply: dict[str, Any], rules: SymbolRules) -> dict[str, Any]:
    """Turn a reply into its ACK form.

    The order as it was taken in, before anything happened to it.
    """
    nothing = fixed(rules.min_qty * 0, rules.qty_precision)
    return {**reply, "status": "NEW", "executedQty": nothing, "cumQty": nothing}


def order_row(rules: SymbolRules, order: Order) -> dict[str, Any]:
    """Return the reply to a query: here avgPrice and cumQuote are kept."""
    return {
        "orderId": order.order_id,
        "symbol": order.symbol,
        "status": order.status,
        "clientOrderId": order.client_id,
        "price": fixed(order.price, rules.price_precision),
        "avgPrice": fixed(order.average_price, max(5, rules.price_precision)),
        "origQty": fixed(order.qty, rules.qty_precision),
        "executedQty": fixed(order.executed_qty, rules.qty_precision),
        "cumQuote": fixed(order.cum_quote, rules.price_precision + rules.qty_precision),
        **_order_terms(rules, order),
        "time": order.created_ms,
        "updateTime": order.updated_ms,
    }


def _order_terms(rules: SymbolRules, order: Order) -> dict[str, Any]:
    return {
        "timeInForce": order.time_in_force,
        "type": order.order_type,
        "reduceOnly": order.reduce_only,
        "closePosition": order.close_position,
        "side": order.side,
        "positionSide": order.position_side,
        "stopPrice": fixed(order.stop_price, rules.price_precision),
        "workingType": order.working_type,
        "priceProtect": order.price_protect,
        "origType": order.orig_type,
        "priceMatch": "NONE",
        "selfTradePreventionMode": order.stp_mode,
        "goodTillDate": order.good_till_ms,
    }


def algo_reply(rules: SymbolRules, algo: AlgoOrder) -> dict[str, Any]:
    """Return the reply to placing a conditional order."""
    trailing = bool(algo.callback_rate)
    return {
        **_algo_head(rules, algo),
        "triggerPrice": fixed(algo.trigger_price, rules.price_precision),
        "price": fixed(algo.price, rules.price_precision),
        "icebergQuantity": None,
        **_algo_flags(algo),
        "activatePrice": fixed(algo.activate_price, rules.price_precision) if trailing else "",
        "callbackRate": f"{algo.callback_rate:f}" if trailing else "",
        **_algo_times(algo),
    }


def algo_row(rules: SymbolRules, algo: AlgoOrder) -> dict[str, Any]:
    """Return the reply to querying or listing a conditional order."""
    row = _algo_head(rules, algo)
    row["actualOrderId"] = str(algo.child_order_id) if algo.child_order_id else ""
    row["actualPrice"] = fixed(algo.actual_price, max(5, rules.price_precision))
    if algo.child_order_id:
        row["actualQty"] = fixed(algo.actual_qty, rules.qty_precision)
        row["actualType"] = algo.actual_type
    nothing = fixed(rules.tick_size * 0, rules.price_precision)
    return {
        **row,
        "triggerPrice": fixed(algo.trigger_price, rules.price_precision),
        "price": fixed(algo.price, rules.price_precision),
        "icebergQuantity": None,
        "tpTriggerPrice": nothing,
        "tpPrice": nothing,
        "slTriggerPrice": nothing,
        "slPrice": nothing,
        "tpOrderType": "",
        **_algo_flags(algo),
        **_algo_times(algo),
    }


def _algo_head(rules: SymbolRules, algo: AlgoOrder) -> dict[str, Any]:
    return {
        "algoId": algo.algo_id,
        "clientAlgoId": algo.client_id,
        "algoType": "CONDITIONAL",
        "orderType": algo.order_type,
        "symbol": algo.symbol,
        "side": algo.side,
        "positionSide": algo.position_side,
        "timeInForce": algo.time_in_force,
        "quantity": fixed(algo.qty, rules.qty_precision),
        "algoStatus": algo.status,
    }


def _algo_flags(algo: AlgoOrder) -> dict[str, Any]:
    return {
        "selfTradePreventionMode": algo.stp_mode,
        "workingType": algo.working_type,
        "priceMatch": "NONE",
        "closePosition": algo.close_position,
        "priceProtect": algo.price_protect,
        "reduceOnly": algo.reduce_only,
    }


def _algo_times(algo: AlgoOrder) -> dict[str, Any]:
    return {
        "createTime": algo.created_ms,
        "updateTime": algo.updated_ms,
        "triggerTime": algo.trigger_ms,
        "goodTillDate": algo.good_till_ms,
    }


def trade_row(rules: SymbolRules, trade: Trade) -> dict[str, Any]:
    """Return one row of userTrades; `commission` is what was paid, a positive number for a cost."""
    return {
        "symbol": trade.symbol,
        "id": trade.trade_id,
        "orderId": trade.order_id,
        "side": trade.side,
        "price": fixed(trade.price, rules.price_precision),
        "qty": fixed(trade.qty, rules.qty_precision),
        "realizedPnl": fixed(trade.realised, 8),
        "quoteQty": fixed(trade.price * trade.qty, rules.price_precision + rules.qty_precision),
        "commission": fixed(trade.commission, 8),
        "commissionAsset": rules.margin_asset,
        "time": trade.at_ms,
        "positionSide": trade.position_side,
        "buyer": trade.side == "BUY",
        "maker": trade.maker,
    }


def income_row(income: Income) -> dict[str, Any]:
    """Return one row of income."""
    return {
        "symbol": income.symbol,
        "incomeType": income.income_type,
        "income": fixed(income.amount, 8),
        "asset": "USDT",
        "time": income.at_ms,
        "info": str(income.trade_id) if income.trade_id else income.income_type,
        "tranId": income.tran_id,
        "tradeId": str(income.trade_id) if income.trade_id else "",
    }
