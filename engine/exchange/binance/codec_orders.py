"""Replies about orders, conditional orders and executions; REST and WebSocket API look alike."""

from decimal import Decimal
from typing import Any

from engine.domain.order import Fill, Order
from engine.exchange.binance.codec_words import (
    conditional_status,
    order_side,
    order_status,
    order_type,
)
from engine.exchange.binance.parse import (
    decimal,
    decimal_or_zero,
    guarded,
    integer,
    is_coin_margined,
    rows,
    text,
    truth,
)


@guarded
def decode_order(body: Any) -> Order:  # noqa: ANN401
    """Return an order from a place, cancel or query reply.

    `avgPrice` left the place and cancel replies on 2026-06-30; the average price is then 0 and
    comes with the fills.

    Raises:
        MalformedMessage: the reply does not have the documented shape.
    """
    return _order(body)


@guarded
def decode_orders(body: Any) -> tuple[Order, ...]:  # noqa: ANN401
    """Return the orders of an openOrders reply, COIN-M rows left out.

    Raises:
        MalformedMessage: the reply does not have the documented shape.
    """
    return tuple(_order(row) for row in rows(body) if not is_coin_margined(text(row["symbol"])))


def _order(row: dict[str, Any]) -> Order:
    return Order(
        client_id=text(row["clientOrderId"]),
        venue_id=str(integer(row["orderId"])),
        symbol=text(row["symbol"]),
        side=order_side(row["side"]),
        order_type=order_type(row["type"]),
        status=order_status(row["status"]),
        qty=decimal(row["origQty"]),
        filled_qty=decimal(row["executedQty"]),
        reduce_only=truth(row["reduceOnly"]),
        event_time_ms=integer(row["updateTime"]),
        average_price=decimal_or_zero(row.get("avgPrice")),
        price=decimal_or_zero(row.get("price")),
        trigger_price=decimal_or_zero(row.get("stopPrice")),
    )


@guarded
def decode_conditional(body: Any) -> Order:  # noqa: ANN401
    """Return a conditional order from an algoOrder reply.

    Raises:
        MalformedMessage: the reply does not have the documented shape.
    """
    return _conditional(body)


@guarded
def decode_conditionals(body: Any) -> tuple[Order, ...]:  # noqa: ANN401
    """Return the conditional orders of an openAlgoOrders reply, COIN-M rows left out.

    Raises:
        MalformedMessage: the reply does not have the documented shape.
    """
    return tuple(
        _conditional(row)
        for row in rows(body)
        if row.get("algoType", "CONDITIONAL") == "CONDITIONAL"
        and not is_coin_margined(text(row["symbol"]))
    )


def is_bare_acknowledgement(body: object) -> bool:
    """Return True for the short cancel reply that names no order state (`code` "200", a text)."""
    return isinstance(body, dict) and "algoStatus" not in body and str(body.get("code")) == "200"


def _conditional(row: dict[str, Any]) -> Order:
    filled = decimal_or_zero(row.get("actualQty"))
    return Order(
        client_id=text(row["clientAlgoId"]),
        venue_id=str(integer(row["algoId"])),
        symbol=text(row["symbol"]),
        side=order_side(row["side"]),
        order_type=order_type(row["orderType"]),
        status=conditional_status(row["algoStatus"], filled=filled > 0),
        qty=decimal_or_zero(row.get("quantity")),
        filled_qty=filled,
        reduce_only=truth(row["reduceOnly"]) or truth(row.get("closePosition", False)),
        event_time_ms=integer(row["updateTime"]),
        average_price=decimal_or_zero(row.get("actualPrice")),
        price=decimal_or_zero(row.get("price")),
        trigger_price=decimal_or_zero(row.get("triggerPrice")),
        conditional=True,
    )


@guarded
def decode_trades(body: Any, client_ids: dict[str, str]) -> tuple[Fill, ...]:  # noqa: ANN401
    """Return the executions of a userTrades reply, oldest first.

    Args:
        body: the reply; its rows name the venue's order id only.
        client_ids: our ids by the venue's; a missing one becomes "".

    Raises:
        MalformedMessage: the reply does not have the documented shape.
    """
    fills = [_trade(row, client_ids) for row in rows(body)]
    return tuple(sorted(fills, key=lambda fill: (fill.event_time_ms, fill.trade_id)))


@guarded
def trade_order_ids(body: Any) -> tuple[str, ...]:  # noqa: ANN401
    """Return the venue's order ids of a userTrades reply, each once.

    Raises:
        MalformedMessage: the reply does not have the documented shape.
    """
    return tuple(dict.fromkeys(str(integer(row["orderId"])) for row in rows(body)))


def _trade(row: dict[str, Any], client_ids: dict[str, str]) -> Fill:
    venue_id = str(integer(row["orderId"]))
    return Fill(
        symbol=text(row["symbol"]),
        client_id=client_ids.get(venue_id, ""),
        venue_id=venue_id,
        trade_id=integer(row["id"]),
        side=order_side(row["side"]),
        qty=_positive(row["qty"]),
        price=_positive(row["price"]),
        fee=decimal(row["commission"]),
        fee_asset=text(row["commissionAsset"]),
        realised_pnl=decimal(row["realizedPnl"]),
        is_maker=truth(row["maker"]),
        event_time_ms=integer(row["time"]),
    )


def _positive(value: object) -> Decimal:
    number = decimal(value)
    if number <= 0:
        raise ValueError(f"{value!r} must be above 0")
    return number
