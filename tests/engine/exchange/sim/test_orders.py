from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from engine.exchange.sim.orders import Order, parse_order
from engine.exchange.sim.params import Params
from tests.engine.exchange.sim.exchange_builders import START_MS, SYMBOL, refused

LIMIT = {
    "symbol": SYMBOL,
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "2",
    "price": "99.5",
}


def parse(*, dual_side: bool = False, without: str = "", **changes: Any) -> Order:
    raw = {name: value for name, value in {**LIMIT, **changes}.items() if name != without}
    return parse_order(Params(raw), START_MS, dual_side=dual_side)


def test_order_when_parsed_keeps_what_was_asked() -> None:
    order = parse(newClientOrderId="mine", reduceOnly="true", selfTradePreventionMode="NONE")
    assert (order.side, order.qty, order.price) == ("BUY", Decimal(2), Decimal("99.5"))
    assert (order.client_id, order.reduce_only, order.stp_mode) == ("mine", True, "NONE")
    assert order.created_ms == order.updated_ms == START_MS
    assert order.is_open
    assert order.order_id == 0


@pytest.mark.parametrize("name", ["side", "type", "timeInForce", "quantity", "price", "symbol"])
def test_order_when_a_mandatory_parameter_is_missing_is_refused(name: str) -> None:
    assert f"'{name}'" in refused(-1102, parse, without=name).msg


@pytest.mark.parametrize(
    "kind", ["STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"]
)
def test_order_when_conditional_is_sent_to_the_algo_service(kind: str) -> None:
    refused(-4120, parse, type=kind)


def test_market_order_when_it_carries_limit_terms_is_refused() -> None:
    refused(-1106, parse, type="MARKET", without="timeInForce")
    refused(-1106, parse, type="MARKET", without="price")


def test_hedge_order_when_side_is_missing_or_reduce_only_is_sent_is_refused() -> None:
    refused(-4061, parse, dual_side=True)
    refused(-1106, parse, dual_side=True, positionSide="LONG", reduceOnly="false")
    assert parse(dual_side=True, positionSide="LONG").position_side == "LONG"


def test_gtd_order_when_the_date_is_far_enough_keeps_whole_seconds() -> None:
    good_till = START_MS + 601_999
    order = parse(timeInForce="GTD", goodTillDate=str(good_till))
    assert order.good_till_ms == good_till // 1000 * 1000
    refused(-5040, parse, timeInForce="GTD", goodTillDate=str(START_MS + 600_000))
    refused(-1102, parse, timeInForce="GTD")
    assert parse(goodTillDate="5").good_till_ms == 0


def test_average_price_when_filled_in_parts_is_weighted() -> None:
    order = parse()
    assert order.average_price == 0
    order.executed_qty, order.cum_quote = Decimal("1.5"), Decimal(3)
    assert order.average_price == 2
    assert order.remaining_qty == Decimal("0.5")


def test_sign_when_selling_is_negative() -> None:
    assert (parse().sign, parse(side="SELL").sign) == (1, -1)
    assert parse().is_buy
    assert not parse(side="SELL").is_buy
