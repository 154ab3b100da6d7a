"""The venue's words for order states and types, in ours."""

from engine.domain.order import OrderStatus, OrderType, Side
from engine.exchange.binance.parse import text

_STATUS = {
    "NEW": OrderStatus.NEW,
    "PARTIALLY_FILLED": OrderStatus.PARTIALLY_FILLED,
    "FILLED": OrderStatus.FILLED,
    "CANCELED": OrderStatus.CANCELED,
    "EXPIRED": OrderStatus.EXPIRED,
    "EXPIRED_IN_MATCH": OrderStatus.EXPIRED,
    "REJECTED": OrderStatus.REJECTED,
    # Orders the venue opens itself to liquidate or to deleverage an account.
    "NEW_INSURANCE": OrderStatus.NEW,
    "NEW_ADL": OrderStatus.NEW,
}
_CONDITIONAL_STATUS = {
    "NEW": OrderStatus.NEW,
    "TRIGGERING": OrderStatus.TRIGGERED,
    "TRIGGERED": OrderStatus.TRIGGERED,
    "CANCELED": OrderStatus.CANCELED,
    "EXPIRED": OrderStatus.EXPIRED,
    "REJECTED": OrderStatus.REJECTED,
}
_TYPE = {
    "LIMIT": OrderType.LIMIT,
    "MARKET": OrderType.MARKET,
    "LIQUIDATION": OrderType.MARKET,
    "STOP": OrderType.STOP_MARKET,
    "STOP_MARKET": OrderType.STOP_MARKET,
    "TRAILING_STOP_MARKET": OrderType.STOP_MARKET,
    "TAKE_PROFIT": OrderType.TAKE_PROFIT_MARKET,
    "TAKE_PROFIT_MARKET": OrderType.TAKE_PROFIT_MARKET,
}


def order_status(word: object) -> OrderStatus:
    """Return the status of an ordinary order.

    Raises:
        KeyError: a word the venue has not documented.
    """
    return _STATUS[text(word)]


def conditional_status(word: object, *, filled: bool) -> OrderStatus:
    """Return the status of a conditional order; `filled` decides what FINISHED means.

    Raises:
        KeyError: a word the venue has not documented.
    """
    if word == "FINISHED":
        return OrderStatus.FILLED if filled else OrderStatus.CANCELED
    return _CONDITIONAL_STATUS[text(word)]


def order_type(word: object) -> OrderType:
    """Return the nearest of the types we know.

    Only foreign orders have other types than ours; they are shown, never managed, so that one
    manual order of a kind unknown to us must not make a whole snapshot unreadable.
    """
    return _TYPE.get(text(word), OrderType.LIMIT)


def order_side(word: object) -> Side:
    """Return the side.

    Raises:
        ValueError: neither BUY nor SELL.
    """
    return Side(text(word))
