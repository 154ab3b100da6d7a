"""What the embedded exchange says, in the engine's vocabulary.

The exchange speaks the venue's protocol; its replies and pushes are read here and not by the real
adapter's codec, because research must not load an adapter.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from engine.domain.account import VenuePosition
from engine.domain.events import (
    AccountEvent,
    BalanceChanged,
    FundingPaid,
    OrderChanged,
    OrderFilled,
    PositionReported,
)
from engine.domain.order import Book, Fill, Order, OrderRequest, OrderStatus, OrderType, Side

Body = Mapping[str, Any]

_CONDITIONAL = {"TRIGGERING": OrderStatus.TRIGGERED, "TRIGGERED": OrderStatus.TRIGGERED}
_TYPES = {kind.value: kind for kind in OrderType} | {"LIQUIDATION": OrderType.MARKET}


def params_of(request: OrderRequest) -> dict[str, str]:
    """Return the parameters under which the exchange takes an order."""
    params = {
        "symbol": request.symbol,
        "side": request.side.value,
        "type": request.order_type.value,
        "quantity": f"{request.qty:f}",
    }
    if request.reduce_only:
        params["reduceOnly"] = "true"
    if request.is_conditional:
        params |= {
            "algoType": "CONDITIONAL",
            "clientAlgoId": request.client_id,
            "triggerPrice": f"{request.trigger_price:f}",
            "workingType": "CONTRACT_PRICE",
        }
        return params
    params |= {"newClientOrderId": request.client_id, "newOrderRespType": "RESULT"}
    if request.price is not None and request.time_in_force is not None:
        params |= {"price": f"{request.price:f}", "timeInForce": request.time_in_force.value}
    return params


def order_of(row: Body) -> Order:
    """Return an ordinary order from a reply."""
    return Order(
        client_id=row["clientOrderId"],
        venue_id=str(row["orderId"]),
        symbol=row["symbol"],
        side=Side(row["side"]),
        order_type=_TYPES[row["type"]],
        status=OrderStatus(row["status"]),
        qty=Decimal(row["origQty"]),
        filled_qty=Decimal(row["executedQty"]),
        reduce_only=row["reduceOnly"],
        event_time_ms=row["updateTime"],
        price=Decimal(row["price"]),
    )


def conditional_of(row: Body) -> Order:
    """Return a conditional order from a reply."""
    filled = Decimal(row.get("actualQty") or 0)
    return Order(
        client_id=row["clientAlgoId"],
        venue_id=str(row["algoId"]),
        symbol=row["symbol"],
        side=Side(row["side"]),
        order_type=_TYPES[row["orderType"]],
        status=_conditional_status(row["algoStatus"], filled),
        qty=Decimal(row["quantity"]),
        filled_qty=filled,
        reduce_only=row["reduceOnly"],
        event_time_ms=row["updateTime"],
        trigger_price=Decimal(row["triggerPrice"]),
        conditional=True,
    )


def position_of(row: Body) -> VenuePosition:
    """Return a position from a reply."""
    return VenuePosition(
        symbol=row["symbol"],
        qty=Decimal(row["positionAmt"]),
        entry_price=Decimal(row["entryPrice"]),
        mark_price=Decimal(row["markPrice"]),
    )


def events_of(body: Body, book: Book) -> tuple[AccountEvent, ...]:
    """Return what one push means; kinds that mean nothing to the core give nothing."""
    reader = _READERS.get(body["e"])
    return reader(body, book) if reader else ()


def _order_events(body: Body, book: Book) -> tuple[AccountEvent, ...]:
    row = body["o"]
    order = Order(
        client_id=row["c"],
        venue_id=str(row["i"]),
        symbol=row["s"],
        side=Side(row["S"]),
        order_type=_TYPES[row["o"]],
        status=OrderStatus(row["X"]),
        qty=Decimal(row["q"]),
        filled_qty=Decimal(row["z"]),
        reduce_only=row["R"],
        event_time_ms=body["T"],
        average_price=Decimal(row["ap"]),
        price=Decimal(row["p"]),
    )
    changed = OrderChanged(book, order)
    if not Decimal(row["l"]):
        return (changed,)
    fill = Fill(
        symbol=row["s"],
        client_id=row["c"],
        venue_id=str(row["i"]),
        trade_id=row["t"] or -row["T"],
        side=Side(row["S"]),
        qty=Decimal(row["l"]),
        price=Decimal(row["L"]),
        fee=Decimal(row["n"]),
        fee_asset=row["N"],
        realised_pnl=Decimal(row["rp"]),
        is_maker=row["m"],
        event_time_ms=row["T"],
    )
    return OrderFilled(book, fill), changed


def _conditional_events(body: Body, book: Book) -> tuple[AccountEvent, ...]:
    row = body["o"]
    filled = Decimal(row.get("aq") or 0)
    order = Order(
        client_id=row["caid"],
        venue_id=str(row["aid"]),
        symbol=row["s"],
        side=Side(row["S"]),
        order_type=_TYPES[row["o"]],
        status=_conditional_status(row["X"], filled),
        qty=Decimal(row["q"]),
        filled_qty=filled,
        reduce_only=row["R"],
        event_time_ms=body["T"],
        average_price=Decimal(row.get("ap") or 0),
        trigger_price=Decimal(row["tp"]),
        conditional=True,
        reason=str(row.get("rm") or ""),
    )
    return (OrderChanged(book, order),)


def _account_events(body: Body, book: Book) -> tuple[AccountEvent, ...]:
    account, at_ms = body["a"], body["T"]
    events: list[AccountEvent] = []
    for row in account["B"]:
        if account["m"] == "FUNDING_FEE":
            events.append(FundingPaid(book, account["S"], Decimal(row["bc"]), at_ms))
        events.append(BalanceChanged(book, Decimal(row["wb"]), account["m"], at_ms))
    events += [
        PositionReported(
            book,
            VenuePosition(symbol=row["s"], qty=Decimal(row["pa"]), entry_price=Decimal(row["ep"])),
            at_ms,
        )
        for row in account["P"]
    ]
    return tuple(events)


def _conditional_status(word: str, filled: Decimal) -> OrderStatus:
    if word == "FINISHED":
        return OrderStatus.FILLED if filled else OrderStatus.CANCELED
    return _CONDITIONAL.get(word) or OrderStatus(word)


_READERS = {
    "ORDER_TRADE_UPDATE": _order_events,
    "ALGO_UPDATE": _conditional_events,
    "ACCOUNT_UPDATE": _account_events,
}
