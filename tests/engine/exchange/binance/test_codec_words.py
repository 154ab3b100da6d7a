import pytest

from engine.domain.order import OrderStatus, OrderType, Side
from engine.exchange.binance.codec_words import (
    conditional_status,
    order_side,
    order_status,
    order_type,
)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("NEW", OrderStatus.NEW),
        ("PARTIALLY_FILLED", OrderStatus.PARTIALLY_FILLED),
        ("FILLED", OrderStatus.FILLED),
        ("CANCELED", OrderStatus.CANCELED),
        ("EXPIRED", OrderStatus.EXPIRED),
        ("EXPIRED_IN_MATCH", OrderStatus.EXPIRED),
        ("NEW_INSURANCE", OrderStatus.NEW),
        ("NEW_ADL", OrderStatus.NEW),
    ],
)
def test_order_status_when_documented_is_known(word: str, status: OrderStatus) -> None:
    assert order_status(word) is status


@pytest.mark.parametrize(
    ("word", "filled", "status"),
    [
        ("NEW", False, OrderStatus.NEW),
        ("TRIGGERING", False, OrderStatus.TRIGGERED),
        ("TRIGGERED", False, OrderStatus.TRIGGERED),
        ("FINISHED", True, OrderStatus.FILLED),
        ("FINISHED", False, OrderStatus.CANCELED),
        ("CANCELED", False, OrderStatus.CANCELED),
        ("EXPIRED", False, OrderStatus.EXPIRED),
        ("REJECTED", False, OrderStatus.REJECTED),
    ],
)
def test_conditional_status_when_finished_depends_on_what_was_filled(
    word: str, filled: bool, status: OrderStatus
) -> None:
    assert conditional_status(word, filled=filled) is status


def test_status_when_word_is_new_to_us_is_not_guessed() -> None:
    with pytest.raises(KeyError):
        order_status("SLEEPING")
    with pytest.raises(KeyError):
        conditional_status("SLEEPING", filled=True)


def test_order_type_when_foreign_is_the_nearest_we_know() -> None:
    assert order_type("TRAILING_STOP_MARKET") is OrderType.STOP_MARKET
    assert order_type("TAKE_PROFIT") is OrderType.TAKE_PROFIT_MARKET
    assert order_type("LIQUIDATION") is OrderType.MARKET
    assert order_type("INVENTED_LATER") is OrderType.LIMIT


def test_order_side_when_unknown_refuses() -> None:
    assert order_side("SELL") is Side.SELL
    with pytest.raises(ValueError, match="HOLD"):
        order_side("HOLD")
